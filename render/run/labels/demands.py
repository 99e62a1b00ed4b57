"""What layers ask of fits, and who does not have it."""

from __future__ import annotations

import numpy as np

from render.errors import ConfigError
from render.labels.layer import LayerSpec
from render.types.fits import Fits, Unit

# What each is, and what to ask for instead.
_WHAT = {
    "pinhole": "the focal length of a pinhole camera, for depths in metres; use depth_relative",
    "world": "the world of a sequence, which few formats know; use normal",
}


def check_demands(layers: tuple[LayerSpec, ...], fits: Fits) -> None:
    """Raises ConfigError for a layer that nobody of the fits can have."""
    if not len(fits):
        return
    for spec in layers:
        for need, what in _WHAT.items():
            if need in spec.layer.needs and not _have(need, fits).any():
                raise ConfigError(
                    f"layers: {spec.name} needs {what}, or leave the layer out; none of the {len(fits)} fits "
                    f"has it"
                )


def find_unmet(layers: tuple[LayerSpec, ...], fits: Fits) -> dict[int, str]:
    """Who cannot have all layers, and why, by their positions in the fits.

    Args:
        layers: Of the products.
        fits: People.
    """
    unmet: dict[int, str] = {}

    def note(lacks: np.ndarray, reason: str) -> None:
        for person in np.flatnonzero(lacks).tolist():
            unmet.setdefault(person, f"row {fits.row[person]}: {reason}")

    note(fits.unit == Unit.FRAMED, "it has no camera, which labels are seen by")
    for spec in layers:
        for need, what in _WHAT.items():
            if need in spec.layer.needs:
                note(~_have(need, fits), f"the layer {spec.name} needs {what}, or leave the layer out")
    return unmet


def _have(need: str, fits: Fits) -> np.ndarray:
    if need == "pinhole":
        return fits.focal[:, 1] > 0
    return np.isfinite(fits.world_rotation).all((1, 2))
