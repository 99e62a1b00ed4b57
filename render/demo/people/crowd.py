"""The people of a photo, drawn: all of them as one mesh, lit, with their coverage."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from render.demo.light import Light
from render.demo.people.clothes import Landmarks
from render.demo.people.figure import Figure
from render.demo.people.garments import Material
from render.demo.people.paint import Paint, Points, paint
from render.demo.people.surface import Surface
from render.demo.scenery.stool import paint_stool
from render.demo.visibility import find_faces

SUPERSAMPLING = 2
# More than any body is deep, in px, so that nearer people hide farther ones.
DEPTH_STEP_PX = 4096.0
# How far around a point is looked for what it lies behind, and how much light that takes at most.
HOLLOWS_M = ((0.06, 0.5), (0.018, 0.35))
STEEPEST = 0.9
GRASS_M = 0.05


def draw_people(
    figures: Sequence[Figure],
    surfaces: Sequence[Surface],
    stool_colours: Sequence[np.ndarray],
    marks: Landmarks,
    hw: tuple[int, int],
    light: Light,
) -> tuple[np.ndarray, np.ndarray]:
    """Draws people on nothing.

    Args:
        figures: The people, the farthest first.
        surfaces: Of each of them.
        stool_colours: Of each of their stools, whether there is one or not.
        marks: Of the body.
        hw: Height and width of the picture.
        light: Of the scene.

    Returns:
        Colour in linear light, premultiplied with coverage, and coverage (H, W, 4) float32; and how deep what
        is seen would be in grass (H, W), from 1 on the ground to 0 above it.
    """
    first_vert = np.cumsum([0, *(len(surface.verts_px) for surface in surfaces)])
    first_face = np.cumsum([0, *(len(surface.faces) for surface in surfaces)])
    verts = np.concatenate([
        surface.verts_px - (0, 0, DEPTH_STEP_PX * k) for k, surface in enumerate(surfaces)
    ]) * SUPERSAMPLING  # fmt: skip
    faces = np.concatenate([s.faces + first for s, first in zip(surfaces, first_vert, strict=False)])
    fine_hw = (hw[0] * SUPERSAMPLING, hw[1] * SUPERSAMPLING)
    (seen,) = find_faces(verts[None], faces, [fine_hw])
    picture = np.zeros((*fine_hw, 5), np.float32)
    for figure, surface, colour, start, end in zip(
        figures, surfaces, stool_colours, first_face, first_face[1:], strict=False
    ):
        mine = (seen.face >= start) & (seen.face < end)
        if not mine.any():
            continue
        rows, columns = (np.flatnonzero(mine.any(axis)) for axis in (1, 0))
        window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        face = np.where(mine[window], seen.face[window] - start, -1)
        corner = np.array([columns[0], rows[0]])
        rgb, sunk = _draw_person(figure, surface, colour, marks, face, corner, light)
        picture[window][face >= 0] = np.column_stack([rgb, np.ones(len(rgb)), sunk])
    # The mean of linear light, premultiplied, is what a pixel of a camera sees.
    small = np.dstack([
        cv2.resize(part, hw[::-1], interpolation=cv2.INTER_AREA) for part in (picture[..., :4], picture[..., 4])
    ])  # fmt: skip
    return small[..., :4], small[..., 4] / np.maximum(small[..., 3], 1e-6)


def _draw_person(
    figure: Figure,
    surface: Surface,
    stool_colour: np.ndarray,
    marks: Landmarks,
    face: np.ndarray,
    corner: np.ndarray,
    light: Light,
) -> tuple[np.ndarray, np.ndarray]:
    """Lit colours (P, 3) of the samples of a window that show the person, and their depth in grass (P,)."""
    covered = face >= 0
    number = face[covered]
    row, column = np.nonzero(covered)
    values, depth = _interpolate(surface, number, column + 0.5 + corner[0], row + 0.5 + corner[1])
    material = surface.material[number]
    albedo = np.empty((len(number), 3), np.float32)
    relief_m, gloss = np.zeros((2, len(number)), np.float32)
    for kind in Material:
        which = np.flatnonzero(material == kind)
        if not len(which):
            continue
        points = Points(values[which, 3:6], values[which, 6])
        painted = (
            paint_stool(stool_colour, points.rest_m, figure.outfit.phase)
            if kind == Material.STOOL
            else paint(kind, figure.outfit, marks, points)
        )
        albedo[which], relief_m[which], gloss[which] = painted

    unit_px = figure.place.px_per_m * SUPERSAMPLING
    normals = values[:, :3] - _slopes(covered, material, relief_m * unit_px) @ figure.place.to_picture[:2].astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    shares = values[:, 7:10]
    for reach_m, most in HOLLOWS_M:
        shares[:, :2] *= 1 - most * _hollow(covered, depth / figure.place.px_per_m, reach_m * unit_px, reach_m)[:, None]
    # The picture has z away from the viewer.
    toward_viewer = figure.place.to_picture.T @ (0, 0, -1)
    rgb = _shade(Paint(albedo, relief_m, gloss), material, normals, shares, toward_viewer, light)
    return rgb, np.clip(1 - values[:, 10] / GRASS_M, 0, 1)


def _interpolate(
    surface: Surface, number: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Values (P, 11) and depth in px (P,) at samples of faces."""
    corners = surface.faces[number]
    a, b, c = ((surface.verts_px[corners[:, k], :2] * SUPERSAMPLING) for k in range(3))
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    px, py = x - a[:, 0], y - a[:, 1]
    second = ((px * ac[:, 1] - py * ac[:, 0]) / area).astype(np.float32)
    third = ((py * ab[:, 0] - px * ab[:, 1]) / area).astype(np.float32)
    table = np.column_stack([surface.values, surface.verts_px[:, 2]]).astype(np.float32)
    found = table[corners[:, 0]] * (1 - second - third)[:, None]
    found += table[corners[:, 1]] * second[:, None]
    found += table[corners[:, 2]] * third[:, None]
    return found[:, :-1], found[:, -1]


