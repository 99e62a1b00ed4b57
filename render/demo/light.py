"""The light of a demo photo, and the shadows that bodies throw on themselves and on the floor."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from render.demo.view import Placement
from render.demo.visibility import find_faces

# Of the shadow map.
TEXEL_M = 0.006
# A surface lies in its own shadow only from so far behind; less would speckle it.
BIAS_M = 0.03
CONTACT_HEIGHT_M = 0.10
NEAR_FLOOR_M = 0.45


@dataclass(frozen=True)
class Light:
    """The light of a scene.

    Attributes:
        toward: Unit vector to the light (3,), x right, y up, z to the viewer.
        key: Colour of the direct light (3,), linear.
        sky: Colour of what comes from above.
        bounce: Colour of what comes from the floor.
        blur_m: Softness of a shadow's edge.
    """

    toward: np.ndarray
    key: np.ndarray
    sky: np.ndarray
    bounce: np.ndarray
    blur_m: float


def choose_light(rng: np.random.Generator, outdoors: bool) -> Light:
    """A light from the front and one side, so that faces are lit and shadows fall away from the viewer."""
    azimuth = rng.choice([-1, 1]) * np.radians(rng.uniform(20, 62))
    elevation = np.radians(rng.uniform(38, 56) if outdoors else rng.uniform(48, 64))
    flat = np.cos(elevation)
    toward = np.array([flat * np.sin(azimuth), np.sin(elevation), flat * np.cos(azimuth)])
    warmth = rng.uniform(0.0, 0.10)
    key = np.array([1 + warmth, 1.0, 1 - 1.4 * warmth])
    if outdoors:
        return Light(toward, 0.98 * key, np.array([0.40, 0.46, 0.56]), np.array([0.22, 0.21, 0.17]), 0.025)
    return Light(toward, 0.62 * key, np.array([0.52, 0.52, 0.53]), np.array([0.26, 0.24, 0.22]), 0.08)


def light_on_verts(verts_m: np.ndarray, faces: np.ndarray, light: Light) -> np.ndarray:
    """How much of the key light passes the rest of the body, by a shadow map.

    Args:
        verts_m: (V, 3), x right, y up, z to the viewer.
        faces: (F, 3).
        light: Of the scene.

    Returns:
        The share at each vertex (V,), 0 to 1.
    """
    right = np.cross([0, 1, 0], light.toward)
    right /= np.linalg.norm(right)
    basis = np.stack([right, -np.cross(light.toward, right), -light.toward])
    seen = verts_m @ basis.T
    # A border of 3 texels, because lookups reach 2 beyond the body.
    seen[:, :2] = (seen[:, :2] - seen[:, :2].min(0)) / TEXEL_M + 3
    height, width = (int(n) for n in seen[:, 1::-1].max(0) + 4)
    face, bary = find_faces(seen, faces, (height, width))
    depth = np.where(face >= 0, (seen[faces[face], 2] * bary).sum(2), np.inf)
    col, row = seen[:, 0].astype(int), seen[:, 1].astype(int)
    # The mean of nine lookups softens the edge of the shadow.
    lit = [seen[:, 2] < depth[row + dy, col + dx] + BIAS_M for dy in (-2, 0, 2) for dx in (-2, 0, 2)]
    return np.mean(lit, axis=0)


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
    near = faces[(verts_m[faces, 1] < NEAR_FLOOR_M).all(1)]
    touching = faces[(verts_m[faces, 1] < CONTACT_HEIGHT_M).all(1)]
    hw = direct.shape
    # A shadow is sharp near what throws it, and soft farther off.
    whole = _blurred_shadow(thrown, faces, place, hw, light.blur_m)
    sharp = _blurred_shadow(thrown, near, place, hw, 0.35 * light.blur_m)
    # A body also hides the sky: almost all of it where it touches the floor, some of it all around.
    below = _blurred_shadow(verts_m, touching, place, hw, 0.035)
    wide = _blurred_shadow(verts_m, faces, place, hw, 0.16)
    direct *= 1 - np.maximum(whole, sharp)
    ambient *= (1 - 0.85 * below) * (1 - 0.45 * wide)


def _blurred_shadow(
    verts_m: np.ndarray, faces: np.ndarray, place: Placement, hw: tuple[int, int], blur_m: float
) -> np.ndarray:
    if len(faces) == 0:
        return np.zeros(hw, np.float32)
    # What is blurred needs no more than half the picture's resolution.
    verts_px = place.project(verts_m * (1, 0, 1)) * (0.5, 0.5, 0)
    half_hw = (hw[0] // 2 + 1, hw[1] // 2 + 1)
    face, _ = find_faces(verts_px, faces, half_hw)
    # The floor is seen at a slant, so a round blur on it is a flat ellipse in the picture.
    sigma = 0.5 * blur_m * place.px_per_m
    slant = np.sin(place.tilt_rad) + 0.15
    shadow = cv2.GaussianBlur((face >= 0).astype(np.float32), (0, 0), sigma + 0.3, sigmaY=slant * sigma + 0.3)
    return cv2.resize(shadow, (2 * half_hw[1], 2 * half_hw[0]))[: hw[0], : hw[1]]
