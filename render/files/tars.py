"""Tars in WebDataset's layout: their names, what stands around their members, and their index.

The headers are the standard library's. Its `TarFile` is not used: where each content begins must be known
before anything is written, and a tar that is there is compared with what would be written.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

_NAME = re.compile(r"(?:([1-9][0-9]{0,5}of[1-9][0-9]{0,5})-)?[0-9]{6,9}\.tar")
# A dot ends WebDataset's keys, and a space what stands in an index.
_ENDING = re.compile(r"[.\s]")


def tar_name(tag: str, number: int) -> str:
    """The file of a tar.

    Args:
        tag: Of the shard of the run, such as `3of64`, nothing for the whole.
        number: Of the tar, from 0.
    """
    return f"{tag}-{number:06d}.tar" if tag else f"{number:06d}.tar"


def find_tag(name: str) -> str | None:
    """The tag in the name of a tar, nothing for the whole; None where `tar_name` gives no such name."""
    match = _NAME.fullmatch(name)
    return None if match is None else match[1] or ""


def index_name(tar: str) -> str:
    """The file of a tar's index."""
    return f"{tar.removesuffix('.tar')}.idx"


def member_key(key: str) -> str:
    """What the names of a product's members begin with: its key, without what would end that.

    Two keys of a run never become one, for each ends with a row of its own.

    Args:
        key: Of the product, as `sheet_name` gives it.
    """
    return _ENDING.sub("_", key)


def frame_members(members: Iterable[tuple[str, int]]) -> Iterator[tuple[int, bytes]]:
    """What stands in a tar before the content of each member, and behind that of the last.

    Args:
        members: Their names and lengths.

    Yields:
        Where it begins, and all of it: what fills up the blocks of the content before it, and a header. The
        content follows at once.
    """
    position = filled = 0
    for name, size in members:
        info = tarfile.TarInfo(name)
        info.size = size
        header = info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        frame = bytes(filled) + header
        yield position, frame
        position += len(frame) + size
        filled = -size % tarfile.BLOCKSIZE
    end = filled + 2 * tarfile.BLOCKSIZE
    yield position, bytes(end + -(position + end) % tarfile.RECORDSIZE)


def format_index(members: Sequence[tuple[str, int, int]]) -> bytes:
    """The index of a tar as DALI's `wds2idx` makes it, in version 1.2 of the format.

    A line for each sample, which is what has the same key; in it of each member the extension, where the
    content begins, its length, and the name.

    Args:
        members: Their names, where their contents begin, and their lengths, in the order of the tar.
    """
    samples = [
        " ".join(f"{_split(name)[1]} {offset} {size} {name}" for name, offset, size in sample)
        for _, sample in groupby(members, key=lambda member: _split(member[0])[0])
    ]
    return "".join(f"{line}\n" for line in [f"v1.2 {len(samples)}", *samples]).encode()


def parse_index(index: bytes) -> Iterator[tuple[str, int, int]]:
    """What an index tells, of each member the name, where its content begins, and its length.

    Args:
        index: As `format_index` writes it; names stand there from version 1.2 on.

    Raises:
        ValueError: It is no such index, or is cut.
    """
    first, _, rest = index.partition(b"\n")
    version, _, count = first.partition(b" ")
    if version != b"v1.2" or rest.count(b"\n") != int(count):
        raise ValueError("it is no whole index of version 1.2")
    for line in rest.splitlines():
        words = line.decode().split(" ")
        if len(words) % 4:
            raise ValueError("a line has something else than four words of each file")
        for _, offset, size, name in zip(*(words[k::4] for k in range(4)), strict=True):
            if not (offset.isdecimal() and size.isdecimal() and len(offset) < 20 and len(size) < 20):
                raise ValueError("a place or a length is no number")
            yield name, int(offset), int(size)


def _split(name: str) -> tuple[str, str]:
    """Key and extension: what stands before and behind the first dot of the file."""
    folder, slash, file = name.rpartition("/")
    stem, _, extension = file.partition(".")
    return folder + slash + stem, extension
