"""How much of a body is in the picture."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage, ReviewedPerson
from render.review.measure import Column, Measure

COLUMNS = (
    Column(
        "outside",
        "Share of the body's surface that lies outside of the photo or behind the camera, hidden parts too.",
        worst="high",
    ),
    Column("behind_camera", "Share of the body's surface that lies behind the camera.", worst="high"),
    Column("drawn_height", "Height of the box around the drawn body, in the photo or not.", "px", digits=1),
)


def measure_picture(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    return np.array([_measure_person(person, image.photo_hw) for person in image.people], np.float64)


def _measure_person(person: ReviewedPerson, photo_hw: tuple[int, int] | None) -> list[float]:
    height = person.drawn_box_px[3] - person.drawn_box_px[1]
    if person.camera.is_framed:
        return [np.nan, np.nan, height]
    x, y = person.verts_px.T
    behind = _share_surface(person, np.isnan(x))
    if photo_hw is None:
        return [np.nan, behind, height]
    # NaN is nowhere, so what is behind the camera is outside too.
    is_inside = (x >= 0) & (x < photo_hw[1]) & (y >= 0) & (y < photo_hw[0])
    return [_share_surface(person, ~is_inside), behind, height]


def _share_surface(person: ReviewedPerson, is_chosen: np.ndarray) -> float:
    """The share of a body's surface that belongs to some vertices: a third of each face to each corner.

    Args:
        person: Whose body it is.
        is_chosen: (V,) which vertices they are.
    """
    if not len(person.faces):
        return np.nan
    # Most bodies are in their photo whole, and areas take longer than all else.
    if not is_chosen.any():
        return 0.0
    a, b, c = person.verts_m[person.faces].swapaxes(0, 1)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    total = float(areas.sum())
    return float(areas @ is_chosen[person.faces].mean(1)) / total if total > 0 else np.nan


MEASURE = Measure(COLUMNS, measure_picture)
