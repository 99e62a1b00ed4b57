"""Folders packed into parts of a bounded size, and out of them again: only with Python's own library.

A pack is `pack.json` and part.0, part.1 and so on. The parts, one after the other, are archives (tar.xz):
large files have one of their own, for archives are unpacked side by side.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import count, repeat
from pathlib import Path

from tools.gpu.errors import KitError

INDEX, DONE = "pack.json", "unpacked.json"
# Such a file takes about as long to unpack as all small ones.
LARGE_BYTES = 64 << 20
# Libraries repeat themselves over long distances.
DICTIONARY_BYTES = 64 << 20
BLOCK_BYTES = 1 << 20


def pack(root: Path, folders: Iterable[str], to: Path, part_bytes: int, info: dict, preset: int = 1) -> dict:
    """Packs folders into parts, in place of those of an earlier pack.

    Args:
        root: Where the folders are.
        folders: Their names.
        to: Where the parts and the index are written.
        part_bytes: The most that a part may have.
        info: What the index says besides.
        preset: Of LZMA, 0 to 9: how much time packing may take. With 6 it is four times as long, for parts
            that are a ninth smaller.

    Returns:
        What the index says.
    """
    to.mkdir(parents=True, exist_ok=True)
    for old in [*to.glob("part.*"), to / INDEX]:
        old.unlink(missing_ok=True)
    files = sorted(path for name in folders for path in (root / name).rglob("*") if path.is_file())
    large = [[path] for path in files if path.stat().st_size >= LARGE_BYTES]
    groups = [*large, [path for path in files if path.stat().st_size < LARGE_BYTES]]
    with tempfile.TemporaryDirectory(dir=to) as workshop, ProcessPoolExecutor() as pool:
        archives = [Path(workshop, str(k)) for k in range(len(groups))]
        list(pool.map(_write_archive, groups, repeat(root), archives, repeat(preset)))
        parts = _split(archives, to, part_bytes)
        index = info | {"parts": parts, "archives": [path.stat().st_size for path in archives]}
    (to / INDEX).write_text(json.dumps(index, indent=1, sort_keys=True) + "\n")
    return index


def _write_archive(files: list[Path], root: Path, path: Path, preset: int) -> None:
    filters = [
        {"id": lzma.FILTER_X86},
        {"id": lzma.FILTER_LZMA2, "preset": preset, "dict_size": DICTIONARY_BYTES},
    ]
    with lzma.open(path, "wb", filters=filters) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for file in files:
            entry = tarfile.TarInfo(file.relative_to(root).as_posix())
            status = file.stat()
            # The same files give the same bytes.
            entry.size, entry.mode = status.st_size, 0o755 if status.st_mode & 0o100 else 0o644
            with file.open("rb") as content:
                tar.addfile(entry, content)


def _split(archives: list[Path], to: Path, part_bytes: int) -> list[dict]:
    """Writes the archives, one after the other, into parts; name, bytes and SHA-256 of each."""
    parts: list[dict] = []
    stream = _Joined(archives)
    for k in count():
        path, digest, written = to / f"part.{k}", hashlib.sha256(), 0
        with path.open("wb") as part:
            while block := stream.read(min(BLOCK_BYTES, part_bytes - written)):
                part.write(block)
                digest.update(block)
                written += len(block)
        if not written:
            path.unlink()
            return parts
        parts.append({"name": path.name, "bytes": written, "sha256": digest.hexdigest()})
    raise AssertionError


class _Joined(io.RawIOBase):
    """Files that are read one after the other as if they were one."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._coming = iter(list(paths))
        self._file: io.BufferedReader | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; none at the end, or where none are asked for."""
        while size:
            if self._file is None:
                path = next(self._coming, None)
                if path is None:
                    break
                self._file = path.open("rb")
            if block := self._file.read(size):
                return block
            self._file.close()
            self._file = None
        return b""


def take(sources: Iterable[Path], held: Path) -> list[str]:
    """Keeps parts, or the index, that came with one call for a later one.

    Returns:
        The names of all that is held now.
    """
    held.mkdir(parents=True, exist_ok=True)
    for source in sources:
        if not source.is_file():
            raise KitError(f"{source}: expected a part of a pack, found no such file")
        shutil.copyfile(source, held / source.name)
    return sorted(path.name for path in held.iterdir() if path.is_file())


def unpack(places: list[Path], held: Path) -> dict | None:
    """Unpacks into `held`, unless it was done before.

    Args:
        places: Folders in which the index and the parts are looked for, the first first.
        held: Where the folders are written that were packed.

    Returns:
        What the index says; None where there is no pack.

    Raises:
        KitError: A part is missing or damaged.
    """
    found = _find(INDEX, places)
    done = held / DONE
    if found is None:
        return json.loads(done.read_text()) if done.is_file() else None
    text = found.read_text()
    index = json.loads(text)
    if done.is_file() and done.read_text() == text:
        return index
    parts = [_check(part, places) for part in index["parts"]]
    held.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=held) as workshop:
        stream, archives = _Joined(parts), []
        for k, size in enumerate(index["archives"]):
            archives.append(Path(workshop, str(k)))
            with archives[-1].open("wb") as archive:
                while size and (block := stream.read(min(BLOCK_BYTES, size))):
                    size -= archive.write(block)
        with ProcessPoolExecutor() as pool:
            list(pool.map(_read_archive, archives, repeat(held)))
    done.write_text(text)
    return index


def _read_archive(path: Path, to: Path) -> None:
    with tarfile.open(path, "r:xz") as tar:
        tar.extractall(to, filter="data")


def _find(name: str, places: list[Path]) -> Path | None:
    return next((place / name for place in places if (place / name).is_file()), None)


def _check(part: dict, places: list[Path]) -> Path:
    """The file of a part. Raises KitError where none of the places has it whole."""
    damaged = []
    for path in (place / part["name"] for place in places):
        if path.is_file():
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == part["sha256"]:
                    return path
            damaged.append(str(path))
    where = ", ".join(map(str, places))
    if damaged:
        raise KitError(f"{damaged[0]}: its SHA-256 is another than {INDEX} says; carry this part once more")
    raise KitError(
        f"{part['name']} is in none of {where}; carry it there. If it was taken before, this is another "
        "machine now: carry all parts once more"
    )
