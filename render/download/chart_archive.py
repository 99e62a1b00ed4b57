"""DensePose's charts, out of the archive in which they are served."""

from __future__ import annotations

import gzip
import os
import secrets
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from render.body.charts import LARGEST_FILE_BYTES, read_chart_arrays
from render.download.place import disk_errors
from render.errors import BodyModelError
from render.files.regular import open_regular

MEMBER = "UV_Processed.mat"
# DensePose's has a handful; each costs time, however small.
MOST_MEMBERS = 1000
# Of all members; a small archive may say that it holds far more.
MOST_BYTES = 1 << 29
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


def unpack_charts(archive: Path, target: Path) -> None:
    """Puts the charts out of an archive in their place, whole or not at all.

    Args:
        archive: Of the .tar.gz.
        target: Where the charts go.

    Raises:
        BodyModelError: The archive or the charts in it cannot be used.
        DownloadError: The file cannot be written.
    """
    data = _read_member(archive)
    # Beside the target, because a file can only be renamed within a file system.
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with disk_errors(target):
            temporary.write_bytes(data)
        # Charts that cannot be read must not take the name of those that can.
        read_chart_arrays(temporary)
        with disk_errors(target):
            os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _read_member(archive: Path) -> bytes:
    """The content of the first regular file with the charts' name, in whatever folder."""
    expected = f"{archive}: expected an archive (.tar.gz) with {MEMBER}"
    try:
        # Only this one is read, into memory: no name or link in the archive is followed.
        with open_regular(archive) as file, gzip.GzipFile(fileobj=file) as content:
            for member in _walk(content):
                if PurePosixPath(member.name).name != MEMBER or member.type not in _FILES:
                    continue
                if member.size > LARGEST_FILE_BYTES:
                    raise tarfile.ReadError(
                        f"expected at most {LARGEST_FILE_BYTES:,} bytes, found {member.size:,}"
                    )
                data = content.read(member.size)
                if len(data) < member.size:
                    raise tarfile.ReadError("unexpected end of data")
                return data
    # A damaged file makes the readers raise almost anything.
    except Exception as error:
        raise BodyModelError(f"{expected}, found one that cannot be read ({error}).") from error
    raise BodyModelError(f"{expected}, found none in it.")


def _walk(content: gzip.GzipFile) -> Iterator[tarfile.TarInfo]:
    """The heads of the members, one after the other, each with its content to be read next.

    Not by `TarFile`, which reads the lists of longer names and of attributes that stand before members: the
    time that it takes for them is out of all proportion (CVE-2024-6232). Here they are members like others.
    """
    for _ in range(MOST_MEMBERS):
        head = content.read(tarfile.BLOCKSIZE)
        # The end is marked by a block of zeros; some archives just end.
        if not head.strip(b"\0"):
            return
        member = tarfile.TarInfo.frombuf(head, "latin-1", "strict")
        if member.size < 0:
            raise tarfile.ReadError("its members overlap")
        end = content.tell() + member.size + -member.size % tarfile.BLOCKSIZE
        yield member
        if end > MOST_BYTES:
            raise tarfile.ReadError(f"it claims to hold more than {MOST_BYTES:,} bytes")
        content.seek(end)
    raise tarfile.ReadError(f"found none among its first {MOST_MEMBERS} members")
