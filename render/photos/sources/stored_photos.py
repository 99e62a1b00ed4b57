"""Photos of archives and URLs as a dataset's photos."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from render.errors import PhotoError, StoreError
from render.files.digest import FileId, hash_bytes, identify
from render.files.image_names import image_name_fault
from render.photos.decode import Decoded, decode_photo
from render.photos.files import PhotoFile, read_opened_size
from render.photos.rename_advice import find_renames, write_settings
from render.photos.renames import rename_image
from render.photos.stored.store import PhotoStore
from render.types.sheets import Photo, StoredPhoto

# Of photos that came over a network for their size, and wait there to be drawn over.
MOST_KEPT_BYTES = 256 << 20


class StoredPhotos:
    """The photos of archives, or of a folder at a URL.

    What comes over a network is asked for once: whoever asks for the size of a photo brings all of it, and it
    waits there to be drawn over.

    Args:
        store: What holds them.
        renames: What is replaced in image names, so that they become names of photos.
        ignores_exif: Whether photos are read without their EXIF orientation applied.

    Attributes:
        ignores_exif: As given.
        is_remote: As the store has it.
    """

    has_photos = True

    def __init__(
        self, store: PhotoStore, renames: Mapping[str, str] | None = None, ignores_exif: bool = False
    ) -> None:
        self.ignores_exif = ignores_exif
        self.is_remote = store.is_remote
        self._store = store
        self._renames = dict(renames or {})
        self._lock = threading.Lock()
        self._kept: OrderedDict[StoredPhoto, tuple[bytes, int]] = OrderedDict()
        self._kept_bytes = 0

    def find(self, image_name: str) -> StoredPhoto:
        """The photo of an image, which need not exist.

        Args:
            image_name: As in the fit file.

        Raises:
            PhotoError: It cannot be one of a photo, or is one of several.
        """
        return self.find_file(self.name_file(image_name))

    def name_file(self, image_name: str) -> str:
        """The name of an image's photo."""
        return rename_image(image_name, self._renames)

    def find_file(self, name: str) -> StoredPhoto:
        """The photo of a name that `name_file` or `list_frames` gives; it raises what `find` does."""
        fault = image_name_fault(name)
        if fault is not None:
            raise PhotoError(f"{self._store}: expected the name of a photo, found {fault} in {name[:100]!r}.")
        return self._store.find(name)

    def has(self, image_name: str) -> bool:
        """Whether an image has a photo, which is not empty."""
        try:
            return self._store.has(self.find(image_name).name)
        except PhotoError:
            return False

    def advise(self, image_name: str) -> str | None:
        """What is there instead of an image's photo, and the setting that finds it.

        Args:
            image_name: Of a photo that is not there.
        """
        try:
            wanted = self.name_file(image_name)
            near = next(iter(self._store.list_like(wanted)), None)
            some = [] if near else self._store.show_some()
        except PhotoError:
            return None
        if near is None:
            return f"but others are, such as {', '.join(some)}" if some else None
        renames = find_renames(image_name, wanted, near, self._renames)
        settings = None if renames is None else write_settings(None, renames)
        to_do = "Change dataset.rename_images" if settings is None else f"Set {settings}"
        return f"but {near} is there. {to_do}"

    def read_size(self, photo: Photo) -> tuple[int, int]:
        """The height and width of a photo in px, from its header alone.

        Args:
            photo: As `find` found it.

        Raises:
            MissingPhotoError: There is none.
            PhotoError: It is no picture, over the limits, or cannot be reached.
        """
        assert isinstance(photo, StoredPhoto)
        if self.is_remote:
            content, modified_ns = self._keep(photo)
            return PhotoFile(photo, content, modified_ns, self.ignores_exif).read_header().hw
        try:
            with self._store.open(photo) as file:
                return read_opened_size(photo, file, self.ignores_exif)
        # Of the archive, while its parts are read.
        except StoreError as error:
            raise PhotoError(f"{photo}: it cannot be read: {error}") from error

    def read(self, photo: Photo) -> tuple[Decoded, FileId, int]:
        """A photo's pixels, what it is known by, and what tells that it has changed.

        Args:
            photo: As `find` found it.

        Raises:
            PhotoError: It cannot be read.
        """
        file = self.read_file(photo)
        return decode_photo(file), identify(file.content), file.modified_ns

    def read_file(self, photo: Photo) -> PhotoFile:
        """A photo as it is encoded; it raises what `read` does."""
        assert isinstance(photo, StoredPhoto)
        content, modified_ns = self._take(photo) or self._store.read(photo)
        return PhotoFile(photo, content, modified_ns, self.ignores_exif)

    def look(self, photo: Photo) -> tuple[int, int]:
        """Length and date of a photo, as the store has them; see `PhotoSource`."""
        assert isinstance(photo, StoredPhoto)
        return self._store.look(photo)

    def hash(self, photo: Photo) -> str:
        """The hash of a photo's content; see `PhotoSource`."""
        assert isinstance(photo, StoredPhoto)
        return hash_bytes(self._store.read(photo)[0])

    def close(self) -> None:
        """Forgets what waits to be drawn over, and closes the store."""
        with self._lock:
            self._kept.clear()
            self._kept_bytes = 0
        self._store.close()

    def list_frames(self, folder: str = "") -> list[str]:
        """The photos of a folder as the frames of a sequence, in the order of their names.

        Args:
            folder: Below that of all photos, as in image names; nothing for that itself.

        Raises:
            PhotoError: It cannot be listed.
        """
        return [f"{folder}/{name}" if folder else name for name in self._store.list_photos(folder)]

    def _keep(self, photo: StoredPhoto) -> tuple[bytes, int]:
        """What a photo is, which waits from here on to be drawn over."""
        with self._lock:
            kept = self._kept.get(photo)
        if kept is not None:
            return kept
        read = self._store.read(photo)
        with self._lock:
            if photo not in self._kept:
                self._kept[photo] = read
                self._kept_bytes += len(read[0])
            # The oldest go first, and are read again when they are drawn over.
            while self._kept_bytes > MOST_KEPT_BYTES:
                _, (dropped, _) = self._kept.popitem(last=False)
                self._kept_bytes -= len(dropped)
        return read

    def _take(self, photo: StoredPhoto) -> tuple[bytes, int] | None:
        with self._lock:
            taken = self._kept.pop(photo, None)
            self._kept_bytes -= 0 if taken is None else len(taken[0])
            return taken
