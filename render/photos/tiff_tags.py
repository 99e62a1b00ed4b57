"""The tags of a TIFF's first picture: whether it can be drawn truly, and what it is where not.

TIFF 6.0 is a family: colours of many kinds, numbers of many kinds, alpha in them or beside them. Decoders
take some of them for others, without a word.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

# TIFF 6.0, section 2, and BigTIFF: bytes of a value of each type, and those of whole numbers.
_TYPE_BYTES = {
    **dict.fromkeys((1, 2, 6, 7), 1),
    **dict.fromkeys((3, 8), 2),
    **dict.fromkeys((4, 9, 11, 13), 4),
    **dict.fromkeys((5, 10, 12, 16, 17, 18), 8),
}
_NUMBER_CODES = {1: "B", 3: "H", 4: "I", 16: "Q"}
_MOST_ENTRIES = 65_535
# Samples of a pixel; what has more is no photo.
_MOST_VALUES = 16
_SUBFILE_TYPE, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 258, 259, 262
# EXIF has it under the same number.
ORIENTATION = 274
_SAMPLES, _PLANAR, _INK_SET, _EXTRA_SAMPLES, _SAMPLE_FORMAT, _DNG_VERSION = 277, 284, 332, 338, 339, 50706
_WANTED = (
    *(_SUBFILE_TYPE, _BITS, _COMPRESSION, _PHOTOMETRIC, ORIENTATION, _SAMPLES, _PLANAR),
    *(_INK_SET, _EXTRA_SAMPLES, _SAMPLE_FORMAT, _DNG_VERSION),
)
_COLOURS = {0: "grey", 1: "grey", 2: "RGB", 3: "palette", 5: "CMYK", 6: "YCbCr"}
_COLOURS_NOT_READ = {
    4: "a mask",
    8: "CIE L*a*b* colours",
    9: "ICC L*a*b* colours",
    10: "ITU L*a*b* colours",
    32803: "a camera's raw colours",
    32844: "LogL brightness",
    32845: "LogLuv colours",
    34892: "a camera's raw colours",
}
_NUMBERS = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
_BITS_READ = (1, 2, 4, 8, 16)
# "Unassociated": decoders that are asked for RGB multiply by it. Nobody multiplies by what is unspecified.
_UNASSOCIATED_ALPHA = 2
# Between the header and the tags, with its version.
_CR2 = b"CR\2\0"


@dataclass(frozen=True)
class TiffTags:
    """What a TIFF says of its first picture.

    Attributes:
        values: Of each tag.
        places: Where the values of each begin and end in the file.
        is_cr2: Canon's raw photos are marked in the header.
    """

    values: dict[int, tuple[int, ...]]
    places: dict[int, tuple[int, int]]
    is_cr2: bool

    @property
    def is_plain(self) -> bool:
        """Whether a pixel's samples lie together, of a byte or less. Pillow gets others wrong."""
        return self._first(_BITS, 1) <= 8 and self._first(_PLANAR, 1) == 1

    def describe(self) -> str:
        """The kind of the picture in words."""
        bits = self._first(_BITS, 1)
        number = _NUMBERS.get(self._first(_SAMPLE_FORMAT, 1), "")
        colours = _COLOURS.get(self._first(_PHOTOMETRIC, -1), "unknown colours")
        words = [f"{bits}-bit {number} {colours}".replace("  ", " ")]
        if _EXTRA_SAMPLES in self.values:
            words.append("alpha or other samples")
        if self._first(_PLANAR, 1) == 2:
            words.append("a plane for each sample")
        return f"a TIFF of {', '.join(words)}, compression {self._first(_COMPRESSION, 1)}"

    def find_fault(self) -> str | None:
        """What it is where decoders would give pixels, or reasons, that are not true."""
        if self.is_cr2:
            return "a raw photo (Canon CR2)"
        if _DNG_VERSION in self.values:
            return "a raw photo (DNG)"
        # Of a raw photo the small picture comes first, and raw data are in a place of their own.
        if self._first(_SUBFILE_TYPE, 0) & 1:
            return "a TIFF whose first picture is a small copy, as in raw photos (NEF, ARW)"
        photometric = self._first(_PHOTOMETRIC, -1)
        if photometric in _COLOURS_NOT_READ:
            return f"a TIFF of {_COLOURS_NOT_READ[photometric]}"
        bits = set(self.values.get(_BITS, (1,)))
        formats = set(self.values.get(_SAMPLE_FORMAT, (1,)))
        extra = self.values.get(_EXTRA_SAMPLES, ())
        if (
            not bits <= set(_BITS_READ)
            or len(bits) > 1
            or formats & set(_NUMBERS)
            or len(extra) > 1
            or (photometric == 3 and extra)
            or (photometric == 5 and (bits != {8} or extra or self._first(_INK_SET, 1) != 1))
        ):
            return self.describe()
        return None

    def _first(self, tag: int, default: int) -> int:
        return self.values[tag][0] if tag in self.values else default


