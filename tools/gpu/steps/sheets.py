"""One run from files to files; the first also the floor, which is the codecs alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.child import run_child
from benchmarks.coco_like import make_coco_like
from benchmarks.end_to_end import overlay_settings
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words


def hide_codec(folder: Path) -> dict[str, str]:
    """What keeps a process from finding nvImageCodec, whoever has installed it: all else draws on the GPU.

    Args:
        folder: Where a package of nothing may be made that is found first.
    """
    package = folder / "no_codec" / "nvidia" / "__init__.py"
    package.parent.mkdir(parents=True, exist_ok=True)
    package.touch()
    paths = [str(folder / "no_codec"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def main(words: list[str] | None = None) -> None:
    """Notes sheets a second, and milliseconds a sheet by stage."""
    given = read_words("workspace", "sheets", "name", "settings*", words=words)
    notes, folder, count = Notes(given.notes), Path(given.workspace), int(given.sheets)
    # It is there already; this finds it.
    data = make_coco_like(folder / "set", count)
    output_dir = folder / "sheets"
    shutil.rmtree(output_dir, ignore_errors=True)
    environment = hide_codec(folder) if given.name == "encoded_on_cpu" else None
    run = run_child("render", overlay_settings(data, output_dir, *given.settings), environment)
    rate = run["pictures"] / run["seconds"]
    stages = {stage: 1000 * spent / run["pictures"] for stage, spent in run["stage_seconds"].items()}
    found = {
        "settings": given.settings,
        "sheets": run["pictures"],
        "sheets_per_s": rate,
        "peak_mb": run["peak_mb"],
    }
    notes.add(
        "run",
        found | {"stage_ms_per_sheet": stages},
        f"{rate:.1f} sheets/s: {given.name} {' '.join(given.settings)}",
    )
    if given.name == "threads":
        threads = next(int(one.partition("=")[2]) for one in given.settings if one.startswith("threads="))
        words_of_floor = {
            "image_dir": str(data.image_dir),
            "sheet_dir": str(output_dir),
            "count": count,
            "threads": threads,
        }
        floor = run_child("floor", words_of_floor)
        floor_rate = floor["pictures"] / floor["seconds"]
        notes.add("floor_sheets_per_s", floor_rate, f"{floor_rate:.1f} sheets/s: the CPU's codecs alone")


if __name__ == "__main__":
    main()
