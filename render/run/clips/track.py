"""Where the views around the bodies of a clip look, frame by frame, so that nothing jumps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from render.types.scenes import Scenes

_PICTURE_UP = np.array([0.0, -1.0, 0.0])
# Shorter than a step, in which hips sway; longer than what estimates tremble by.
SMOOTHING_S = 0.4
# Gaussians are nothing beyond this many deviations.
_REACH = 3.0
# Of the sum of unit vectors that cancel.
_TINY = 1e-6
# Of the frames of a clip, those in which a foot is no lower than the ground; in the others somebody jumps, or
# an estimate lets a foot sink in.
ON_GROUND = 0.9


def follow_up(scenes: Scenes, starts_s: np.ndarray) -> Scenes:
    """Nothing but an up that turns smoothly with that of each frame.

    Args:
        scenes: Of each frame; NaN where nobody is.
        starts_s: (N + 1,) when each frame begins, and when the last one ends.
    """
    up = np.column_stack([_smooth(_fill(column), starts_s[:-1]) for column in scenes.up.T])
    return replace(Scenes.unknown(len(up)), up=_normalize(up))


def hold_up(scenes: Scenes) -> Scenes:
    """Nothing but one up, the mean of all frames.

    Args:
        scenes: Of each frame; NaN where nobody is.
    """
    up = np.tile(np.nanmean(scenes.up, axis=0), (len(scenes.up), 1))
    return replace(Scenes.unknown(len(up)), up=_normalize(up))


def _normalize(up: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(up, axis=1, keepdims=True)
    # Ups that are opposed tell nothing.
    return np.where(length > _TINY, up / np.maximum(length, _TINY), _PICTURE_UP)


def follow_bodies(scenes: Scenes, starts_s: np.ndarray) -> Scenes:
    """Cylinders of one size that move smoothly with what is in each frame, and hold all of it.

    Args:
        scenes: Of each frame; NaN where nobody is.
        starts_s: (N + 1,) when each frame begins, and when the last one ends.
    """
    times_s = starts_s[:-1]
    center = np.column_stack([_smooth(_fill(column), times_s) for column in scenes.center.T])
    ground = _fill(scenes.ground)
    moved = scenes.center - center
    radius = np.nanmax(np.hypot(moved[:, 0], moved[:, 2]) + scenes.radius)
    half_height = np.nanmax(np.abs(moved[:, 1]) + scenes.half_height)
    return _spread(center, radius, half_height, ground, scenes.up)


def stand_still(scenes: Scenes) -> Scenes:
    """One cylinder around all that is in any frame.

    Args:
        scenes: Of each frame; NaN where nobody is.
    """
    reach = np.column_stack([scenes.radius, scenes.half_height, scenes.radius])
    low, high = np.nanmin(scenes.center - reach, axis=0), np.nanmax(scenes.center + reach, axis=0)
    center = (low + high) / 2
    moved = scenes.center - center
    radius = np.nanmax(np.hypot(moved[:, 0], moved[:, 2]) + scenes.radius)
    whole = np.tile(center, (len(scenes.radius), 1))
    return _spread(whole, radius, (high[1] - low[1]) / 2, _fill(scenes.ground), scenes.up)


def level_ground(scenes: Scenes) -> Scenes:
    """One ground for all frames, for worlds that stand still.

    Args:
        scenes: Of each frame; NaN where nobody is, or where nobody stands on anything.
    """
    known = scenes.ground[~np.isnan(scenes.ground)]
    level = np.quantile(known, ON_GROUND) if len(known) else np.nan
    return replace(scenes, ground=np.full(len(scenes.ground), level))


def _spread(
    center: np.ndarray, radius: float, half_height: float, ground: np.ndarray, up: np.ndarray
) -> Scenes:
    count = len(center)
    return Scenes(center, np.full(count, radius), np.full(count, half_height), ground, up)


def _fill(values: np.ndarray) -> np.ndarray:
    """Gaps between known values are bridged by straight lines, and the ends go on as they are."""
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return values
    return np.interp(np.arange(len(values)), known, values[known])


def _smooth(values: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """A Gaussian over time, whose sum is right at the ends too."""
    if len(values) < 2:
        return values
    step_s = float(np.median(np.diff(times_s)))
    # A clip of a frame a minute moves as it moves.
    reach = min(int(np.ceil(_REACH * SMOOTHING_S / step_s)), len(values) - 1)
    if reach < 1:
        return values
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step_s / SMOOTHING_S) ** 2)
    weight = np.convolve(np.ones(len(values)), kernel, mode="full")[reach : reach + len(values)]
    return np.convolve(values, kernel, mode="full")[reach : reach + len(values)] / weight
