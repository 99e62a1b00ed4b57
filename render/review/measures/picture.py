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
    points_px = person.verts_px
    is_behind = np.isnan(points_px[:, 0])
    areas = _measure_faces(person.verts_m, person.faces)
    behind = _share(areas, is_behind[person.faces])
    if photo_hw is None:
        return [np.nan, behind, height]
    # NaN is nowhere, so what is behind the camera is outside too.
    (x, y), (photo_height, photo_width) = points_px.T, photo_hw
    is_inside = (x >= 0) & (x < photo_width) & (y >= 0) & (y < photo_height)
    return [_share(areas, ~is_inside[person.faces]), behind, height]


def _measure_faces(verts_m: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(F,) areas."""
    a, b, c = verts_m[faces].swapaxes(0, 1)
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def _share(areas: np.ndarray, is_corner: np.ndarray) -> float:
    """The share of a surface that belongs to some vertices: a third of each face belongs to each corner.

    Args:
        areas: (F,) of its faces.
        is_corner: (F, 3) whether the corners of faces are such vertices.
    """
    total = float(areas.sum())
    return float(areas @ is_corner.mean(1)) / total if total > 0 else np.nan


MEASURE = Measure(COLUMNS, measure_picture)
