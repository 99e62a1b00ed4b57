"""No photos: fits of motion capture have none."""

from __future__ import annotations

from render.errors import PhotoError
from render.files.digest import FileId
from render.photos.decode import Decoded
from render.types.sheets import Photo

# What stands for the size of a photo: VGA, as a picture that nobody took.
BLANK_HW = (480, 640)


class NoPhotos:
    """A source of photos that has none, and misses none.

    Args:
        ignores_exif: As the fits have it, although nothing depends on it.
    """

    has_photos = False
    is_remote = False

    def __init__(self, ignores_exif: bool = False) -> None:
        self.ignores_exif = ignores_exif

    def find(self, image_name: str) -> None:
        """Nothing, of any image."""

    def name_file(self, image_name: str) -> str:
        """The name itself."""
        return image_name

    def find_file(self, name: str) -> None:
        """Nothing, of any name."""

    def has(self, image_name: str) -> bool:
        """Never."""
        return False

    def advise(self, image_name: str) -> None:
        """Nothing."""

    def read_size(self, photo: Photo) -> tuple[int, int]:
        """Refuses what nobody found."""
        raise PhotoError(f"{photo}: there are no photos with dataset.image_dir=null")

    def read(self, photo: Photo) -> tuple[Decoded, FileId, int]:
        """Refuses what nobody found."""
        raise PhotoError(f"{photo}: there are no photos with dataset.image_dir=null")

    def read_file(self, photo: Photo) -> None:
        """None: there are no photos."""

    def look(self, photo: Photo) -> tuple[int, int]:
        """Refuses what nobody found."""
        raise PhotoError(f"{photo}: there are no photos with dataset.image_dir=null")

    def hash(self, photo: Photo) -> str:
        """Refuses what nobody found."""
        raise PhotoError(f"{photo}: there are no photos with dataset.image_dir=null")

    def close(self) -> None:
        """Nothing is open."""

    def list_frames(self, folder: str = "") -> list[str]:
        """None."""
        return []
