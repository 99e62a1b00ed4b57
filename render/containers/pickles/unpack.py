"""Files that were compressed as a whole, as joblib does it: told by their content and unpacked."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from typing import Any, BinaryIO

from render.containers.errors import MOST_BYTES, ContainerError

_BLOCK_BYTES = 1 << 20
# Four times what its highest setting needs; a file may claim 4 GiB.
_LZMA_BYTES = 1 << 28
# zlib has a byte that says how well it was compressed.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_STARTS = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(_GZIP_OR_ZLIB)),
    (b"\x78\x01", lambda: zlib.decompressobj(_GZIP_OR_ZLIB)),
    (b"\x78\x5e", lambda: zlib.decompressobj(_GZIP_OR_ZLIB)),
    (b"\x78\x9c", lambda: zlib.decompressobj(_GZIP_OR_ZLIB)),
    (b"\x78\xda", lambda: zlib.decompressobj(_GZIP_OR_ZLIB)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(memlimit=_LZMA_BYTES)),
    (b"\x5d\x00\x00", lambda: lzma.LZMADecompressor(memlimit=_LZMA_BYTES)),
)


def is_packed(start: bytes) -> bool:
    """Whether a file that begins so is compressed as a whole."""
    return any(start.startswith(magic) for magic, _ in _STARTS)


def unpack(file: BinaryIO, most_bytes: int = MOST_BYTES, *, is_start: bool = False) -> bytes:
    """Unpacks a file that `is_packed`.

    Args:
        file: Read from where it is.
        most_bytes: Of what comes out.
        is_start: Whether only so many bytes are wanted, and the rest stays packed.

    Raises:
        ContainerError: It is damaged, cut short, or unpacks to more.
    """
    block = file.read(_BLOCK_BYTES)
    unpacker: Any = next(make() for magic, make in _STARTS if block.startswith(magic))
    unpacked = io.BytesIO()
    try:
        while not unpacker.eof:
            piece = unpacker.decompress(block, _BLOCK_BYTES)
            unpacked.write(piece)
            if unpacked.tell() >= most_bytes:
                if is_start:
                    break
                raise ContainerError(f"it unpacks to more than {most_bytes >> 20} MiB")
            # What zlib has not looked at yet; the others keep it themselves, and say when they need more.
            block = getattr(unpacker, "unconsumed_tail", b"")
            if not block and getattr(unpacker, "needs_input", True):
                block = file.read(_BLOCK_BYTES)
                if not block and not piece and not unpacker.eof:
                    raise ContainerError("it is compressed and cut short")
    except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
        raise ContainerError(f"it is compressed and damaged ({error})") from error
    return unpacked.getvalue()
