"""Draws a scene with this renderer, and letters over it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from render import build_sheets, make_bodies, make_cameras, rasterize_sheets, shade_sheets
from tools.docs.coordinates.letters import open_font
from tools.docs.coordinates.shapes import Label, Mesh

SUPERSAMPLE = 4
_HALO_PX = 5


def look_at(eye: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotation (3, 3) and translation (3,) of a camera, OpenCV's, in a scene whose y points down."""
    away = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross([0.0, 1.0, 0.0], away)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(away, right), away])
    return rotation, -rotation @ eye


def draw_scene(
    mesh: Mesh,
    labels: list[Label],
    eye: np.ndarray,
    target: np.ndarray,
    size_px: tuple[int, int],
    focal: float,
    letter_px: int,
) -> Image.Image:
    """A picture of a scene on white.

    Args:
        mesh: All of it; x right, y down, z away.
        labels: Letters beside it.
        eye: (3,) where it is seen from, m.
        target: (3,) what is in the middle, m.
        size_px: Width and height.
        focal: Length in widths of the picture.
        letter_px: Height of letters.
    """
    rotation, transl = look_at(np.asarray(eye, np.float64), np.asarray(target, np.float64))
    focal_px, center = focal * size_px[0], np.array(size_px) / 2
    bodies = make_bodies(mesh.verts[None], mesh.faces, colors=mesh.colors)
    cameras = make_cameras(rotation[None], transl[None], [focal_px], center[None])
    sheets = build_sheets(
        bodies, ["camera/vertexcolor/white"], size_px=size_px, cameras=cameras, supersample=SUPERSAMPLE
    )
    (pixels,) = shade_sheets(sheets, rasterize_sheets(sheets))
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    pen = ImageDraw.Draw(picture)
    for label in labels:
        seen = rotation @ label.place + transl
        # Letters stand for axes, and are larger than words.
        font = open_font(letter_px if len(label.text) == 1 else round(0.7 * letter_px))
        place = center + focal_px * seen[:2] / seen[2]
        pen.text(
            tuple(place), label.text, label.color, font, "mm", stroke_width=_HALO_PX, stroke_fill="white"
        )
    return picture
