"""Our rasterizer beside PyTorch3D's, where it is installed, by the project's own benchmark."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

from benchmarks.results import REPOSITORY, RESULTS_DIR
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words


def main(words: list[str] | None = None) -> None:
    """Runs the benchmark, and notes what it wrote."""
    given = read_words(words=words)
    notes = Notes(given.notes)
    if find_spec("pytorch3d") is None:
        notes.add("pytorch3d", None, "PyTorch3D is not installed here")
        return
    command = [
        sys.executable,
        "-m",
        "benchmarks.raster",
        "--peers",
        f"--device={given.device}",
        "--repeats=8",
    ]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    found = json.loads((RESULTS_DIR / "raster_peers.json").read_text())
    for case in found["cases"]:
        size = "{}x{}".format(*case["panel_px"])
        line = (
            f"{size}, {case['bodies']} a batch: PyTorch3D takes {case['ratio_of_medians']:.1f} times as long"
        )
        notes.add(f"{size}, {case['bodies']}", case, line)


if __name__ == "__main__":
    main()
