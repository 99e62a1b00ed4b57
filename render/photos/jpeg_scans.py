"""The segments of a JPEG: what kind it is, and whether its scans bring the whole picture.

After ITU-T T.81, annex B.
"""

from __future__ import annotations

import re
import struct
from typing import BinaryIO, NamedTuple

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
# Before the frame, and of interest to nobody here: tables of codes, restarts, comments, what programs note.
_DHT, _DQT, _DRI, _COM, _APP0, _APP1, _APP2, _APP14 = 0xC4, 0xDB, 0xDD, 0xFE, 0xE0, 0xE1, 0xE2, 0xEE
_PASSED = (_DHT, _DRI, _COM, *range(0xE3, 0xED), 0xEF)
# Of a table of the quantization: its number and 64 values of 8 bits.
_TABLE_BYTES = 65
# Shorter ones of these are damaged.
_LEAST_BYTES = {_APP0: 16, _APP14: 14}
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"


class PlainJpeg(NamedTuple):
    """What the header of a JPEG says.

    Attributes:
        hw: Height and width of the picture as it is stored.
        is_progressive: Whether it is in scans.
        exif: Its EXIF data, as Pillow has them; empty where there are none.
        is_one_scan: Whether one scan brings all of the picture, as `has_all_scans` has it.
    """

    hw: tuple[int, int]
    is_progressive: bool
    exif: bytes
    is_one_scan: bool


def read_plain_jpeg(start: bytes) -> PlainJpeg | None:
    """What the header of a JPEG says, if it is as nearly all are: grey or YCbCr, of 8 bits, and undamaged.

    Pillow says the same of it, and takes a hundred times as long, all of it under the interpreter's lock.

    Args:
        start: Of the file, which begins with `SOI`.

    Returns:
        None where the header goes on, or there is anything that decoders may see in another way, such as a
        second picture: then it is for Pillow to tell.
    """
    place, frame, exif, colours = len(SOI), None, b"", b""
    while place + 4 <= len(start) and start[place] == 0xFF:
        marker, length = start[place + 1], start[place + 2] << 8 | start[place + 3]
        begin, end = place + 4, place + 2 + length
        if end > len(start) or length < _LEAST_BYTES.get(marker, 2):
            return None
        if marker == _SOS:
            if frame is None:
                return None
            scan = start[begin:end]
            is_whole = scan[:1] == bytes([len(colours)]) and scan[1 : 1 + 2 * len(colours) : 2] == colours
            return PlainJpeg(*frame, exif, is_one_scan=is_whole and not frame[1])
        if marker in (0xC0, 0xC1, 0xC2) and frame is None and length > 8:
            bits, height, width, count = struct.unpack_from(">BHHB", start, begin)
            if bits != 8 or count not in (1, 3) or length != 8 + 3 * count or not height * width:
                return None
            frame, colours = ((height, width), marker == 0xC2), start[begin + 6 : end : 3]
        elif marker == _DQT:
            if (length - 2) % _TABLE_BYTES or max(start[begin:end:_TABLE_BYTES], default=0) > 15:
                return None
        elif marker == _APP1 and start.startswith(_EXIF, begin, end):
            exif += start[begin + len(_EXIF) : end] if exif else start[begin:end]
        elif marker == _APP2:
            # Of further pictures, or of a profile, whose number and count follow.
            if not start.startswith(_ICC, begin, end - 2):
                return None
        elif marker not in _PASSED and marker != _APP1 and marker not in _LEAST_BYTES:
            return None
        place = end
    return None


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
            end_of_scan = min(last + 1, _COEFFICIENTS)
            for identity in segment[1 : 1 + 2 * count : 2]:
                if identity in lowest_bits:
                    lowest_bits[identity][first:end_of_scan] = [bits & 0xF] * (end_of_scan - first)
            # What follows is most of the file, and takes nothing away.
            if not is_progressive and lowest_bits and _are_complete(lowest_bits):
                return True
    return _are_complete(lowest_bits)


def _are_complete(lowest_bits: dict[int, list[int | None]]) -> bool:
    return all(bits == [0] * _COEFFICIENTS for bits in lowest_bits.values())