def read_tags(file: BinaryIO, length: int) -> TiffTags | None:
    """The tags of a TIFF's first picture that matter here.

    Args:
        file: Open at any place.
        length: Of the file.

    Returns:
        None of what is no TIFF, or one too damaged to say what it is.

    Raises:
        ValueError: The tags are longer than the file. Decoders read them all, which could take any memory.
    """
    file.seek(0)
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    try:
        if order is None:
            return None
        version = struct.unpack(f"{order}H", head[2:4])[0]
        if version == 42:
            (start,), count_code, entry_code = struct.unpack(f"{order}I", head[4:8]), "H", "HHI4s"
        elif version == 43:
            (start,), count_code, entry_code = struct.unpack(f"{order}Q", head[8:16]), "Q", "HHQ8s"
        else:
            return None
        values, places = _read_entries(file, length, start, order, count_code, entry_code)
    # Damaged: decoders say so.
    except (struct.error, OSError, OverflowError):
        return None
    return TiffTags(values, places, head[8:12] == _CR2 and start == len(head))


def _read_entries(
    file: BinaryIO, length: int, start: int, order: str, count_code: str, entry_code: str
) -> tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, int]]]:
    values: dict[int, tuple[int, ...]] = {}
    places: dict[int, tuple[int, int]] = {}
    file.seek(start)
    count_struct, entry_struct = struct.Struct(order + count_code), struct.Struct(order + entry_code)
    count = count_struct.unpack(file.read(count_struct.size))[0]
    entries = file.read(min(count, _MOST_ENTRIES) * entry_struct.size)
    total = 0
    for place in range(0, len(entries) - entry_struct.size + 1, entry_struct.size):
        tag, kind, number, inline = entry_struct.unpack_from(entries, place)
        size = number * _TYPE_BYTES.get(kind, 0)
        total += size
        if tag not in _WANTED or kind not in _NUMBER_CODES or not 0 < number <= _MOST_VALUES:
            continue
        at = start + count_struct.size + place + entry_struct.size - len(inline)
        if size > len(inline):
            at = struct.unpack(order + ("I" if len(inline) == 4 else "Q"), inline)[0]
            file.seek(at)
            inline = file.read(size)
        values[tag] = struct.unpack(f"{order}{number}{_NUMBER_CODES[kind]}", inline[:size])
        places[tag] = (at, at + size)
    if total > length:
        raise ValueError("its tags are longer than the file")
    return values, places


def keep_colours(content: bytes, tags: TiffTags) -> bytes:
    """The same TIFF with alpha that no decoder multiplies the colours by.

    Args:
        content: Of the file.
        tags: Its tags.
    """
    if tags.values.get(_EXTRA_SAMPLES) != (_UNASSOCIATED_ALPHA,):
        return content
    # "Unspecified" is zero in any order of bytes.
    start, end = tags.places[_EXTRA_SAMPLES]
    return content[:start] + bytes(end - start) + content[end:]


def drop_orientation(content: bytes, tags: TiffTags) -> bytes:
    """The same TIFF as one whose rows and columns are stored upright.

    Args:
        content: Of the file.
        tags: Its tags.
    """
    if ORIENTATION not in tags.places:
        return content
    start, end = tags.places[ORIENTATION]
    upright = (1).to_bytes(end - start, "little" if content.startswith(b"II") else "big")
    return content[:start] + upright + content[end:]


def read_exif_orientation(exif: bytes) -> object:
    """The orientation in EXIF data, which are a TIFF without a picture; None where they have none.

    Args:
        exif: As Pillow has them.
    """
    # Image.getexif() would add orientations from XMP, which OpenCV does not heed.
    tags = Image.Exif()
    try:
        tags.load(exif)
        return tags.get(ORIENTATION)
    # As OpenCV: damaged EXIF data say nothing.
    except Exception:
        return None
