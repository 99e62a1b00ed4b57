"""The segments of a JPEG: what kind it is, and whether its scans bring the whole picture.

After ITU-T T.81, annex B.
"""

from __future__ import annotations

import re
from typing import BinaryIO

SOI = b"\xff\xd8"
_SOS, _EOI = 0xDA, 0xD9
# Without a length: TEM, RST0 to RST7, SOI.
_BARE = (0x01, *range(0xD0, 0xD9))
_NOT_READ = {
    **dict.fromkeys((0xC3, 0xCB), "a lossless JPEG"),
    **dict.fromkeys((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), "a hierarchical JPEG"),
    0xF7: "a JPEG-LS picture",
}
# Baseline, extended, progressive; the same, arithmetic-coded.
_READ = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)
# Photos have some ten segments before the frame, with profiles and previews some hundreds.
_MOST_SEGMENTS = 10_000
# A marker is no stuffed zero, no fill byte and none that restarts.
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_COEFFICIENTS = 64


def find_unread_jpeg(file: BinaryIO) -> str | None:
    """What a JPEG is that decoders do not read truly; None of others, damaged ones too.

    Args:
        file: Open at any place.
    """
    file.seek(len(SOI))
    for _ in range(_MOST_SEGMENTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return None
        marker, length = head[1], int.from_bytes(head[2:])
        if marker == 0xFF:
            file.seek(-3, 1)
        elif marker in _NOT_READ:
            return _NOT_READ[marker]
        elif marker in _READ:
            bits = file.read(1)
            return f"a JPEG of {bits[0]} bits a colour" if bits and bits[0] != 8 else None
        elif marker in (_SOS, _EOI):
            return None
        elif marker in _BARE:
            file.seek(-2, 1)
        else:
            file.seek(length - 2, 1)
    return None


def has_all_scans(content: bytes) -> bool:
    """Whether all bits of all coefficients of all components have a scan.

    One that ends between two scans, with the mark of the end put behind them, is a JPEG without errors.
    Decoders draw it: blurred, or without its colours. Encoders write all scans; one that leaves coefficients
    out on purpose is not known, and cannot be told from one that was cut.

    Args:
        content: Of the file. What is damaged in other ways has all scans, as far as this can see.
    """
    # Of each component the lowest bit that came of each coefficient.
    lowest_bits: dict[int, list[int | None]] = {}
    is_progressive = False
    place = len(SOI)
    for _ in range(_MOST_SEGMENTS):
        found = _NEXT_MARKER.search(content, place)
        if found is None or content[found.start() + 1] == _EOI:
            break
        marker, start = content[found.start() + 1], found.end()
        if marker in _BARE:
            place = start
            continue
        end = start + int.from_bytes(content[start : start + 2])
        segment = content[start + 2 : end]
        place = max(end, start)
        if marker in _READ and not lowest_bits:
            is_progressive = marker in (0xC2, 0xCA)
            lowest_bits = {identity: [None] * _COEFFICIENTS for identity in segment[6::3]}
        elif marker == _SOS and segment:
            count = segment[0]
            first, last, bits = segment[1 + 2 * count : 4 + 2 * count].ljust(3, b"\0")
            if not is_progressive:
                # Whatever its header says of coefficients: decoders read all.
                first, last, bits = 0, _COEFFICIENTS - 1, 0
            for identity in segment[1 : 1 + 2 * count : 2]:
                for coefficient in range(first, min(last + 1, _COEFFICIENTS)):
                    if identity in lowest_bits:
                        lowest_bits[identity][coefficient] = bits & 0xF
    return all(bit == 0 for bits in lowest_bits.values() for bit in bits)
