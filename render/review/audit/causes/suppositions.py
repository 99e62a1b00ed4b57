"""Causes that explain errors: with them many people would fit their keypoints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.review.audit.causes.cause import FEWEST, Cause, find_gain, spell_gain, take_known
from render.review.camera_mistakes import FOCAL_LENGTH, PHOTO_SIZE, PRINCIPAL_POINT, CameraMistake
from render.review.table import Values

# A cause explains a person if his error would be so many times smaller, and smaller by so much of his size
# and by so many pixels: EFT's boxes are of whole pixels.
GAIN, LEAST_SAVED, LEAST_SAVED_PX = 2.0, 0.005, 1.0
# It is named if it explains so many of the people with keypoints.
SHARE = 0.1
# What is fitted to each person always fits somewhat better; a factor that all people have is no accident.
FITTED_COSTS = 0.003
SAME_FACTOR = 0.05
# Shifts differ from person to person, so more people must have one.
SHIFTED_SHARE = 0.5


@dataclass(frozen=True)
class _Supposition:
    """A supposition of `render.review.measures.hypotheses`, in words.

    Attributes:
        column: What the error would be.
        name: Of the cause.
        fits: What people do with it; {factor} is what is fitted.
        advice: What to do.
        factor: The column of what is fitted; empty where nothing is.
    """

    column: str
    name: str
    fits: str
    advice: str
    factor: str = ""


def _suppose(column: str, mistake: CameraMistake, factor: str = "") -> _Supposition:
    return _Supposition(column, mistake.name, f"if {mistake.without}", mistake.advice, factor)


_ALL = (
    _Supposition(
        "if_camera_spin",
        "camera",
        "if their camera is s (X + t), as SPIN, HMR and VIBE have it, than as it was read",
        "Choose the format of the program that made the file, such as dataset=spin; or write s t for t.",
    ),
    _Supposition(
        "if_camera_eft",
        "camera",
        "if their camera is s X + t, as EFT and ROMP have it, than as it was read",
        "Choose the format of the program that made the file, such as dataset=eft; or write t / s for t.",
    ),
    _Supposition(
        "if_y_flipped",
        "y flipped",
        "if their bodies are turned upside down, so that y and z change sign",
        "The file has y up, or a rotation by 180 degrees about x was applied once too often: undo it in "
        "global_orient or in the vertices.",
    ),
    _Supposition(
        "if_mirrored",
        "mirrored",
        "if their photos are mirrored, with left and right exchanged",
        "Fits were made of mirrored photos, as in augmentation: mirror the fits back, or give the mirrored "
        "photos.",
    ),
    _suppose("if_centred", PRINCIPAL_POINT),
    _suppose("if_scaled", PHOTO_SIZE, "best_scale"),
    _suppose("if_focal", FOCAL_LENGTH, "best_focal"),
    _Supposition(
        "if_shifted",
        "shifted",
        "if they stand elsewhere in their photo; the median is {x:+.0f} px to the right and {y:+.0f} px down",
        "Sizes and poses are right, and boxes, translations or principal points are not: compare their "
        "centres with the photos.",
    ),
)


def find_suppositions(values: Values) -> list[Cause]:
    """The suppositions that explain most people, one after the other, each of people that are left."""
    error = take_known(values, "reprojection")
    is_left = np.isfinite(error)
    with_keypoints = int(is_left.sum())
    causes = []
    options = list(_ALL)
    while options:
        found = [(_explain(values, error, is_left, option), option) for option in options]
        (saved, explained), best = max(found, key=lambda one: one[0][0])
        if saved <= 0:
            break
        causes.append(_describe(values, best, error, explained, with_keypoints))
        is_left &= ~explained
        options.remove(best)
    return causes


def _explain(
    values: Values, error: np.ndarray, is_left: np.ndarray, supposition: _Supposition
) -> tuple[float, np.ndarray]:
    """How much of the error it saves in all, and (N,) of whom; nothing if they are too few."""
    supposed = take_known(values, supposition.column)
    is_fitted = bool(supposition.factor) or supposition.column == "if_shifted"
    with np.errstate(invalid="ignore", divide="ignore"):
        size_px = take_known(values, "reprojection_px") / error
        saved_px = (error - supposed) * np.where(np.isfinite(size_px), size_px, np.inf)
        explained = is_left & (supposed * GAIN <= error) & (error - supposed >= LEAST_SAVED)
        explained &= saved_px >= LEAST_SAVED_PX
        if supposition.factor and explained.any():
            factor = take_known(values, supposition.factor)
            middle = np.median(factor[explained])
            explained &= np.abs(factor / middle - 1) <= SAME_FACTOR
    share = SHIFTED_SHARE if supposition.column == "if_shifted" else SHARE
    count = int(explained.sum())
    if count < max(FEWEST, share * int(np.isfinite(error).sum())):
        return 0.0, explained
    saved = error[explained] - supposed[explained] - FITTED_COSTS * is_fitted
    return float(saved.sum()), explained


def _describe(
    values: Values, supposition: _Supposition, error: np.ndarray, explained: np.ndarray, of: int
) -> Cause:
    supposed = take_known(values, supposition.column)
    gain = find_gain(error[explained], supposed[explained])
    figures = {
        "factor": _find_median(values, supposition.factor, explained),
        "x": _find_median(values, "best_shift_x", explained),
        "y": _find_median(values, "best_shift_y", explained),
    }
    count = int(explained.sum())
    says = (
        f"{count:,} of {of:,} people with keypoints fit {spell_gain(gain)} better "
        f"{supposition.fits.format(**figures)}."
    )
    return Cause(supposition.name, count, of, gain, says, supposition.advice)


def _find_median(values: Values, name: str, explained: np.ndarray) -> float:
    return float(np.median(take_known(values, name)[explained])) if name else np.nan
