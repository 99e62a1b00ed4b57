"""DensePose's charts, out of the archive in which they are served."""

from __future__ import annotations

import gzip
import os
import secrets
import tarfile
from pathlib import Path, PurePosixPath

from render.body.charts import LARGEST_FILE_BYTES, read_chart_arrays
from render.download.place import disk_errors
from render.errors import BodyModelError

MEMBER = "UV_Processed.mat"
# DensePose's has a handful; each costs time, however small.
MOST_MEMBERS = 1000
# Of all members; a small archive may say that it holds far more.
MOST_BYTES = 1 << 29


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


class _Forward:
    """What tarfile needs of a file, forward only and not beyond a number of bytes."""

    def __init__(self, file: gzip.GzipFile, most_bytes: int) -> None:
        self._file = file
        self._most_bytes = most_bytes

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, position: int) -> None:
        # Headers that lead back would be read for ever.
        if position < self.tell():
            raise tarfile.ReadError("its members overlap")
        self._check(position)
        self._file.seek(position)

    def read(self, size: int) -> bytes:
        self._check(self.tell() + size)
        return self._file.read(size)

    def _check(self, end: int) -> None:
        if end > self._most_bytes:
            raise tarfile.ReadError(f"it claims to hold more than {self._most_bytes:,} bytes")


def _read_member(archive: Path) -> bytes:
    """The content of the first regular file with the charts' name, in whatever folder."""
    expected = f"{archive}: expected an archive (.tar.gz) with {MEMBER}"
    try:
        # Only this one is read, into memory: no name or link in the archive is followed.
        with (
            gzip.open(archive) as file,
            # Its types ask for `write` and `close` as well, which it calls of no archive that it reads.
            tarfile.open(fileobj=_Forward(file, MOST_BYTES), mode="r:") as tar,  # type: ignore[call-overload]
        ):
            for number, member in enumerate(tar):
                if number == MOST_MEMBERS:
                    raise BodyModelError(f"{expected}, found none among its first {MOST_MEMBERS} members.")
                if PurePosixPath(member.name).name != MEMBER or not member.isreg():
                    continue
                if member.size > LARGEST_FILE_BYTES:
                    raise BodyModelError(
                        f"{expected} of at most {LARGEST_FILE_BYTES:,} bytes, found {member.size:,}."
                    )
                content = tar.extractfile(member)
                # Regular files have content; it is None for folders and devices alone.
                assert content is not None
                return content.read()
    except BodyModelError:
        raise
    # A damaged file makes the readers raise almost anything.
    except Exception as error:
        raise BodyModelError(f"{expected}, found one that cannot be read ({error}).") from error
    raise BodyModelError(f"{expected}, found none in it.")
