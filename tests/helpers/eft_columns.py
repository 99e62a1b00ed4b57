"""What fits of EFT's hold, row by row, and what they must hold by its formulas."""

import numpy as np

from render.types.fits import Fits


def list_columns(fits: Fits) -> dict[str, np.ndarray]:
    """The columns that an EFT file decides, in the order of the rows."""
    (source,) = fits.sources
    poses, marks = source.bodies, source.marks
    return {
        "row": fits.row,
        "image_name": fits.image_name,
        "annot_id": fits.annot_id,
        "scale": fits.scale,
        "origin": fits.origin,
        "box_px": fits.box_px,
        "rotmat": poses.rotmat[fits.place],
        "betas": poses.betas[fits.place],
        "joint_validity": marks.validity[fits.place],
        "keypoints_px": marks.points_px[fits.place],
    }


def place_crop(center: list[float], scale: float, cam: list[float]) -> dict[str, np.ndarray]:
    """Scale, origin and box of a fit, number by number."""
    half = scale * 200 / 2
    left, top, bottom = (
        float(np.trunc(value)) for value in (center[0] - half, center[1] - half, center[1] + half)
    )
    side = bottom - top
    s, tx, ty = map(float, cam)
    return {
        "scale": np.float64(s * side / 2),
        "origin": np.array([left + (1 + tx) * side / 2, top + (1 + ty) * side / 2]),
        "box_px": np.array([left, top, side]),
    }
