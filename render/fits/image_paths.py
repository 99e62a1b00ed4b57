"""Which photo a fit is of, where its file holds a path of another machine, or no name at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

from render.files.image_names import EXTENSIONS, LONGEST_BYTES, image_name_fault

# Of a path, counted from its end: no data set has more folders in one another.
MOST_PARTS = 16


@runtime_checkable
class PhotoNames(Protocol):
    """Photos that lie in no folder of the disk, as readers of fits ask for them."""

    def has(self, name: str) -> bool:
        """Whether there is a photo of a name."""

    def list_photos(self, folder: str = "") -> list[str]:
        """Names of the photos in a folder, in their order; those in folders below it are left out."""


# Where photos are: a folder, a video, what holds photos that are no files, or nowhere.
ImageDir = Path | PhotoNames | None

_LAST_NUMBER = re.compile(r"[0-9]{1,9}$")


def relative_name(path: str, image_dir: ImageDir) -> str:
    """The name below the image folder of a photo whose path is of somebody's machine.

    Args:
        path: As a fit file has it: absolute or relative, of Linux or of Windows.
        image_dir: The folder of the photos, where it is known.

    Returns:
        The longest tail of the path that is a file below `image_dir`. Where none is: the path itself if it is
        a name below a folder, so that what is said of the missing photo is what the file says; else its
        last part.
    """
    if len(path) > LONGEST_BYTES:
        return path
    parts = path.replace("\\", "/").split("/")
    if image_dir is not None:
        for first in range(max(0, len(parts) - MOST_PARTS), len(parts)):
            tail = "/".join(parts[first:])
            if image_name_fault(tail) is None and _has_photo(image_dir, tail):
                return tail
    return path if image_name_fault(path) is None else parts[-1]


def find_images(stems: Iterable[str], image_dir: ImageDir) -> list[str]:
    """The photos that files without an image's name are of, told from the names of the files.

    `street_0.npz` and `street_1.npz` are of two people of `street.jpg`: a file is of the photo with the
    longest name that the file's begins with. What follows is no letter and no digit, or `street1.jpg`
    would have the people of `street10.jpg`.

    Args:
        stems: Names of the files, without folder and extension.
        image_dir: The folder of the photos, where it is known; those in folders below it are not looked at.

    Returns:
        For each file the name of its photo; the file's own stem where there is none, so that what is said of
        the missing photo is what was looked for.
    """
    names = _list_images(image_dir)
    return [_find_image(stem, names) for stem in stems]


def name_frames(frames: Iterable[int], image_dir: ImageDir) -> list[str]:
    """The photos of frames of a sequence, of which a file holds only the numbers.

    Frame i is the i-th photo of the folder in the order of names, from 0 on, as VIBE and its successors count
    what ffmpeg wrote for them.

    Args:
        frames: Their numbers.
        image_dir: The folder of the photos, where it is known; those in folders below it are not looked at.

    Returns:
        For each frame the name of its photo; where there is none the one that ffmpeg would write, such as
        `000001.png` for frame 0. Where the folder is a video: its own frame i, such as `000000`.
    """
    if is_video(image_dir):
        return [name_video_frame(frame) for frame in frames]
    names = list_photos(image_dir)
    return [names[frame] if 0 <= frame < len(names) else f"{frame + 1:06d}.png" for frame in frames]


def find_numbered(numbers: Iterable[int], image_dir: ImageDir) -> list[str]:
    """The photos of a sequence whose files are called by the same numbers as those of its fits.

    Args:
        numbers: Such as 7 for `00007.json`, which is of `7.png` and of `frame_0007.jpg`.
        image_dir: The folder of the photos, where it is known; those in folders below it are not looked at.

    Returns:
        For each number the first photo by name that ends with it; where there is none the one that ffmpeg
        would write, such as `000007.png`. Where the folder is a video: its frame of that number, from 0 on.
    """
    if is_video(image_dir):
        return [name_video_frame(number) for number in numbers]
    names: dict[int, str] = {}
    for name in list_photos(image_dir):
        number = _LAST_NUMBER.search(os.path.splitext(name)[0])
        if number is not None:
            names.setdefault(int(number[0]), name)
    return [names.get(number, f"{number:06d}.png") for number in numbers]


def is_video(image_dir: ImageDir) -> bool:
    """Whether what is named as the folder of photos is a file, which then is a video, whatever its name."""
    return isinstance(image_dir, Path) and os.path.isfile(image_dir)


def _has_photo(image_dir: Path | PhotoNames, name: str) -> bool:
    return os.path.isfile(image_dir / name) if isinstance(image_dir, Path) else image_dir.has(name)


def name_video_frame(number: int) -> str:
    """The image name of a frame of a video.

    Args:
        number: From 0 on, in the order in which frames are shown.
    """
    return f"{number:06d}"


def _find_image(stem: str, names: dict[str, str]) -> str:
    # No photo's name is longer, and a stranger's file may hold names of megabytes.
    for end in range(min(len(stem), LONGEST_BYTES), 0, -1):
        if stem[:end] in names and not stem[end : end + 1].isalnum():
            return names[stem[:end]]
    return stem


def _list_images(image_dir: ImageDir) -> dict[str, str]:
    """Names of photos by their stems; of two with one stem the first by name."""
    return {os.path.splitext(name)[0]: name for name in reversed(list_photos(image_dir))}


def list_photos(image_dir: ImageDir) -> list[str]:
    """Names of the photos in a folder, in the order in which frames of a sequence are counted: that of names.

    Args:
        image_dir: The folder; those in folders below it are not looked at.
    """
    if image_dir is not None and not isinstance(image_dir, Path):
        return image_dir.list_photos()
    try:
        found = [] if image_dir is None else sorted(os.listdir(image_dir))
    # What is wrong with the folder is said by what reads photos of it.
    except OSError:
        found = []
    return [name for name in found if os.path.splitext(name)[1].lower() in EXTENSIONS]
