"""The box that a sitting person of a demo photo sits on."""

from __future__ import annotations

import cv2
import numpy as np

from render.demo import palette
from render.demo.light import Light
from render.demo.view import Placement

WIDTH_M, DEPTH_M = 0.40, 0.36
SUBPIXEL_BITS = 4
STOOLS = palette.linear("b9925f", "cfc8bb", "6f7f86", "8a4b3a", "46505a")
# Corners of a box, x, y, z in 0..1, and its sides as corners in order, with their normals.
CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
SIDES = (
    ((0, 1, 0), (2, 3, 7, 6)),
    ((0, 0, 1), (1, 3, 7, 5)),
    ((0, 0, -1), (0, 2, 6, 4)),
    ((1, 0, 0), (4, 5, 7, 6)),
    ((-1, 0, 0), (0, 1, 3, 2)),
)
FACES = np.array([face for _, (a, b, c, d) in SIDES for face in ((a, b, c), (a, c, d))])


def make_stool(seat_m: np.ndarray, yaw_rad: float) -> np.ndarray:
    """A box on the floor whose top carries a point.

    Args:
        seat_m: The point (3,), y up.
        yaw_rad: How far the box is turned about the vertical.

    Returns:
        Its corners (8, 3).
    """
    local = (CORNERS - (0.5, 0, 0.5)) * (WIDTH_M, seat_m[1], DEPTH_M)
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    return local @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]).T + seat_m * (1, 0, 1)


def draw_stool(
    rng: np.random.Generator,
    canvas: np.ndarray,
    corners_m: np.ndarray,
    yaw_rad: float,
    place: Placement,
    light: Light,
) -> None:
    """Draws the box, in place.

    Args:
        rng: What chooses its colour.
        canvas: (H, W, 3) in linear light.
        corners_m: Of the box (8, 3).
        yaw_rad: How far it is turned.
        place: Where it stands.
        light: Of the scene.
    """
    colour = palette.choose(rng, STOOLS)
    corners_px = place.project(corners_m)
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    for local_normal, corner in SIDES:
        normal = turn @ local_normal
        # Turned away: a box is closed, so nothing of that side is seen.
        if (place.to_picture @ normal)[2] >= 0:
            continue
        upward = 0.5 + 0.5 * normal[1]
        ambient = upward * light.sky + (1 - upward) * light.bounce
        shade = colour * (ambient + max(normal @ light.toward, 0) * light.key)
        cover = np.zeros(canvas.shape[:2], np.uint8)
        # OpenCV counts from pixel centres, so half a pixel is taken off.
        outline = np.round(corners_px[list(corner), :2] * 2**SUBPIXEL_BITS - 2 ** (SUBPIXEL_BITS - 1))
        cv2.fillConvexPoly(cover, outline.astype(np.int32), 255, cv2.LINE_AA, SUBPIXEL_BITS)
        alpha = (cover / np.float32(255))[..., None]
        canvas += alpha * (shade.astype(np.float32) - canvas)
