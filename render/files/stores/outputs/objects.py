"""Objects below one URL: written, read, listed and removed, with words for what fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TypeVar

from render.errors import OutputError, SheetError
from render.files.stores.explain import explain_store_error
from render.files.stores.urls import StoreUrl

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# What tells an object from what it was before: e-tag or generation, as the store has it.
Version = dict[str, str]

# S3's limit, and Google's; Azure's is counted in characters.
LONGEST_KEY_BYTES = 1024
# What is larger goes in parts of that size, so many at once: one tar takes 64 MiB of memory on its way, and a
# part that fails is sent again alone.
PART_BYTES, PARTS_AT_ONCE = 16 << 20, 4
# Names in an answer of a store.
PAGE_NAMES = 1000

# An answer that ends in the middle: the client tries all else again by itself.
_CUT_ANSWER = "response body error"
_WAITS_S = (0.5, 1.0, 2.0, 4.0)

T = TypeVar("T")


class Objects:
    """What lies below a URL. Threads may use it at the same time.

    A request that fails is tried again by the client, as `open_store` tells it to. What a request changes may
    have been changed by one before it whose answer was lost: whoever writes under a condition meets his own
    success then, and is told that it is one.

    Args:
        store: Opened for that URL.
        url: Of a folder, for messages.

    Attributes:
        url: As given.
    """

    def __init__(self, store: ObjectStore, url: StoreUrl) -> None:
        self._store, self.url = store, url

    def locate(self, name: str) -> str:
        """What messages call an object, or with no name the URL itself."""
        return str(self.url.join(name)) if name else str(self.url).removesuffix("/")

    def put(self, name: str, content: bytes | memoryview | IO[bytes]) -> Version:
        """Writes an object, in the place of what is there.

        Args:
            name: Below the URL.
            content: All of it; or a file at its start, of which a part at a time is held in memory.

        Raises:
            SheetError: Stores take no such name.
            OutputError: It cannot be written.
        """
        import obstore

        self._check_name(name)

        def ask() -> Any:
            if not isinstance(content, bytes | memoryview):
                content.seek(0)
            options: Any = {"chunk_size": PART_BYTES, "max_concurrency": PARTS_AT_ONCE}
            return obstore.put(self._store, name, content, **options)

        with self._say("cannot be written", name):
            return _version(_insist(ask))

    def create(self, name: str, content: bytes) -> Version | None:
        """Writes an object if there is none; None where there is another one.

        Raises:
            OutputError: It cannot be written.
        """
        return self._put_if(name, content, "create")

    def swap(self, name: str, content: bytes, version: Version) -> Version | None:
        """Writes an object in the place of one version of it; None where that is there no more.

        Raises:
            OutputError: It cannot be written.
        """
        return self._put_if(name, content, version)

    def get(self, name: str) -> tuple[bytes, Version] | None:
        """An object, which is small, and which version it is; None where there is none.

        Raises:
            OutputError: It cannot be read.
        """
        import obstore

        def ask() -> tuple[bytes, Version]:
            result = obstore.get(self._store, name)
            return bytes(result.bytes()), _version(result.meta)

        with self._say("cannot be read", name):
            try:
                return _insist(ask)
            except FileNotFoundError:
                return None

    def get_part(self, name: str, start: int, length: int) -> tuple[bytes, int]:
        """A part of an object, shorter where that ends, and the length of the whole.

        Raises:
            FileNotFoundError: There is no such object.
            OutputError: It cannot be read.
        """
        import obstore
        from obstore.exceptions import BaseError

        def ask() -> tuple[bytes, int]:
            options: Any = {"range": (start, start + length)}
            result = obstore.get(self._store, name, options=options)
            return bytes(result.bytes()), int(result.meta["size"])

        with self._say("cannot be read", name):
            try:
                return _insist(ask)
            except BaseError:
                # Stores refuse a part that begins where the object has ended.
                size = self.measure(name)
                if size is None or start < size:
                    raise
                return b"", size

    def measure(self, name: str) -> int | None:
        """The length of an object in bytes; None where there is none.

        Raises:
            OutputError: It cannot be asked for.
        """
        import obstore

        with self._say("cannot be looked at", name):
            try:
                return int(_insist(lambda: obstore.head(self._store, name))["size"])
            except FileNotFoundError:
                return None

    def list_below(self, folder: str) -> list[str]:
        """The names of all objects in a folder, in no order.

        Raises:
            OutputError: They cannot be listed.
        """
        import obstore

        def list_all() -> list[str]:
            pages = obstore.list(self._store, folder, chunk_size=PAGE_NAMES)
            return [meta["path"] for page in pages for meta in page]

        with self._say("cannot be listed", folder):
            return _insist(list_all)

    def list_page(self, name: str) -> list[tuple[str, int]]:
        """A page of names and lengths of objects, from the first one behind `name` in the order of the store.

        Raises:
            OutputError: They cannot be listed.
        """
        import obstore

        def ask() -> list[tuple[str, int]]:
            pages = obstore.list(self._store, offset=name, chunk_size=PAGE_NAMES)
            return [(meta["path"], meta["size"]) for meta in next(iter(pages), [])]

        with self._say("cannot be listed", ""):
            return _insist(ask)

    def list_beginning(self, prefix: str) -> dict[str, str]:
        """The names of all objects that begin so, each with its e-tag.

        Of the names that do not, a page or two are listed too, however many there are.

        Raises:
            OutputError: They cannot be listed.
        """
        import obstore

        def ask() -> dict[str, str]:
            found: dict[str, str] = {}
            # Lists begin behind the name that they are given.
            for page in obstore.list(self._store, offset=prefix[:-1] or None, chunk_size=PAGE_NAMES):
                for meta in page:
                    name = meta["path"]
                    if name.startswith(prefix):
                        found[name] = meta["e_tag"] or ""
                    elif name > prefix:
                        # Names come in their order; it differs from that of texts below folders alone.
                        return found
            return found

        with self._say("cannot be listed", ""):
            return _insist(ask)

    def delete(self, names: Iterable[str]) -> None:
        """Removes objects; those that are not there are gone already.

        Raises:
            OutputError: They cannot be removed.
        """
        import obstore

        listed = list(names)

        def delete_all() -> None:
            try:
                obstore.delete(self._store, listed)
            # Of a folder of the disk; others say nothing.
            except FileNotFoundError:
                return

        with self._say("cannot be removed", listed[0] if listed else ""):
            _insist(delete_all)

    def _put_if(self, name: str, content: bytes, mode: Any) -> Version | None:
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with self._say("cannot be written", name):
            try:
                return _version(_insist(lambda: obstore.put(self._store, name, content, mode=mode)))
            # Stores have an answer each for what is another one, or none.
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                found = self.get(name)
                # Its own, which a request has written whose answer was lost.
                return found[1] if found is not None and found[0] == content else None

    def _check_name(self, name: str) -> None:
        try:
            length = len(f"{self.url.key}/{name}".encode())
        except UnicodeEncodeError:
            raise SheetError(f"{self.locate(name)!a}: cannot be written: its name is no text.") from None
        if length > LONGEST_KEY_BYTES:
            raise SheetError(
                f"{self.locate(name)}: cannot be written: expected a name of at most {LONGEST_KEY_BYTES} "
                f"bytes, with the folders above it, found {length}. Set output.dir to a shorter URL."
            )

    @contextmanager
    def _say(self, what: str, name: str) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError as error:
            # Nothing is missing where something is written, but the bucket.
            if what == "cannot be read":
                raise FileNotFoundError(f"{self.locate(name)}: there is no such object") from None
            raise self._explain(what, name, error) from None
        # The others are obstore's words of what is built in.
        except (BaseError, NotImplementedError, PermissionError, TimeoutError, ValueError) as error:
            raise self._explain(what, name, error) from None

    def _explain(self, what: str, name: str, error: BaseException) -> OutputError:
        shown = self.locate(name)
        reason = explain_store_error(shown, error).removeprefix(f"{shown}: ")
        return OutputError(f"{shown}: {what}: {reason}")


def _version(said: Any) -> Version:
    """What a store says of a version, as it takes it again."""
    return {key: said[key] for key in ("e_tag", "version") if said[key] is not None}


def _insist(ask: Callable[[], T]) -> T:
    """Asks again where an answer came to an end in its middle."""
    from obstore.exceptions import BaseError

    for wait in _WAITS_S:
        try:
            return ask()
        except BaseError as error:
            if _CUT_ANSWER not in str(error):
                raise
        time.sleep(wait)
    return ask()
