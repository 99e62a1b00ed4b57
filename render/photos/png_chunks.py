"""The chunks of a PNG: those that make its picture, without animations and texts."""

from __future__ import annotations

import io
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# APNG 1.0: with them decoders draw a frame instead of the picture that all others see.
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
# Encoders put 8 KiB and more of the pixels in one.
_MOST_CHUNKS = 100_000
# What a picture's size and turn depend on. Pillow refuses long texts and profiles, and unpacks them all.
_HEADER = (b"IHDR", b"PLTE", b"tRNS", b"eXIf")


def drop_animation(content: bytes) -> bytes:
    """A PNG without its animation; one that has none, and what is no PNG, as it is.

    Args:
        content: Of the file, damaged or not.
    """
    if not content.startswith(SIGNATURE) or b"acTL" not in content:
        return content
    kept, place = [SIGNATURE], len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        # Length, kind and checksum take four bytes each.
        end = place + 12 + int.from_bytes(content[place : place + 4])
        if content[place + 4 : place + 8] not in _ANIMATION:
            kept.append(content[place:end])
        place = end
        if place >= len(content):
            break
    return b"".join([*kept, content[place:]])


def read_header_chunks(file: BinaryIO) -> BinaryIO:
    """What comes before the pixels of a PNG, as a PNG without them.

    Args:
        file: Open behind the signature.
    """
    kept = [SIGNATURE]
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        length, kind = int.from_bytes(head[:4]), head[4:]
        if kind == b"IDAT" or len(head) < 8:
            kept.append(head)
            break
        if kind in _HEADER:
            kept.append(head + file.read(length + 4))
        else:
            file.seek(length + 4, 1)
    return io.BytesIO(b"".join(kept))
