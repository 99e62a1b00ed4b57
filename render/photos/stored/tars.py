"""Tars, read in place: where their members lie is told by their index or by one walk over their headers."""

from __future__ import annotations

import io
import logging
import tarfile

from render.errors import PhotoError, StoreError
from render.files.stores.ranged import RangedFile
from render.files.tars import parse_index
from render.photos.stored.members import LARGEST_DIRECTORY_BYTES, MOST_MEMBERS, Member, refuse_count

log = logging.getLogger("render")

# A header may be followed by longer ones of a member, in which a stranger's name of gigabytes may stand.
_LARGEST_HEADER = 1 << 20
# Headers are read so many bytes at a time where each reading waits for a network.
_AHEAD_BYTES = 1 << 16


class Tars:
    """The format of tars, not compressed; see `ArchiveFormat`.

    Args:
        index: What lies beside the tar under the name of its index; None where nothing does.
    """

    def __init__(self, index: bytes | None = None) -> None:
        self._index = index

    def list_members(self, file: RangedFile) -> dict[str, Member]:
        """All files of a tar; see `ArchiveFormat`."""
        if self._index is not None:
            try:
                return _read_index(file, self._index)
            except (ValueError, tarfile.TarError) as error:
                log.warning(
                    "%s: its index does not go with it (%s), so all of its headers are read; remove the "
                    "index or make it again with wds2idx",
                    file.shown,
                    error,
                )
        elif file.is_remote:
            log.info("%s: it has no index, so all of its headers are read; wds2idx makes one", file.shown)
        return _walk(file)

    def read_member(self, file: RangedFile, shown: str, member: Member) -> bytes:
        """A member, whose header is looked at; see `ArchiveFormat`."""
        if member.header + tarfile.BLOCKSIZE + member.size > file.size:
            raise _damaged(shown, "it reaches behind the end of the tar")
        read = file.read_at(member.header, tarfile.BLOCKSIZE + member.size)
        try:
            _check_header(read[: tarfile.BLOCKSIZE], member)
        except (ValueError, tarfile.TarError) as error:
            raise _damaged(shown, str(error)) from error
        return read[tarfile.BLOCKSIZE :]

    def find_content(self, file: RangedFile, shown: str, member: Member) -> int | None:
        """Behind its header; see `ArchiveFormat`."""
        return member.header + tarfile.BLOCKSIZE

    def date(self, file: RangedFile, member: Member) -> int:
        """That of the tar, which has no checksums of what is in it."""
        return file.modified_ns


def _read_index(file: RangedFile, index: bytes) -> dict[str, Member]:
    found: dict[str, Member] = {}
    last = None
    for name, offset, size in parse_index(index):
        if len(found) == MOST_MEMBERS:
            raise refuse_count(file)
        header = offset - tarfile.BLOCKSIZE
        if header < 0 or header % tarfile.BLOCKSIZE or offset + size > file.size:
            raise ValueError(f"{name} cannot lie at {offset}")
        last = found[name] = Member(header, size, size)
    # That of another release of the tar differs at its end, if anywhere. Each member is looked at when it is
    # read.
    if last is None:
        raise ValueError("it is empty")
    _check_header(file.read_at(last.header, tarfile.BLOCKSIZE), last)
    behind = last.header + tarfile.BLOCKSIZE + -(-last.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    if behind + tarfile.BLOCKSIZE <= file.size and any(file.read_at(behind, tarfile.BLOCKSIZE)):
        raise ValueError("more follows behind its last file")
    return found


def _check_header(header: bytes, member: Member) -> None:
    """Raises ValueError or TarError unless this is the header of a file of that size."""
    info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
    # A longer header before it may say another size, and then says so of each file of 8 GiB.
    if not info.isreg() or info.size != member.size:
        raise ValueError(f"no file of {member.size:,} bytes begins at {member.header:,}")


def _walk(file: RangedFile) -> dict[str, Member]:
    found: dict[str, Member] = {}
    names = 0
    try:
        with tarfile.open(fileobj=_Headers(file), mode="r:", errors="surrogateescape") as archive:
            while (info := archive.next()) is not None:
                # It would keep all that it has read. Typeshed does not know the attribute, which is there.
                archive.members = []  # type: ignore[attr-defined]
                names += len(info.name)
                if len(found) == MOST_MEMBERS or names > LARGEST_DIRECTORY_BYTES:
                    raise refuse_count(file)
                if info.isdir():
                    continue
                # A photo that lay in the packed folder under two names: no file of the disk is meant.
                if info.islnk() and info.linkname in found:
                    found[info.name] = found[info.linkname]
                    continue
                fault = "" if info.isreg() and not info.issparse() else _describe_kind(info)
                header = info.offset_data - tarfile.BLOCKSIZE
                found[info.name] = Member(header, info.size, info.size, fault=fault)
            end = archive.offset
    # What tarfile raises where fields of headers lie.
    except (tarfile.TarError, ValueError, OverflowError, IndexError, KeyError, RecursionError) as error:
        raise PhotoError(
            f"{file.shown}: expected a whole tar that is not compressed, found that "
            f"{error or 'it is damaged'}. Download it again."
        ) from error
    # Where a header is damaged, tarfile takes it for the end.
    if any(file.read_at(end, max(0, min(tarfile.BLOCKSIZE, file.size - end)))):
        raise _damaged(file.shown, f"no header begins at byte {end:,}")
    return found


def _describe_kind(info: tarfile.TarInfo) -> str:
    kind = "a link" if info.issym() or info.islnk() else "no regular file"
    return f"it is {kind}. Pack the photo itself"


class _Headers(io.RawIOBase):
    """A tar as tarfile walks over it, which reads headers only; from a network several together."""

    def __init__(self, file: RangedFile) -> None:
        super().__init__()
        self._file, self._position = file, 0
        self._start, self._ahead = 0, b""

    def tell(self) -> int:
        """Where it is read from next."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Moves there, also behind the end, where nothing is read."""
        assert whence == io.SEEK_SET
        self._position = offset
        return offset

    def read(self, size: int = -1, /) -> bytes:
        """So much, or as much as is there."""
        if size > _LARGEST_HEADER:
            raise StoreError(
                f"{self._file.shown}: expected headers of at most {_LARGEST_HEADER >> 10} KiB, found one of "
                f"{size >> 10:,} KiB. Make the tar again."
            )
        size = max(0, min(size, self._file.size - self._position))
        first = self._position - self._start
        if not (first >= 0 and first + size <= len(self._ahead)):
            ahead = max(size, _AHEAD_BYTES) if self._file.is_remote else size
            self._start, first = self._position, 0
            self._ahead = self._file.read_at(self._start, min(ahead, self._file.size - self._start))
        self._position += size
        return self._ahead[first : first + size]


def _damaged(shown: str, reason: str) -> PhotoError:
    return PhotoError(f"{shown}: expected a whole tar, found that {reason}. Download it again.")
