"""The chunks of a PNG: those that make its picture, without those that make others."""

from __future__ import annotations

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# APNG 1.0: with them decoders draw a frame instead of the picture that all others see.
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")


def drop_animation(content: bytes) -> bytes:
    """A PNG without its animation; one that has none, and what is no PNG, as it is.

    Args:
        content: Of the file, damaged or not.
    """
    if not content.startswith(SIGNATURE) or b"acTL" not in content:
        return content
    kept, place = [SIGNATURE], len(SIGNATURE)
    while place < len(content):
        # Length, kind and checksum take four bytes each.
        end = place + 12 + int.from_bytes(content[place : place + 4])
        if content[place + 4 : place + 8] not in _ANIMATION:
            kept.append(content[place:end])
        place = end
    return b"".join(kept)
