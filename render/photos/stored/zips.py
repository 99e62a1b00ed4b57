"""Zips, read in place: their directory once, then members from any thread without a lock.

The directory is read by the standard library's `zipfile`, which knows zip64. Members are not: a `ZipFile`
reads them through one position in one file, behind a lock, and inflates what they hold without a bound.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from render.errors import PhotoError
from render.files.stores.ranged import RangedFile, Window
from render.photos.stored.members import LARGEST_DIRECTORY_BYTES, MOST_MEMBERS, Member, refuse_count

# PKWARE's APPNOTE, 4.3.7: signature, version, flags, method, time, date, CRC, sizes, lengths of name and
# extra.
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_SIGNATURE, _ENTRY_SIGNATURE = b"PK\x03\x04", b"PK\x01\x02"
# Its 4.4.4: encrypted, and encrypted strongly; and the names are UTF-8.
_ENCRYPTED, _UTF8 = 0x1 | 0x40, 0x800
# What a member's own header may have more than the directory, to be read together with it.
_SPARE_BYTES = 64


class Zips:
    """The format of zips; see `ArchiveFormat`."""

    def list_members(self, file: RangedFile) -> dict[str, Member]:
        """All files of a zip; see `ArchiveFormat`."""
        try:
            with zipfile.ZipFile(_Bounded(file)) as archive:
                return {_name(info): _describe(info) for info in archive.infolist() if not info.is_dir()}
        except UnicodeDecodeError as error:
            raise _damaged(file.shown, "a name that is no UTF-8") from error
        # What zipfile raises where lengths and offsets lie.
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OverflowError) as error:
            raise _damaged(file.shown, str(error) or "its directory does not hold together") from error

    def read_member(self, file: RangedFile, shown: str, member: Member) -> bytes:
        """A member, whose CRC is checked; see `ArchiveFormat`."""
        content = self._read_packed(file, shown, member)
        if member.kind == zipfile.ZIP_DEFLATED:
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                # Never more than is said, however much there is.
                content = inflate.decompress(content, member.size + 1)
            except zlib.error as error:
                raise _damaged(shown, str(error)) from error
        if len(content) != member.size:
            raise _damaged(shown, f"it is said to have {member.size:,} bytes and has others")
        if zlib.crc32(content) != member.check:
            raise _damaged(shown, "its content does not go with its CRC-32")
        return content

    def find_content(self, file: RangedFile, shown: str, member: Member) -> int | None:
        """Where a member that is stored begins; see `ArchiveFormat`."""
        if member.kind != zipfile.ZIP_STORED or not 0 <= member.header <= file.size - _LOCAL.size:
            return None
        return member.header + _measure(shown, file.read_at(member.header, _LOCAL.size))

    def date(self, file: RangedFile, member: Member) -> int:
        """Its CRC-32, which is of its content: a zip that is copied or fetched anew is the same one."""
        return member.check

    def _read_packed(self, file: RangedFile, shown: str, member: Member) -> bytes:
        # Mostly one reading takes all: a network would make two of them last twice as long.
        guessed = min(_LOCAL.size + _SPARE_BYTES + len(shown) + member.packed, file.size - member.header)
        if guessed < _LOCAL.size or member.header < 0:
            raise _damaged(shown, "it lies outside of it")
        read = file.read_at(member.header, guessed)
        first = _measure(shown, read)
        if member.header + first + member.packed > file.size:
            raise _damaged(shown, "it reaches behind the end")
        if first + member.packed <= len(read):
            return read[first : first + member.packed]
        return file.read_at(member.header + first, member.packed)


class _Bounded(io.BufferedReader):
    """A zip as zipfile reads it, which asks for its whole directory at once."""

    def __init__(self, file: RangedFile) -> None:
        super().__init__(Window(file, 0, file.size), 1 << 16)
        self._archive = file

    def read(self, size: int | None = -1, /) -> bytes:
        """Reads so much, unless that is more than a directory may have."""
        if size is not None and size > LARGEST_DIRECTORY_BYTES:
            raise refuse_count(self._archive)
        content = super().read(size)
        # Whatever is said of their number, each entry that is read begins so.
        if content.count(_ENTRY_SIGNATURE) > MOST_MEMBERS:
            raise refuse_count(self._archive)
        return content


def _describe(info: zipfile.ZipInfo) -> Member:
    fault = ""
    if info.flag_bits & _ENCRYPTED:
        fault = "it is encrypted. Unpack the zip, or pack it again without a password"
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        fault = f"it is packed by the method {info.compress_type}. Pack it again, stored: zip -0"
    # 4.3.6: 16 bits of the mode of Unix stand above.
    elif (info.external_attr >> 28) == 0xA and info.create_system == 3:
        fault = "it is a link. Pack the photo itself"
    return Member(info.header_offset, info.compress_size, info.file_size, info.CRC, info.compress_type, fault)


def _name(info: zipfile.ZipInfo) -> str:
    """Its name; programs of Unix write UTF-8 without saying so."""
    if info.flag_bits & _UTF8 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _measure(shown: str, header: bytes) -> int:
    """The length of a member's own header, of which the beginning is given."""
    signature, *_, name_bytes, extra_bytes = _LOCAL.unpack_from(header)
    if signature != _LOCAL_SIGNATURE:
        raise _damaged(shown, "there is no member where the directory has one")
    return _LOCAL.size + name_bytes + extra_bytes


def _damaged(shown: str, reason: str) -> PhotoError:
    return PhotoError(f"{shown}: expected a whole zip, found that {reason}. Download it again.")
