"""One person of a demo photo, drawn: shaded skin and clothes with their coverage."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np

from render.demo.brushes import sample_noise
from render.demo.light import Light, light_on_verts
from render.demo.people.cast import Actor
from render.demo.people.clothes import Outfit, paint
from render.demo.people.mannequin import Mannequin
from render.demo.view import Placement
from render.demo.visibility import find_faces

SUPERSAMPLING = 2
FOLD_STRENGTH = 0.17
OCCLUSION_M = 0.07


@dataclass(frozen=True)
class Layer:
    """A piece of picture.

    Attributes:
        corner: x, y of its upper left pixel.
        rgb: Premultiplied colour (h, w, 3), in linear light.
        alpha: Coverage (h, w).
    """

    corner: tuple[int, int]
    rgb: np.ndarray
    alpha: np.ndarray


@dataclass(frozen=True)
class Figure:
    """A placed person, y up, about a point of the floor.

    Attributes:
        actor: Who it is.
        verts_m: (V, 3).
        normals: Of the vertices (V, 3).
        joints_m: (45, 3).
        floor_m: That point in the frame in which the body was posed (3,).
        place: Where it is in the photo.
        outfit: What the person wears.
    """

    actor: Actor
    verts_m: np.ndarray
    normals: np.ndarray
    joints_m: np.ndarray
    floor_m: np.ndarray
    place: Placement
    outfit: Outfit

    @functools.cached_property
    def verts_px(self) -> np.ndarray:
        """Vertices as x, y in pixels of the photo and depth (V, 3)."""
        return self.place.project(self.verts_m)


def draw_figure(figure: Figure, mannequin: Mannequin, hw: tuple[int, int], light: Light) -> Layer:
    """Draws a person alone, cut at the picture's border.

    Args:
        figure: The person.
        mannequin: What all bodies share.
        hw: Height and width of the picture.
        light: Of the scene.
    """
    rest_m, faces = mannequin.rest_m, mannequin.faces
    low = np.clip(np.floor(figure.verts_px[:, :2].min(0)).astype(int), 0, (hw[1] - 1, hw[0] - 1))
    high = np.clip(np.ceil(figure.verts_px[:, :2].max(0)).astype(int), low + 1, hw[::-1])
    size_wh = (high - low) * SUPERSAMPLING
    fine = (figure.verts_px - (*low, 0)) * SUPERSAMPLING
    face, bary = find_faces(fine, faces, (int(size_wh[1]), int(size_wh[0])))
    covered = face >= 0
    corners, weights = faces[face[covered]], bary[covered]

    lit = light_on_verts(figure.verts_m, faces, light)
    draped = mannequin.drape(figure.normals) + FOLD_STRENGTH * _folds(rest_m, figure.outfit.phase)
    # What is interpolated between vertices: columns 0 to 2 hold the normals, 3 to 5 the draped ones, 6 to 8
    # the place in the T-pose, 9 the light and 10 the depth.
    table = np.column_stack([figure.normals, draped, rest_m, lit, fine[:, 2]]).astype(np.float32)
    values = sum(table[corners[:, k]] * weights[:, k : k + 1] for k in range(3))
    albedo, cloth = paint(figure.outfit, mannequin.marks, values[:, 6:9])
    normals = np.where(cloth[:, None] > 0, values[:, 3:6], values[:, :3])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    unit_px = figure.place.px_per_m * SUPERSAMPLING
    open_sky = 1 - _occlusion(covered, values[:, 10] / unit_px, OCCLUSION_M * unit_px)
    # The picture has z away from the viewer.
    toward_viewer = figure.place.to_picture.T @ (0, 0, -1)
    rgb = _shade(albedo, cloth, normals, values[:, 9], open_sky, toward_viewer, light)

    picture = np.zeros((*face.shape, 4), np.float32)
    picture[covered] = np.column_stack([rgb, np.ones(len(rgb))])
    # The mean of linear light, premultiplied, is what a pixel of a camera sees.
    small = cv2.resize(picture, tuple(int(n) for n in high - low), interpolation=cv2.INTER_AREA)
    return Layer((int(low[0]), int(low[1])), small[..., :3], small[..., 3])


def _folds(rest_m: np.ndarray, phase: float) -> np.ndarray:
    """A smooth vector field (V, 3) on the rest shape that bends normals as wrinkles do."""
    x, y, z = rest_m.T
    across, slanted = (x + 0.7 * z) / 0.07, (y + 0.5 * x) / 0.11
    return np.column_stack([sample_noise(across, slanted, phase + k / 3) for k in range(3)])


def _occlusion(covered: np.ndarray, depth_m: np.ndarray, reach_px: float) -> np.ndarray:
    """Share of the ambient light taken away (P,) where the surface lies deeper than what is around it."""
    sigma = 0.6 * reach_px
    depth = np.zeros(covered.shape, np.float32)
    depth[covered] = depth_m
    # A mean over the body alone: what is not covered has depth 0 and share 0.
    around = cv2.blur(depth, (int(sigma) * 2 + 1,) * 2)[covered]
    share = cv2.blur(covered.astype(np.float32), (int(sigma) * 2 + 1,) * 2)[covered]
    return np.clip((depth_m - around / share - 0.004) / (1.2 * OCCLUSION_M), 0, 0.6)


def _shade(
    albedo: np.ndarray,
    cloth: np.ndarray,
    normals: np.ndarray,
    lit: np.ndarray,
    open_sky: np.ndarray,
    toward_viewer: np.ndarray,
    light: Light,
) -> np.ndarray:
    """Lambert's law for the key light, a two-colour sky for the rest, and a little sheen on skin and hair."""
    upward = 0.5 + 0.5 * normals[:, 1:2]
    ambient = (upward * light.sky + (1 - upward) * light.bounce) * open_sky[:, None]
    # Light scatters inside skin, so its shadow edge is softer than cloth's.
    wrap = 0.15 * (1 - cloth)
    facing = np.clip((normals @ light.toward + wrap) / (1 + wrap), 0, None) * lit
    half = light.toward + toward_viewer
    sheen = np.clip(normals @ (half / np.linalg.norm(half)), 0, 1) ** 24 * lit * (1 - cloth) * 0.05
    return albedo * (ambient + facing[:, None] * light.key) + sheen[:, None] * light.key
