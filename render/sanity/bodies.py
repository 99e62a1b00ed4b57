"""Whether bodies are as large as people are."""

from __future__ import annotations

import numpy as np

from render.sanity.placed import Placed, find_bounds, project
from render.sanity.remarks import Remark, count_odd
from render.sanity.reprojection import Errors, measure_errors, middle_of, share_boxes
from render.sanity.sample import Sample
from render.sanity.undo import shrink_points
from render.types.fits import Fits
from render.types.sources import Meshes

# Along the longest axis, of people in any pose, of hands and of heads, m.
PEOPLE_M, HANDS_M, HEADS_M = (0.3, 2.5), (0.05, 0.4), (0.1, 0.6)
_RANGES = {"mano": HANDS_M, "flame": HEADS_M}
# Topologies that are told by the number of their vertices.
_VERTS = {778: "mano", 5023: "flame"}
# Fewer people than this share who are odd are odd people.
ODD_SHARE = 0.1
# What it takes to be of another unit, around its factor.
_FACTOR_RANGE = 2.5
_UNITS = {
    100.0: ("centimetres", "cm"),
    1000.0: ("millimetres", "mm"),
    0.01: ("metres, which were divided by 100", "m"),
    0.001: ("metres, which were divided by 1000", "m"),
}
# Of the photo's longer side, what a person takes of most photos, with as many who take less as who take more.
_USUAL_SHARE = 0.3


def check_sizes(sample: Sample, errors: Errors, takes_units: bool) -> tuple[Remark | None, bool]:
    """Whether bodies have the sizes of people.

    Args:
        sample: The people.
        errors: Of their joints.
        takes_units: Whether the reader has an option for units.

    Returns:
        What there is to say, and whether it is that their unit is another one.
    """
    points = sample.verts.points_m
    size = (points.max(1) - points.min(1)).max(1)
    limits = np.array([_find_range(sample.fits, k) for k in range(len(sample))])
    is_odd = ~((size >= limits[:, 0]) & (size <= limits[:, 1]))
    if is_odd.mean() < ODD_SHARE or not np.isfinite(size).any():
        return None, False
    middle_m, expected = float(np.nanmedian(size)), limits[0]
    typical = float(np.sqrt(expected.prod())) if expected[1] < 1 else 1.6
    said = (
        f"{count_odd(sample.fits, is_odd, np.ones_like(is_odd))}: expected bodies of {expected[0]:g} to "
        f"{expected[1]:g} m, found a median of {middle_m:.3g} m"
    )
    for factor, (unit, word) in _UNITS.items():
        if 1 / _FACTOR_RANGE <= middle_m / typical / factor <= _FACTOR_RANGE:
            said += f". They are most likely in {unit}"
            if _are_alone(sample, errors, factor):
                how = f"divide the vertices by {factor:g}"
                if factor < 1:
                    how = f"multiply the vertices by {1 / factor:g}"
                said += f", and their cameras are not: no setting helps, so {how} before they are written"
            else:
                said += f": set dataset.options.units={word}" if takes_units else ": give them in metres"
            return Remark("warn", said), True
    return Remark("warn", f"{said}. Check the units and the shapes of these bodies"), False


def _find_range(fits: Fits, k: int) -> tuple[float, float]:
    bodies = fits.sources[int(fits.source[k])].bodies
    if isinstance(bodies, Meshes):
        name = bodies.topology or _VERTS.get(int(bodies.verts.shape[1]), "")
    else:
        name = bodies.kind
    return _RANGES.get(name, PEOPLE_M)


def _are_alone(sample: Sample, errors: Errors, factor: float) -> bool:
    """Whether only bodies are in another unit: where their cameras are too, they are seen at their place.

    Args:
        sample: The people.
        errors: Of their joints.
        factor: How many times too large they are.
    """
    as_read, shrunk = sample.verts, shrink_points(sample.verts, factor)
    off = middle_of(errors.relative)
    if not np.isnan(off):
        joints = shrink_points(sample.joints, factor)
        return middle_of(measure_errors(joints, sample.marks_px, sample.is_placed).relative) < off
    in_boxes = share_boxes(as_read, sample.is_placed)
    if not np.isnan(in_boxes):
        return share_boxes(shrunk, sample.is_placed) > in_boxes
    return _miss_usual(shrunk, sample.is_placed) < _miss_usual(as_read, sample.is_placed)


def _miss_usual(placed: Placed, is_placed: np.ndarray) -> float:
    """How far from the usual people are in their length on their photos, as a logarithm; the median."""
    points_px = project(placed)
    bounds = find_bounds(points_px)
    share = (bounds[:, 2:] - bounds[:, :2]).max(1) / placed.picture_px.max(1)
    is_behind = (np.isfinite(placed.points_m).all(2) & ~np.isfinite(points_px).all(2)).any(1)
    with np.errstate(divide="ignore"):
        miss = np.abs(np.log(share / _USUAL_SHARE))
    return middle_of(np.where(is_placed, np.where(is_behind, np.inf, miss), np.nan))
