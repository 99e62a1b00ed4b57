"""What a browser makes of a file, told by the end of its name."""

from __future__ import annotations

from typing import Literal

Kind = Literal["picture", "video", "other"]

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_VIDEOS = (".mp4",)
# Of a product that is one file.
_PLAIN = "sheet"


def find_kind(suffix: str) -> Kind:
    """Whether it is a picture, a video or something that no browser shows.

    Args:
        suffix: What follows the key of a product in the file's name, such as `.depth.png`.
    """
    if suffix.endswith(_PICTURES):
        return "picture"
    return "video" if suffix.endswith(_VIDEOS) else "other"


def name_layer(suffix: str) -> str:
    """What a file of a product is called beside the others: `depth` of `.depth.png`.

    Args:
        suffix: As `find_kind` takes it.
    """
    inner, _, extension = suffix.strip(".").rpartition(".")
    return inner or (_PLAIN if find_kind(suffix) != "other" else extension)


def order_suffix(suffix: str) -> tuple[int, str]:
    """A key to sort the files of a product: pictures first, then videos, then all that is not shown."""
    return ("picture", "video", "other").index(find_kind(suffix)), suffix