def _slopes(covered: np.ndarray, material: np.ndarray, relief_px: np.ndarray) -> np.ndarray:
    """How the relief rises to the right and down (P, 2), where neighbours are of the same material."""
    height = np.zeros(covered.shape, np.float32)
    height[covered] = relief_px
    kind = np.full(covered.shape, -1, np.int8)
    kind[covered] = material
    slopes = []
    for axis in (1, 0):
        before, after = np.roll(height, 1, axis), np.roll(height, -1, axis)
        alike = (np.roll(kind, 1, axis) == kind) & (np.roll(kind, -1, axis) == kind)
        slopes.append((0.5 * (after - before) * alike)[covered])
    return np.clip(np.stack(slopes, 1), -STEEPEST, STEEPEST)


def _hollow(covered: np.ndarray, depth_m: np.ndarray, reach_px: float, reach_m: float) -> np.ndarray:
    """How far points (P,) lie behind the mean of what is around them, 0 to 1."""
    size = (int(0.6 * reach_px) * 2 + 1,) * 2
    depth = np.zeros(covered.shape, np.float32)
    depth[covered] = depth_m
    # A mean over the person alone: what is not covered has depth 0 and share 0.
    around, share = cv2.blur(depth, size)[covered], cv2.blur(covered.astype(np.float32), size)[covered]
    return np.clip((depth_m - around / share - 0.05 * reach_m) / (0.8 * reach_m), 0, 1)


def _shade(
    painted: Paint,
    material: np.ndarray,
    normals: np.ndarray,
    shares: np.ndarray,
    toward_viewer: np.ndarray,
    light: Light,
) -> np.ndarray:
    """Lambert's law for the key light, a sky above and a floor below, sheen on skin, hair and cloth."""
    upward = 0.5 + 0.5 * normals[:, 1:2]
    ambient = upward * shares[:, :1] * light.sky + (1 - upward) * shares[:, 1:2] * light.bounce
    facing = (normals @ light.toward)[:, None]
    # Light scatters inside skin, the red of it farthest, so its shadow edges are soft and warm.
    wrap = (material == Material.SKIN)[:, None] * np.array([0.22, 0.10, 0.07])
    direct = np.clip((facing + wrap) / (1 + wrap), 0, None) * shares[:, 2:3]
    rgb = painted.albedo * (ambient + direct * light.key)
    half = light.toward + toward_viewer
    along = np.clip(normals @ (half / np.linalg.norm(half)), 0, 1)
    hair = material == Material.HAIR
    lobe = np.where(hair, along**12, along**24) * shares[:, 2] * painted.gloss
    # Fibres at a silhouette and skin seen at a slant catch the light of the sky.
    grazing = (1 - np.clip(normals @ toward_viewer, 0, 1)) ** 4 * shares[:, 0]
    rim = 0.10 * grazing[:, None] * upward * light.sky * (0.3 + painted.albedo)
    # The highlight of hair takes its colour.
    tint = np.where(hair[:, None], 0.25 + 2.0 * painted.albedo, 1.0)
    return (rgb + rim + lobe[:, None] * tint * light.key).astype(np.float32)
