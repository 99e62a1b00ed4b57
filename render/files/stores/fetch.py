"""Inputs at URLs, fetched once into the cache: a file, or a folder of files."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from render.errors import StoreError
from render.files.digest import hash_bytes
from render.files.image_names import image_name_fault
from render.files.stores.explain import explain_store_error
from render.files.stores.open import open_store
from render.files.stores.urls import StoreUrl, is_url, parse_url
from render.resources import find_cache_dir, find_file, may_keep

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

log = logging.getLogger("render")

# All of what is fetched for one setting. The largest fit files have a few GB.
LARGEST_INPUT_BYTES = 16 << 30
MOST_FILES = 10_000
_PIECE_BYTES = 8 << 20
# Less is fetched without a word.
_SAID_BYTES = 1 << 20

_lock = threading.Lock()
# What this process has fetched, by URL: each input is opened several times, and is the same one each time.
_found: dict[str, Path] = {}


def find_input(place: str) -> Path:
    """The file or folder that a setting names, on this machine.

    What is at a URL is fetched into the cache, whole, unless this version of it is there already, as its tag
    or time and its length tell.

    Args:
        place: A path, which is found as `find_file` does; or a URL, of a folder if it ends with a slash.

    Raises:
        StoreError: There is nothing at the URL, it cannot be reached, or is larger than 16 GiB.
    """
    if not is_url(place):
        return find_file(place)
    url = parse_url(place)
    if url.local_path is not None:
        return url.local_path
    with _lock:
        if place not in _found:
            _found[place] = _fetch(url)
            # What is said of it from here on is said of the URL.
            log.addFilter(_name_in_log)
        return _found[place]


def name_urls(text: str) -> str:
    """A message in which inputs that were fetched are called by their URLs, not by where they are kept."""
    for place, path in _found.items():
        text = text.replace(str(path), place)
    return text


def _name_in_log(record: logging.LogRecord) -> bool:
    record.msg, record.args = name_urls(record.getMessage()), ()
    return True


def _fetch(url: StoreUrl) -> Path:
    store = open_store(url if url.is_folder else url.parent)
    import obstore

    try:
        base = find_cache_dir() / "inputs"
        if url.is_folder:
            return _fetch_folder(store, url, base)
        meta = obstore.head(store, url.name)
        folder = base / _digest(str(url), meta)
        target = folder / url.name
        if not (target.is_file() and target.stat().st_size == meta["size"]):
            _check_size(url, meta["size"], folder)
            _fetch_file(store, url, url.name, meta, target)
        return target
    except (obstore.exceptions.BaseError, FileNotFoundError, ValueError) as error:
        raise StoreError(explain_store_error(url, error)) from None
    except OSError as error:
        raise StoreError(
            f"{url}: it cannot be kept ({error}). Free space there, or set XDG_CACHE_HOME."
        ) from error


def _fetch_folder(store: ObjectStore, url: StoreUrl, base: Path) -> Path:
    import obstore

    if url.scheme in ("https", "http"):
        raise StoreError(f"{url}: a web server does not list its files. Name a file, or fetch the folder.")
    metas: list[ObjectMeta] = []
    for page in obstore.list(store):
        metas += page
        if len(metas) > MOST_FILES:
            raise StoreError(
                f"{url}: expected a folder of at most {MOST_FILES:,} files, found more. Fetch it first."
            )
    if not metas:
        raise StoreError(f"{url}: there is nothing of this name. Check the URL.")
    metas.sort(key=lambda meta: meta["path"])
    for meta in metas:
        fault = image_name_fault(meta["path"])
        if fault is not None:
            raise StoreError(f"{url}: expected names of files, found {fault} in {meta['path'][:100]!r}.")
    # It ends as the folder does, for formats that tell something by its name.
    folder = base / _digest(str(url), *metas) / (url.name or url.place)
    if folder.is_dir():
        return folder
    _check_size(url, sum(meta["size"] for meta in metas), folder)
    partial = _name_partial(folder)
    try:
        for meta in metas:
            _fetch_file(store, url.join(meta["path"]), meta["path"], meta, partial / meta["path"])
        try:
            partial.rename(folder)
        except OSError:
            # Another process has just done the same.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _fetch_file(store: ObjectStore, url: StoreUrl, key: str, meta: ObjectMeta, target: Path) -> None:
    """Puts a file where it is kept, whole or not at all."""
    import obstore

    if meta["size"] >= _SAID_BYTES:
        log.info("fetching %s (%.1f MB)", url, meta["size"] / 1e6)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = _name_partial(target)
    came = 0
    try:
        with open(partial, "wb") as file:
            tag = meta["e_tag"]
            # Another version that has come meanwhile is not taken for this one.
            condition = {} if tag is None or tag.startswith("W/") else {"if_match": tag}
            answer = obstore.get(store, key, options=cast(Any, condition))
            for piece in answer.stream(min_chunk_size=_PIECE_BYTES):
                came += len(piece)
                if came > meta["size"]:
                    break
                file.write(piece)
        if came != meta["size"]:
            raise StoreError(f"{url}: expected {meta['size']:,} bytes, as the server has said, found others.")
        partial.replace(target)
    except obstore.exceptions.PreconditionError:
        raise StoreError(f"{url}: the file changed while it was fetched; run again.") from None
    finally:
        partial.unlink(missing_ok=True)


def _name_partial(target: Path) -> Path:
    """Where something is as long as it is not whole."""
    # Not by the number of the process: machines share a home, and in containers all have the same.
    return target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}")


def _check_size(url: StoreUrl, size: int, folder: Path) -> None:
    if not may_keep():
        raise StoreError(
            f"{url}: expected it to be in the cache, for dry_run=true writes nothing there, found that it "
            f"was not fetched yet ({size / 1e6:,.1f} MB). Set its path to a copy, or leave dry_run out."
        )
    if size > LARGEST_INPUT_BYTES:
        raise StoreError(
            f"{url}: expected at most {LARGEST_INPUT_BYTES >> 30} GiB, found {size / (1 << 30):,.1f} GiB. "
            f"Fetch it first, and set its path."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    if size > free:
        raise StoreError(
            f"{url}: it has {size / 1e6:,.0f} MB, and {folder.parent} has {free / 1e6:,.0f} MB left. Free "
            f"space there, or set XDG_CACHE_HOME to another disk."
        )


def _digest(url: str, *metas: ObjectMeta) -> str:
    """What this version of it is kept under."""
    told = [f"{one['path']}\n{one['size']}\n{one['e_tag'] or one['last_modified']}\n" for one in metas]
    return hash_bytes(url.encode(), b"\n", *(text.encode() for text in told))[:16]
