"""What a run says of the way in which its views are upright."""

from __future__ import annotations

import numpy as np

from render.config.schema import Config
from render.sheet.view import VIEWS
from render.types.fits import Fits


def find_estimate(config: Config, fits: Fits) -> str | None:
    """What to say of an upright that bodies tell; None where none is shown, or where worlds tell it."""
    is_around = any(not VIEWS.load(spec.viewpoint.name).over_photo for spec in config.panel_specs())
    has_worlds = config.up == "world" and bool(np.isfinite(fits.world_rotation).all())
    if config.up == "picture" or has_worlds or not is_around:
        return None
    return (
        "up: views around the bodies are upright by an estimate from how they stand; up=picture keeps the "
        "photo's vertical"
    )
