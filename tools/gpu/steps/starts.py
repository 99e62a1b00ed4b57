"""From the start of the program to its first file, kernels being there, and where none is compiled."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.end_to_end import time_starts
from benchmarks.results import REPOSITORY, spread
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words


def main(words: list[str] | None = None) -> None:
    """Notes both. A dry run leaves the second out, which takes minutes on a small machine."""
    given = read_words(words=words)
    notes = Notes(given.notes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm = spread(time_starts(folder))
        notes.add("first_file_s", warm, f"{warm['median']:.1f} s to the first file")
        if given.dry_run:
            return
        command = [
            sys.executable,
            "-m",
            "render",
            f"dataset.root={folder / 'demo'}",
            f"output.dir={folder / 'cold'}",
        ]
        environment = os.environ | {"WARP_CACHE_PATH": str(folder / "kernels")}
        began = time.monotonic()
        subprocess.run([*command, f"device={given.device}"], cwd=REPOSITORY, env=environment, check=True)
        seconds = time.monotonic() - began
        notes.add(
            "nothing_compiled_s", seconds, f"{seconds:.1f} s for the demo set where no kernel is compiled"
        )


if __name__ == "__main__":
    main()
