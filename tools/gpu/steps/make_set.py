"""Makes the photos and fits of the runs from files to files."""

from __future__ import annotations

from pathlib import Path

from benchmarks.coco_like import make_coco_like
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words


def main(words: list[str] | None = None) -> None:
    """Makes as many as the command line says."""
    given = read_words("workspace", "sheets", words=words)
    data = make_coco_like(Path(given.workspace) / "set", int(given.sheets))
    Notes(given.notes).add(
        "photo_bytes", data.photo_bytes, f"{given.sheets} people, photos of {data.photo_bytes:.0f} bytes"
    )


if __name__ == "__main__":
    main()
