"""What a source of photos is, and which one a setting names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from render.files.digest import FileId
from render.fits.image_paths import is_video
from render.photos.decode import Decoded
from render.photos.files import PhotoFile
from render.photos.folder import PhotoDir
from render.photos.sources.no_photos import NoPhotos
from render.photos.sources.stored_photos import StoredPhotos
from render.photos.sources.video_frames import VideoFrames
from render.photos.stored.store import PhotoStore
from render.types.sheets import Photo


class PhotoSource(Protocol):
    """A folder of photos, a video with its frames, archives, a folder at a URL, or no photos at all.

    Attributes:
        ignores_exif: Whether photos are read without their EXIF orientation applied.
        has_photos: Whether there is a photo behind each image name; else `find` finds None.
        is_remote: Whether each photo is waited for, as over a network; many are then asked for together.
    """

    ignores_exif: bool
    has_photos: bool
    is_remote: bool

    def find(self, image_name: str) -> Photo | None:
        """The photo of an image, which need not exist.

        Args:
            image_name: As in the fit file.

        Raises:
            PhotoError: The name cannot be one of a photo.
        """

    def name_file(self, image_name: str) -> str:
        """What an image's photo is called among those of `list_frames`; it raises what `find` does.

        Args:
            image_name: As in the fit file.
        """

    def find_file(self, name: str) -> Photo | None:
        """The photo of such a name, which need not exist; it raises what `find` does.

        Args:
            name: As `name_file` or `list_frames` gives it.
        """

    def has(self, image_name: str) -> bool:
        """Whether an image has a photo that can be looked for."""

    def advise(self, image_name: str) -> str | None:
        """What is there instead of an image's photo: the end of a sentence and the next one."""

    def read_size(self, photo: Photo) -> tuple[int, int]:
        """The height and width of a photo in px.

        Args:
            photo: As `find` found it.

        Raises:
            MissingPhotoError: There is none.
            PhotoError: It cannot be read.
        """

    def read(self, photo: Photo) -> tuple[Decoded, FileId, int]:
        """A photo's pixels, its file, and the time of that file's last change, as `look` gives it.

        Args:
            photo: As `find` found it.

        Raises:
            PhotoError: It cannot be read.
        """

    def read_file(self, photo: Photo) -> PhotoFile | None:
        """A photo as it is encoded; None where it is none of its own, as frames of videos.

        Args:
            photo: As `find` found it.

        Raises:
            PhotoError: It cannot be read.
        """

    def look(self, photo: Photo) -> tuple[int, int]:
        """A photo's length in bytes and the time of its last change, without reading it.

        The time is in nanoseconds where the photo is a file; of a frame it is that of the video, of a member
        of a tar that of the tar. Where something better tells changes it is a number of that: the CRC-32 of
        a member of a zip, a hash of the tag of an object in a store.

        Args:
            photo: As `find` found it.

        Raises:
            MissingPhotoError: There is none.
            PhotoError: It cannot be looked at.
        """

    def hash(self, photo: Photo) -> str:
        """The SHA-256 of a photo's content in hexadecimal digits; of a frame that of the video.

        Args:
            photo: As `find` found it.

        Raises:
            PhotoError: It cannot be read.
        """

    def close(self) -> None:
        """Closes what is open; what is read later opens it again."""

    def list_frames(self, folder: str = "") -> list[str]:
        """The image names of a sequence's frames, in their order.

        Args:
            folder: Of the sequence, below that of all photos; a video is one sequence.
        """


def open_photo_source(
    image_dir: Path | PhotoStore | None, renames: Mapping[str, str] | None = None, ignores_exif: bool = False
) -> PhotoSource:
    """The photos that are named by a setting.

    Args:
        image_dir: A folder of photos, a video, which is told by its being a file, what `open_image_dir` has
            opened, or None.
        renames: What is replaced in image names.
        ignores_exif: Whether photos are read without their EXIF orientation applied; frames of videos have
            none, and are always turned as the video says.

    Raises:
        PhotoError: It is a file and no video, or one that cannot be read.
    """
    if image_dir is None:
        return NoPhotos(ignores_exif)
    if not isinstance(image_dir, Path):
        return StoredPhotos(image_dir, renames, ignores_exif)
    if is_video(image_dir):
        return VideoFrames(image_dir, renames)
    return PhotoDir(image_dir, renames, ignores_exif)
