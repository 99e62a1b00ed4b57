"""The people of a photo, drawn: all of them as one mesh, lit, with their coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from render.demo.light import Light
from render.demo.people.figure import Figure
from render.demo.people.shade import dot, shade
from render.demo.people.surface import Surface
from render.demo.people.wardrobe.garments import Material
from render.demo.people.wardrobe.outfit import Landmarks
from render.demo.people.wardrobe.paint import Paint, Points, paint
from render.demo.scenery.stool import paint_stool
from render.demo.visibility import find_faces

SUPERSAMPLING = 2
# More than any body is deep, in px, so that nearer people hide farther ones.
DEPTH_STEP_PX = 4096.0
# How far around a point is looked for what it lies behind, and how much light that takes at most.
HOLLOWS_M = ((0.06, 0.5), (0.018, 0.35))
# The cosine of the angle to the viewer from which on a hollow counts whole.
FULLY_FRONTAL = 0.8
STEEPEST = 0.9
GRASS_M = 0.05


class Samples(NamedTuple):
    """Samples of a window of the picture that show one person.

    Attributes:
        covered: Which of the window's they are (h, w) bool, P of them.
        face: What each of them shows (P,).
        corner: x, y of the window's first sample in the picture (2,).
    """

    covered: np.ndarray
    face: np.ndarray
    corner: np.ndarray


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
    meshes_px = [
        (surface.verts_px - (0, 0, DEPTH_STEP_PX * k)) * SUPERSAMPLING for k, surface in enumerate(surfaces)
    ]
    first_vert = np.cumsum([0, *map(len, meshes_px)])
    first_face = np.cumsum([0, *(len(surface.faces) for surface in surfaces)])
    verts = np.concatenate(meshes_px)
    faces = np.concatenate([s.faces + first for s, first in zip(surfaces, first_vert, strict=False)])
    # Whole pixels around all of them, cut at the photo's border.
    low = np.clip(np.floor(verts[:, :2].min(0) / SUPERSAMPLING).astype(int), 0, (hw[1] - 1, hw[0] - 1))
    high = np.clip(np.ceil(verts[:, :2].max(0) / SUPERSAMPLING).astype(int), low + 1, hw[::-1])
    corner, (width, height) = low * SUPERSAMPLING, (high - low) * SUPERSAMPLING
    (seen,) = find_faces((verts - (*corner, 0))[None], faces, [(height, width)])
    colour, sunk = np.zeros((height, width, 4), np.float32), np.zeros((height, width), np.float32)
    for k, (figure, surface) in enumerate(zip(figures, surfaces, strict=True)):
        left, top = np.clip(meshes_px[k][:, :2].min(0).astype(int) - corner, 0, (width, height))
        right, bottom = np.clip(meshes_px[k][:, :2].max(0).astype(int) + 1 - corner, 0, (width, height))
        window = np.s_[top:bottom, left:right]
        face = seen.face[window] - np.int32(first_face[k])
        covered = (face >= 0) & (seen.face[window] < first_face[k + 1])
        if not covered.any():
            continue
        samples = Samples(covered, face[covered], corner + np.array([left, top]))
        colour[window][covered], sunk[window][covered] = _draw_person(
            figure, surface, stool_colours[k], marks, samples, light
        )
    # The mean of linear light, premultiplied, is what a pixel of a camera sees.
    size = tuple((high - low).tolist())
    small, deep = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (colour, sunk))
    deep = deep / np.maximum(small[..., 3], 1e-6)
    border = ((low[1], hw[0] - high[1]), (low[0], hw[1] - high[0]))
    return np.pad(small, (*border, (0, 0))), np.pad(deep, border)


def _draw_person(
    figure: Figure,
    surface: Surface,
    stool_colour: np.ndarray,
    marks: Landmarks,
    samples: Samples,
    light: Light,
) -> tuple[np.ndarray, np.ndarray]:
    """Lit colours and coverage (P, 4) of samples that show the person, and their depth in grass (P,)."""
    covered = samples.covered
    values, depth = _interpolate(surface, samples)
    material = surface.material[samples.face]
    albedo = np.empty((len(material), 3), np.float32)
    relief_m, gloss = np.zeros((2, len(material)), np.float32)
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

    px_per_m = figure.place.px_per_m
    to_picture = figure.place.to_picture.astype(np.float32)
    slopes = _find_slopes(covered, material, relief_m * px_per_m * SUPERSAMPLING)
    normals = values[:, :3] - slopes[:, :1] * to_picture[0] - slopes[:, 1:] * to_picture[1]
    normals /= np.sqrt(dot(normals, normals))[:, None]
    shares: np.ndarray = values[:, 7:10]
    # The picture has z away from the viewer.
    toward_viewer = -to_picture[2]
    # A surface that turns away from the viewer lies behind what is around it too, and is no hollow.
    fronts = np.clip(dot(values[:, :3], toward_viewer) / FULLY_FRONTAL, 0, 1)
    for reach_m, most in HOLLOWS_M:
        reach_px = reach_m * px_per_m * SUPERSAMPLING
        hollow = fronts * _find_hollow(covered, depth / px_per_m, reach_px, reach_m)
        shares[:, :2] *= (1 - most * hollow)[:, None]
    rgb = shade(Paint(albedo, relief_m, gloss), material, normals, shares, toward_viewer, light)
    return np.column_stack([rgb, np.ones_like(depth)]), np.clip(1 - values[:, 10] / GRASS_M, 0, 1)


def _interpolate(surface: Surface, samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """Values (P, 11) and depth in px (P,) at samples of faces."""
    # In float64 over faces, of which there are fewer: two barycentric coordinates as planes over the picture.
    origin = samples.corner / SUPERSAMPLING
    a, b, c = ((surface.verts_px[corner, :2] - origin) * SUPERSAMPLING for corner in surface.faces.T)
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    scale = 1 / np.where(area == 0, 1, area)
    planes = np.stack([
        ac[:, 1] * scale, -ac[:, 0] * scale, (a[:, 1] * ac[:, 0] - a[:, 0] * ac[:, 1]) * scale,
        -ab[:, 1] * scale, ab[:, 0] * scale, (a[:, 0] * ab[:, 1] - a[:, 1] * ab[:, 0]) * scale,
    ], 1).astype(np.float32)  # fmt: skip
    row, column = np.nonzero(samples.covered)
    x, y = column.astype(np.float32) + 0.5, row.astype(np.float32) + 0.5
    plane = planes.take(samples.face, 0)
    second = plane[:, 0] * x + plane[:, 1] * y + plane[:, 2]
    third = plane[:, 3] * x + plane[:, 4] * y + plane[:, 5]
    table = np.column_stack([surface.values, surface.verts_px[:, 2].astype(np.float32)])
    corners = surface.faces.take(samples.face, 0)
    found = table.take(corners[:, 0], 0) * (1 - second - third)[:, None]
    found += table.take(corners[:, 1], 0) * second[:, None]
    found += table.take(corners[:, 2], 0) * third[:, None]
    return found[:, :-1], found[:, -1]


def _find_slopes(covered: np.ndarray, material: np.ndarray, relief_px: np.ndarray) -> np.ndarray:
    """How the relief rises to the right and down (P, 2), where both neighbours are of the same material."""
    height = np.zeros(covered.shape, np.float32)
    height[covered] = relief_px
    kind = np.full(covered.shape, -1, np.int8)
    kind[covered] = material
    slopes = []
    for before, middle, after in (
        (np.s_[:, :-2], np.s_[:, 1:-1], np.s_[:, 2:]),
        (np.s_[:-2], np.s_[1:-1], np.s_[2:]),
    ):
        slope = np.zeros_like(height)
        alike = (kind[before] == kind[middle]) & (kind[after] == kind[middle])
        slope[middle] = 0.5 * (height[after] - height[before]) * alike
        slopes.append(slope[covered])
    return np.clip(np.stack(slopes, 1), -STEEPEST, STEEPEST)


def _find_hollow(covered: np.ndarray, depth_m: np.ndarray, reach_px: float, reach_m: float) -> np.ndarray:
    """How far points (P,) lie behind the mean of what is around them, 0 to 1."""
    size = (int(0.6 * reach_px) * 2 + 1,) * 2
    depth = np.zeros(covered.shape, np.float32)
    depth[covered] = depth_m
    # A mean over the person alone: what is not covered has depth 0 and share 0.
    around, share = cv2.blur(depth, size)[covered], cv2.blur(covered.astype(np.float32), size)[covered]
    return np.clip((depth_m - around / share - 0.05 * reach_m) / (0.8 * reach_m), 0, 1)
