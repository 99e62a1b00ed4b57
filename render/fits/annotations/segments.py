"""The segmentations of an annotation file, in flat columns, and how they are gathered from its entries."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, TypeGuard

import numpy as np

from render.containers.json_values import RowFault, describe
from render.fits.annotations.checks import (
    KEY,
    MOST_IN_FILE,
    MOST_NUMBERS,
    MOST_POLYGONS,
    check_counts,
    check_polygons,
    check_size,
)
from render.fits.annotations.counts import decode_counts
from render.fits.annotations.segmentation import Segmentation

_INT64 = np.iinfo(np.int64)
# Of a picture whose size the file does not say.
_NO_SIZE = (0, 0)


@dataclass(frozen=True)
class SegmentTable:
    """S segmentations of M parts of K numbers, which are checked when they are taken.

    Attributes:
        first_part: (S + 1,) int64, the first part of each; the last number is M.
        first_number: (M + 1,) int64, the first number of each part; the last number is K.
        numbers: (K,) float64, of polygons or run lengths.
        is_rle: (S,) bool, as in Segmentation.
        is_crowd: (S,) bool, as in Segmentation.
        hw: (S, 2) int64 height and width of the photo, 0 where the file does not say.
    """

    first_part: np.ndarray
    first_number: np.ndarray
    numbers: np.ndarray
    is_rle: np.ndarray
    is_crowd: np.ndarray
    hw: np.ndarray

    def __len__(self) -> int:
        return len(self.is_rle)

    def take(self, place: int) -> Segmentation:
        """One of them, in memory of its own.

        Raises:
            RowFault: Its numbers are none of a segmentation.
        """
        first, end = self.first_part[place : place + 2].tolist()
        bounds = self.first_number[first : end + 1].tolist()
        parts = tuple(np.array(self.numbers[a:b]) for a, b in pairwise(bounds))
        height, width = self.hw[place].tolist()
        is_rle, has_size = bool(self.is_rle[place]), (height, width) != _NO_SIZE
        if is_rle:
            if len(parts) != 1:
                raise RowFault(KEY, "run lengths", f"{len(parts)} lists of them")
            check_counts(parts[0], (height, width))
        else:
            check_polygons(parts)
            if has_size:
                check_size((height, width))
        return Segmentation(parts, is_rle, bool(self.is_crowd[place]), (height, width) if has_size else None)

    def measure(self) -> dict[str, int]:
        """The lengths S, M and K, as `map_segments` takes them."""
        return {"segments": len(self), "parts": len(self.first_number) - 1, "numbers": len(self.numbers)}

    def list_columns(self) -> dict[str, np.ndarray]:
        """All of its columns, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def map_segments(
    read: Callable[[str, type, tuple[int, ...]], np.ndarray], segments: int, parts: int, numbers: int
) -> SegmentTable:
    """A table out of columns that are kept.

    Args:
        read: From name, type and shape of a column to the column.
        segments: S of `SegmentTable`.
        parts: M.
        numbers: K.

    Raises:
        ValueError: Parts are not where they can be.
    """
    table = SegmentTable(
        read("first_part", np.int64, (segments + 1,)),
        read("first_number", np.int64, (parts + 1,)),
        read("numbers", np.float64, (numbers,)),
        read("is_rle", np.bool_, (segments,)),
        read("is_crowd", np.bool_, (segments,)),
        read("hw", np.int64, (segments, 2)),
    )
    for first, end in ((table.first_part, parts), (table.first_number, numbers)):
        if first[0] != 0 or first[-1] != end or (np.diff(first) < 0).any():
            raise ValueError("segments: expected parts that follow one another")
    return table


