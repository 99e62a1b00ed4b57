"""The shadows that people and stools throw on the floor of a demo photo."""

from __future__ import annotations

import cv2
import numpy as np

from render.demo.light import Light
from render.demo.view import Placement
from render.demo.visibility import find_faces

CONTACT_HEIGHT_M = 0.06
NEAR_FLOOR_M = 0.45


def shade_floor(
    direct: np.ndarray,
    ambient: np.ndarray,
    verts_m: np.ndarray,
    faces: np.ndarray,
    light: Light,
    place: Placement,
) -> None:
    """Throws the shadow of a body onto the floor.

    Vertices are projected along the light, and straight down where the body touches, onto the floor.

    Args:
        direct: The floor's share of the key light (H, W), lowered in place.
        ambient: Its share of the sky (H, W), lowered in place.
        verts_m: (V, 3), from the point of the floor at `place`.
        faces: (F, 3).
        light: Of the scene.
        place: Where the body stands.
    """
    height = np.maximum(verts_m[:, 1:2], 0)
    thrown = verts_m - light.toward * height / light.toward[1]
    # What is blurred needs no more than half the picture's resolution.
    hw = direct.shape
    half_hw = (hw[0] // 2 + 1, hw[1] // 2 + 1)
    views = np.stack([place.project(points * (1, 0, 1)) for points in (thrown, verts_m)])
    # The lowest of what is over a point is the nearest to it: it says how far up what shades the point is.
    views = np.concatenate([views[:, :, :2] * 0.5, np.stack([height, height])], 2)
    whole, above = find_faces(views, faces, [half_hw] * 2)
    sigma = 0.5 * light.blur_m * place.px_per_m
    # A shadow is sharp near what throws it, and soft farther off.
    far = _blur(whole.depth < np.inf, sigma, place)
    near = _blur(whole.depth < NEAR_FLOOR_M, 0.35 * sigma, place)
    # A body also hides the sky: almost all of it where it touches the floor, some of it all around.
    metre = 0.5 * place.px_per_m
    touching = _blur(above.depth < CONTACT_HEIGHT_M, 0.018 * metre, place)
    close = _blur(above.depth < 0.25, 0.06 * metre, place)
    wide = _blur(above.depth < np.inf, 0.18 * metre, place)
    direct *= _enlarge(1 - np.maximum(far, near), hw)
    ambient *= _enlarge((1 - 0.85 * touching) * (1 - 0.55 * close) * (1 - 0.45 * wide), hw)


def _blur(covered: np.ndarray, sigma: float, place: Placement) -> np.ndarray:
    # The floor is seen at a slant, so a round blur on it is a flat ellipse in the picture.
    slant = np.sin(place.tilt_rad) + 0.15
    blurred: np.ndarray = cv2.GaussianBlur(
        covered.astype(np.float32), (0, 0), sigma + 0.3, sigmaY=slant * sigma + 0.3
    )
    return blurred


def _enlarge(half: np.ndarray, hw: tuple[int, ...]) -> np.ndarray:
    return cv2.resize(half, (2 * half.shape[1], 2 * half.shape[0]))[: hw[0], : hw[1]]
