"""How each picture of the README and the documentation is made, as docs/pictures.yaml declares it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"
DECLARED = ROOT / "docs" / "pictures.yaml"


@dataclass(frozen=True)
class Picture:
    """A picture, the commands that draw it, and what becomes of what they drew.

    Args:
        name: Of the file in docs/pictures.
        run: Commands, from the root of the repository.
        take: What they write: the picture, a clip, or a page that is then photographed.
        width: In pixels, to which it is made smaller; without it the file is taken as it is.
        height: In pixels, where it is cut off.
        quality: Of JPEG and WebP.
        window: Of a page: the browser's window, such as 1400x900.
        drags: Of a page: by how much the pointer drags, as right,down in pixels; each adds what is then seen.
        quick: Whether every run of the tests draws it again, and not only `make docs-check`.
    """

    name: str
    run: list[str]
    take: str
    width: int | None = None
    height: int | None = None
    quality: int = 80
    window: str | None = None
    drags: list[str] = field(default_factory=list)
    quick: bool = False


def read_pictures(path: Path = DECLARED) -> list[Picture]:
    """The pictures in the order in which they are made.

    Raises:
        TypeError: One of them has a key that no picture has, or lacks one.
    """
    return [Picture(name, **how) for name, how in yaml.safe_load(path.read_text()).items()]