class SegmentGatherer:
    """Takes segmentations and the sizes of photos out of the entries of an annotation file."""

    def __init__(self) -> None:
        self._first_part, self._first_number = array("q", [0]), array("q", [0])
        self._numbers = array("d")
        self._is_rle, self._is_crowd = array("b"), array("b")
        # Of segmentations the photo and the size that they say themselves; of photos id and size.
        self._image, self._hw = array("q"), array("q")
        self._photo, self._photo_hw = array("q"), array("q")

    def add_photo(self, entry: Any) -> None:
        """Takes an entry of the list of photos; what is none is passed over."""
        if isinstance(entry, dict):
            told = [number for key in ("id", "height", "width") if _is_int64(number := entry.get(key))]
            if len(told) == 3:
                self._photo.append(told[0])
                self._photo_hw.extend(told[1:])

    def add(self, entry: dict[str, Any]) -> int:
        """Takes the segmentation of an annotation.

        Returns:
            Its place in the table, -1 where there is none.

        Raises:
            RowFault: It is of other types or lengths than segmentations are.
        """
        told = entry.get(KEY)
        # Some programs write an empty list for what has none.
        if told is None or told == []:
            return -1
        is_crowd = entry.get("iscrowd", 0)
        if type(is_crowd) is not int or is_crowd not in (0, 1):
            raise RowFault("iscrowd", "0 or 1", describe(is_crowd))
        hw = _NO_SIZE
        if isinstance(told, dict):
            hw, counts = _read_counts(told)
            parts: list[Any] = [counts]
        elif isinstance(told, list):
            parts = told
            _check_lists(parts)
        else:
            raise RowFault(KEY, "polygons, or an object with size and counts", describe(told))
        start = len(self._numbers)
        if start + sum(map(len, parts)) > MOST_IN_FILE:
            raise RowFault(KEY, f"at most {MOST_IN_FILE} numbers in a file", "more")
        try:
            for part in parts:
                self._numbers.fromlist(part)
        except OverflowError:
            del self._numbers[start:]
            raise RowFault(KEY, "numbers", "an integer beyond the range of a double") from None
        for part in parts:
            start += len(part)
            self._first_number.append(start)
        self._first_part.append(len(self._first_number) - 1)
        self._is_rle.append(isinstance(told, dict))
        self._is_crowd.append(is_crowd)
        self._hw.extend(hw)
        image = entry.get("image_id")
        self._image.append(image if _is_int64(image) else _INT64.min)
        return len(self._is_rle) - 1

    def build(self) -> SegmentTable:
        """All of them."""
        hw = np.array(self._hw, np.int64).reshape(-1, 2)
        is_rle = np.array(self._is_rle, np.bool_)
        photo, first = np.unique(np.array(self._photo, np.int64), return_index=True)
        if len(photo):
            photo_hw = np.array(self._photo_hw, np.int64).reshape(-1, 2)[first]
            image = np.array(self._image, np.int64)
            place = np.searchsorted(photo, image).clip(max=len(photo) - 1)
            is_known = ~is_rle & (photo[place] == image)
            hw[is_known] = photo_hw[place[is_known]]
        return SegmentTable(
            np.array(self._first_part, np.int64),
            np.array(self._first_number, np.int64),
            np.frombuffer(self._numbers, np.float64) if self._numbers else np.zeros(0),
            is_rle,
            np.array(self._is_crowd, np.bool_),
            hw,
        )


def _is_int64(value: Any) -> TypeGuard[int]:
    # True is equal to 1, but no number here.
    return type(value) is int and _INT64.min < value <= _INT64.max


def _read_counts(told: dict[str, Any]) -> tuple[tuple[int, int], list[Any]]:
    """Size and run lengths of an object that holds them."""
    size, counts = told.get("size"), told.get("counts")
    if not isinstance(size, list) or len(size) != 2 or not all(type(side) is int for side in size):
        raise RowFault(f"{KEY}.size", "height and width, whole numbers", describe(size))
    hw = (size[0], size[1])
    check_size(hw)
    if isinstance(counts, str):
        return hw, decode_counts(counts).tolist()
    if not isinstance(counts, list):
        raise RowFault(f"{KEY}.counts", "a list of numbers or a text", describe(counts))
    _check_lists([counts])
    return hw, counts


def _check_lists(parts: list[Any]) -> None:
    """Raises RowFault where these are no lists of numbers, or too many."""
    if len(parts) > MOST_POLYGONS:
        raise RowFault(KEY, f"1 to {MOST_POLYGONS} polygons", str(len(parts)))
    length = 0
    for part in parts:
        if not isinstance(part, list):
            raise RowFault(KEY, "lists of numbers", describe(part))
        length += len(part)
        if length > MOST_NUMBERS:
            raise RowFault(KEY, f"at most {MOST_NUMBERS} numbers", "more")
        # Quicker than each by itself: array() would take true for a number.
        if not set(map(type, part)) <= {int, float}:
            stranger = next(x for x in part if type(x) is not int and type(x) is not float)
            raise RowFault(KEY, "numbers", describe(stranger))
