"""The frames of a video as a dataset's photos."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from render.errors import PhotoError
from render.files.digest import FileId
from render.files.image_names import EXTENSIONS
from render.fits.image_paths import name_video_frame
from render.photos.decode import Decoded
from render.photos.renames import rename_image
from render.photos.videos.reader import VideoReader, open_video
from render.types.sheets import Photo, VideoFrame

# No video has more frames than nine digits tell.
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_LAST_NUMBER = re.compile(r"(?:.*[^0-9])?([0-9]{1,9})", re.ASCII | re.DOTALL)


class VideoFrames:
    """A video whose frames are photos, called 000000, 000001, ... in the order in which they are shown.

    Two kinds of image names are understood. A number alone is that of the frame, from 0 on. A name that ends
    with a number and the extension of a photo, such as `000001.png` or `img/frame_0001.jpg`, is of a file
    that was extracted from the video, and these are counted from 1 on, as ffmpeg does: it is frame 0.

    Args:
        path: Of the video.
        renames: What is replaced in image names.

    Attributes:
        ignores_exif: False: frames are turned as the video says, for all that fits are made with does so.
        video: The video, open.

    Raises:
        PhotoError: It is no video, or cannot be read.
    """

    has_photos = True
    is_remote = False

    def __init__(self, path: Path, renames: Mapping[str, str] | None = None) -> None:
        self.ignores_exif = False
        self._path = path
        self._renames = dict(renames or {})
        self.video: VideoReader = open_video(path)

    def find(self, image_name: str) -> VideoFrame:
        """The frame of an image, which need not exist.

        Args:
            image_name: As in the fit file.

        Raises:
            PhotoError: The name is not that of a frame.
        """
        name = rename_image(image_name, self._renames)
        if _NUMBER.fullmatch(name):
            return VideoFrame(self._path, int(name))
        file = PurePosixPath(name)
        found = _LAST_NUMBER.fullmatch(file.stem) if file.suffix.lower() in EXTENSIONS else None
        if found is None:
            raise PhotoError(
                f"{self._path}: expected image names that are numbers of frames, such as 000000, found "
                f"{name}. Set dataset.image_dir to the folder of this photo, or dataset.rename_images."
            )
        number = int(found[1]) - 1
        if number < 0:
            raise PhotoError(
                f"{self._path}: files of frames are counted from 1, found {name}. Where they are counted "
                f"from 0, take their extension away: dataset.rename_images='{{{file.suffix}: \"\"}}'"
            )
        return VideoFrame(self._path, number)

    def name_file(self, image_name: str) -> str:
        """The name of an image's frame; it raises what `find` does."""
        return name_video_frame(self.find(image_name).number)

    def find_file(self, name: str) -> VideoFrame:
        """The frame of a name that `name_file` or `list_frames` gives."""
        return VideoFrame(self._path, int(name))

    def has(self, image_name: str) -> bool:
        """Whether the video has the frame of an image."""
        try:
            self.video.check(self.find(image_name).number)
        except PhotoError:
            return False
        return True

    def advise(self, image_name: str) -> None:
        """Nothing: why there is no such frame is said by `read_size`."""

    def read_size(self, photo: Photo) -> tuple[int, int]:
        """The height and width of a frame in px.

        Args:
            photo: As `find` found it.

        Raises:
            PhotoError: The video has no such frame.
        """
        assert isinstance(photo, VideoFrame)
        self.video.check(photo.number)
        return self.video.info.height, self.video.info.width

    def read(self, photo: Photo) -> tuple[Decoded, FileId, int]:
        """A frame's pixels, what the video is known by, and the time of its last change, in nanoseconds.

        Args:
            photo: As `find` found it.

        Raises:
            PhotoError: The frame cannot be read, or the video has changed.
        """
        assert isinstance(photo, VideoFrame)
        return self.video.decode(photo.number), self.video.identify(), self.video.modified_ns

    def read_file(self, photo: Photo) -> None:
        """None: a frame is part of a video."""

    def look(self, photo: Photo) -> tuple[int, int]:
        """The length of the video, and the time of its last change."""
        return self.video.look()

    def hash(self, photo: Photo) -> str:
        """The hash of the video, which is found once for all of its frames.

        Raises:
            PhotoError: It has changed since it was opened, or cannot be read.
        """
        return self.video.identify().sha256

    def close(self) -> None:
        """Closes the video; what is read later opens it again."""
        self.video.close()

    def list_frames(self, folder: str = "") -> list[str]:
        """The image names of all frames, in their order.

        Args:
            folder: Not looked at: a video is one sequence.
        """
        return [name_video_frame(number) for number in range(self.video.info.frame_count)]
