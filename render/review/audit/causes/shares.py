"""Causes that are a share of people beyond a bound of a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.review.audit.causes.cause import FEWEST, Cause, take_known
from render.review.table import Values


@dataclass(frozen=True)
class _Share:
    """What is wrong with people beyond a bound.

    Attributes:
        column: Of the numbers.
        bound: From which on a number is bad.
        share: From which share of people on it is named.
        name: Of the cause.
        says: Of how many, out of how many.
        advice: What to do.
    """

    column: str
    bound: float
    share: float
    name: str
    says: str
    advice: str


_ALL = (
    _Share(
        "double",
        0.7,
        0.02,
        "doubles",
        "{count:,} people of {of:,} are fitted twice: another fit of their image covers nearly the same "
        "pixels with the same joints.",
        "Keep one of each: double_row names the other; two files of the same people may have been joined.",
    ),
    _Share(
        "same_annotation",
        1,
        0.02,
        "same annotation",
        "{count:,} people of {of:,} share their annotation id with another fit of the image.",
        "Keep one of each annotation id.",
    ),
    _Share(
        "outside",
        0.9,
        0.1,
        "outside",
        "of {count:,} people of {of:,} nine tenths of the body and more lie outside of their photo.",
        "Cameras or boxes are not of these photos: look at some, and compare their sizes with those of the "
        "boxes.",
    ),
    _Share(
        "behind_camera",
        0.5,
        0.02,
        "behind the camera",
        "{count:,} people of {of:,} stand behind their camera.",
        "The depth of the translation has the other sign, or the extrinsics are inverted.",
    ),
    _Share(
        "sides_gain",
        2,
        0.1,
        "left and right",
        "{count:,} people of {of:,} fit their keypoints twice as well with left and right exchanged.",
        "Keypoints are in another order than was taken, or photos were mirrored without exchanging them.",
    ),
    _Share(
        "swap_row",
        0,
        0.02,
        "swapped people",
        "{count:,} people of {of:,} fit the keypoints of another person of their image better.",
        "Images and rows do not belong together, or people were numbered in another order: join by "
        "annotation id.",
    ),
)


def find_shares(values: Values) -> list[Cause]:
    """Those that are of enough people."""
    causes = []
    for one in _ALL:
        numbers = take_known(values, one.column)
        with np.errstate(invalid="ignore"):
            count = int((numbers >= one.bound).sum())
        if count >= max(FEWEST, one.share * len(values)):
            says = one.says.format(count=count, of=len(values))
            causes.append(Cause(one.name, count, len(values), None, says, one.advice))
    return causes
