"""Photos in a folder at a URL: each is an object of its own."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from render.errors import MissingPhotoError, PhotoError
from render.files.image_names import EXTENSIONS
from render.files.stores.explain import explain_store_error
from render.files.stores.open import open_store
from render.files.stores.ranged import date_object
from render.files.stores.urls import StoreUrl
from render.photos.open_files import LARGEST_FILE_BYTES
from render.photos.stored.archives import MOST_SHOWN
from render.photos.stored.members import MOST_MEMBERS
from render.types.sheets import StoredPhoto

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# Whoever asks for more names whether they are there asks for those of a whole data set, and a list of a
# thousand takes no longer than asking for one.
_MOST_ASKED = 64


class ObjectFolder:
    """A folder of photos at a URL. It is listed where the order of its photos is asked for, or what is there.

    Args:
        url: Of the folder.
        store: Of it, where it is open already.

    Raises:
        StoreError: It cannot be opened.
    """

    is_remote = True
    local_paths: Sequence[Path] = ()

    def __init__(self, url: StoreUrl, store: ObjectStore | None = None) -> None:
        self._url = url
        self._store = open_store(url) if store is None else store
        self._lock = threading.Lock()
        self._asked = 0
        self._sizes: dict[str, int] | None = None

    def __str__(self) -> str:
        return str(self._url)

    def find(self, name: str) -> StoredPhoto:
        """The object of a name; see `PhotoStore`."""
        return StoredPhoto(str(self._url), name)

    def has(self, name: str) -> bool:
        """Whether there is an object of a name; see `PhotoStore`."""
        with self._lock:
            self._asked += 1
            if self._asked == _MOST_ASKED and self._url.scheme not in ("https", "http"):
                self._sizes = self._list_sizes()
            if self._sizes is not None:
                return self._sizes.get(name, 0) > 0
        try:
            return self.look(self.find(name))[0] > 0
        except PhotoError:
            return False

    def _list_sizes(self) -> dict[str, int] | None:
        """How long each object is; None where they cannot be listed, or are too many."""
        import obstore

        sizes: dict[str, int] = {}
        try:
            for page in obstore.list(self._store):
                sizes |= {one["path"]: one["size"] for one in page}
                if len(sizes) > MOST_MEMBERS:
                    return None
        # What is there can be asked for one by one.
        except (obstore.exceptions.BaseError, OSError):
            return None
        return sizes

    def list_photos(self, folder: str = "") -> list[str]:
        """Names of the photos in a folder; see `PhotoStore`."""
        import obstore

        if self._url.scheme in ("https", "http"):
            raise PhotoError(
                f"{self._url}: a web server does not list its files, and their order is needed here. Fetch "
                f"the folder, or name its archive."
            )
        start = f"{folder}/" if folder else ""
        with _explained(self._url.join(folder) if folder else self._url):
            found = obstore.list_with_delimiter(self._store, start or None)["objects"]
        if len(found) > MOST_MEMBERS:
            raise PhotoError(f"{self._url}: expected at most {MOST_MEMBERS:,} photos, found more.")
        names = [one["path"].rpartition("/")[2] for one in found]
        return sorted(name for name in names if os.path.splitext(name)[1].lower() in EXTENSIONS)

    def list_like(self, name: str) -> list[str]:
        """None: the folder is not listed for it."""
        return []

    def show_some(self) -> list[str]:
        """The first few names; see `PhotoStore`."""
        import obstore

        if self._url.scheme in ("https", "http"):
            return []
        with _explained(self._url):
            pages = obstore.list(self._store, chunk_size=MOST_SHOWN)
            return [one["path"] for one in next(iter(pages), [])][:MOST_SHOWN]

    def look(self, photo: StoredPhoto) -> tuple[int, int]:
        """An object's length and date; see `PhotoStore`."""
        import obstore

        with _explained(self._url.join(photo.name)):
            meta = obstore.head(self._store, photo.name)
        return meta["size"], date_object(meta)

    def read(self, photo: StoredPhoto) -> tuple[bytes, int]:
        """The content of an object; see `PhotoStore`."""
        import obstore

        with _explained(self._url.join(photo.name)):
            # What comes behind the headers is asked for only then.
            answer = obstore.get(self._store, photo.name)
            size = answer.meta["size"]
            if size == 0:
                raise PhotoError(f"{photo}: the photo is empty (0 bytes). Upload it again.")
            if size > LARGEST_FILE_BYTES:
                raise PhotoError(
                    f"{photo}: expected a photo of at most {LARGEST_FILE_BYTES >> 20} MiB, found "
                    f"{size >> 20:,} MiB. Scale it down or leave it out."
                )
            return bytes(answer.bytes()), date_object(answer.meta)

    def open(self, photo: StoredPhoto) -> BinaryIO:
        """An object as a file; see `PhotoStore`."""
        return io.BytesIO(self.read(photo)[0])

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def _explained(url: StoreUrl) -> Iterator[None]:
    """Says what obstore's errors mean."""
    import obstore

    try:
        yield
    except FileNotFoundError as error:
        raise MissingPhotoError(
            f"{url}: there is no such photo. Set dataset.image_dir to the folder that holds it, or "
            f"dataset.rename_images."
        ) from error
    except (obstore.exceptions.BaseError, OSError, ValueError) as error:
        raise PhotoError(explain_store_error(url, error)) from None
