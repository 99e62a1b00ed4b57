"""What a setting names as the place of photos: a folder, a video, archives, or a URL."""

from __future__ import annotations

import glob
import os
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from render.errors import ConfigError, PhotoError, StoreError
from render.files.stores.explain import explain_store_error
from render.files.stores.fetch import find_input
from render.files.stores.open import open_store
from render.files.stores.ranged import LocalFile, RangedFile, open_object
from render.files.stores.urls import StoreUrl, is_url, parse_url
from render.files.tars import index_name
from render.photos.stored.archives import Archive, Archives, open_archive
from render.photos.stored.objects import ObjectFolder
from render.photos.stored.store import PhotoStore
from render.photos.stored.tars import Tars
from render.photos.stored.zips import Zips

# A folder or a video by its path, what is open, or no photos at all.
PhotoPlace = Path | PhotoStore | None

ENDINGS = (".zip", ".tar")
# An archive each: of a data set of 10^9 photos a run takes a part.
MOST_ARCHIVES = 10_000
# Archives are opened side by side, for they wait for disks and networks.
THREADS = 16
# Of an index, which has 60 bytes for each file.
LARGEST_INDEX_BYTES = 128 << 20
_VIDEOS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v")
_PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar", ".gz")


def open_image_dir(setting: str | None) -> PhotoPlace:
    """Opens what `dataset.image_dir` names.

    Args:
        setting: A folder or a video; a zip or a tar; several of them by a pattern in the last part of a path,
            such as /data/coco-*.tar; the URL of a folder, of archives, or of a video, which is fetched; or
            None.

    Returns:
        The path of a folder or a video, which need not exist; or what is at a URL or in archives, open.

    Raises:
        ConfigError: It is an archive of a kind that is not read in place, or a pattern without files.
        RenderError: An archive cannot be read.
    """
    if setting is None:
        return None
    url = parse_url(setting) if is_url(setting) else None
    if url is not None and url.local_path is not None:
        setting, url = str(url.local_path), None
    name = setting.rstrip("/").rpartition("/")[2].lower()
    if url is None and os.path.isdir(setting):
        return Path(setting)
    if name.endswith(_PACKED):
        raise ConfigError(
            f"dataset.image_dir: {setting} is not read in place, because what it packs cannot be read from "
            f"the middle. Unpack it, or make a zip or a tar of it that is not compressed"
        )
    if url is not None and name.endswith(_VIDEOS) and not url.is_folder:
        # Decoders go back and forth in it.
        return find_input(str(url))
    if not name.endswith(ENDINGS) or (url is not None and url.is_folder):
        return Path(setting) if url is None else ObjectFolder(url)
    opens = (
        [partial(_open_path, path) for path in _list_paths(setting)] if url is None else _list_objects(url)
    )
    with ThreadPoolExecutor(min(THREADS, len(opens))) as pool:
        return Archives(setting, list(pool.map(lambda open_one: open_one(), opens)))


def _list_paths(setting: str) -> list[str]:
    folder, slash, pattern = setting.rpartition("/")
    if os.path.lexists(setting) or not glob.has_magic(pattern):
        return [setting]
    try:
        names = os.listdir(folder + slash or ".")
    except OSError as error:
        raise ConfigError(
            f"dataset.image_dir: {folder + slash} cannot be listed ({error.strerror})"
        ) from error
    found = sorted(name for name in names if fnmatchcase(name, pattern))
    return [f"{folder}{slash}{name}" for name in _check_found(setting, found)]


def _list_objects(url: StoreUrl) -> list[partial[Archive]]:
    folder = url.parent
    store = open_store(folder)
    import obstore

    names = [url.name]
    if glob.has_magic(url.name):
        if url.scheme in ("https", "http"):
            raise ConfigError(
                f"dataset.image_dir: {url}: a web server does not list its files. Name one archive"
            )
        try:
            listed = obstore.list_with_delimiter(store)["objects"]
        except (obstore.exceptions.BaseError, OSError, ValueError) as error:
            raise StoreError(explain_store_error(folder, error)) from None
        names = _check_found(
            str(url), sorted(one["path"] for one in listed if fnmatchcase(one["path"], url.name))
        )

    def read_beside(name: str) -> bytes | None:
        try:
            file = open_object(folder.join(name), store)
            return file.read_at(0, file.size) if file.size <= LARGEST_INDEX_BYTES else None
        # Whoever may not list a bucket is told that what is not there is forbidden.
        except StoreError:
            return None

    def open_one(name: str) -> Archive:
        beside = read_beside(index_name(name)) if name.lower().endswith(".tar") else None
        return _open(open_object(folder.join(name), store), name, beside)

    return [partial(open_one, name) for name in names]


def _check_found(shown: str, found: list[str]) -> list[str]:
    if not found:
        raise ConfigError(f"dataset.image_dir: nothing has a name like {shown}")
    if len(found) > MOST_ARCHIVES:
        raise ConfigError(
            f"dataset.image_dir: expected at most {MOST_ARCHIVES:,} archives, found {len(found):,}"
        )
    return found


def _open_path(path: str) -> Archive:
    try:
        file = LocalFile(Path(path))
    except StoreError as error:
        raise PhotoError(f"dataset.image_dir: {error}") from error
    beside = None
    if path.lower().endswith(".tar"):
        try:
            index = LocalFile(Path(path).with_name(index_name(Path(path).name)))
            beside = index.read_at(0, index.size) if index.size <= LARGEST_INDEX_BYTES else None
            index.close()
        except StoreError:
            beside = None
    return _open(file, path, beside)


def _open(file: RangedFile, name: str, index: bytes | None) -> Archive:
    try:
        return open_archive(file, Tars(index) if name.lower().endswith(".tar") else Zips())
    except (PhotoError, StoreError) as error:
        file.close()
        raise PhotoError(f"dataset.image_dir: {error}") from error
