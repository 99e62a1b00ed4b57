"""Frames from which a video can be decoded to the same pixels as from its beginning."""

from __future__ import annotations

from collections.abc import Iterator

# ITU-T H.264, table 7-1: slices of pictures that refer to others, and of those that empty all buffers (IDR).
_SLICES, _IDR = (1, 2, 3, 4, 5), 5


def begins_anew(codec: str, extradata: bytes | None, packet: bytes) -> bool:
    """Whether nothing that comes after a key frame refers to what came before it.

    Of H.264 only its IDR pictures are so: other pictures marked as key frames begin open groups, or a refresh
    that takes several frames. Other codecs mark such frames alone; those that are shown before them and coded
    after them are nobody's concern who asks for later ones.

    Args:
        codec: As libav names it.
        extradata: Of the stream.
        packet: Of a frame marked as a key frame.
    """
    if codec != "h264":
        return True
    return next((kind for kind in _list_units(extradata, packet) if kind in _SLICES), None) == _IDR


def _list_units(extradata: bytes | None, packet: bytes) -> Iterator[int]:
    """The kinds of the units of a packet, in order."""
    # ISO/IEC 14496-15: lengths before each unit, whose size the configuration has.
    if extradata is not None and len(extradata) > 4 and extradata[0] == 1:
        size, place = (extradata[4] & 3) + 1, 0
        while place + size < len(packet):
            yield packet[place + size] & 31
            place += size + int.from_bytes(packet[place : place + size])
        return
    # H.264, annex B: start codes between them.
    place = packet.find(b"\0\0\1")
    while 0 <= place < len(packet) - 3:
        yield packet[place + 3] & 31
        place = packet.find(b"\0\0\1", place + 3)
