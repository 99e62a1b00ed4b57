"""Whether bodies are as large as people are."""

from __future__ import annotations

import numpy as np

from render.sanity.remarks import Remark, count_odd
from render.sanity.sample import Sample
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


def check_sizes(sample: Sample, takes_units: bool) -> tuple[Remark | None, bool]:
    """Whether bodies have the sizes of people.

    Args:
        sample: The people.
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
            advice = f"set dataset.options.units={word}" if takes_units else "give them in metres"
            return Remark("warn", f"{said}. They are most likely in {unit}: {advice}"), True
    return Remark("warn", f"{said}. Check the units and the shapes of these bodies"), False


def _find_range(fits: Fits, k: int) -> tuple[float, float]:
    bodies = fits.sources[int(fits.source[k])].bodies
    if isinstance(bodies, Meshes):
        name = bodies.topology or _VERTS.get(int(bodies.verts.shape[1]), "")
    else:
        name = bodies.kind
    return _RANGES.get(name, PEOPLE_M)
