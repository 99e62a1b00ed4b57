"""What light makes of skin, hair and cloth."""

from __future__ import annotations

import numpy as np

from render.demo.light import Light
from render.demo.people.wardrobe.garments import Material
from render.demo.people.wardrobe.paint import Paint

# Light scatters inside skin, the red of it farthest, so its shadow edges are soft and warm.
SKIN_WRAP = (0.22, 0.10, 0.07)


def dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Products of vectors (P, 3) with others (P, 3), or with one (3,)."""
    total: np.ndarray = one[:, 0] * other[..., 0] + one[:, 1] * other[..., 1] + one[:, 2] * other[..., 2]
    return total


def shade(
    painted: Paint,
    material: np.ndarray,
    normals: np.ndarray,
    shares: np.ndarray,
    toward_viewer: np.ndarray,
    light: Light,
) -> np.ndarray:
    """Lambert's law for the key light, a sky above and a floor below, sheen on skin, hair and cloth.

    Args:
        painted: P points.
        material: What they are made of (P,).
        normals: (P, 3), x right, y up, z to the viewer.
        shares: Of the light of the sky, the floor and the key light (P, 3).
        toward_viewer: Unit vector (3,).
        light: Of the scene.

    Returns:
        Colours in linear light (P, 3) float32.
    """
    toward = light.toward.astype(np.float32)
    upward = 0.5 + 0.5 * normals[:, 1]
    from_above, from_below = upward * shares[:, 0], (1 - upward) * shares[:, 1]
    facing = dot(normals, toward)
    skin = material == Material.SKIN
    # Fibres at a silhouette and skin seen at a slant catch the light of the sky.
    slant = (1 - np.clip(dot(normals, toward_viewer), 0, 1)) ** 2
    rim = 0.10 * slant * slant * from_above
    half = toward + toward_viewer.astype(np.float32)
    along = np.clip(dot(normals, half / np.float32(np.linalg.norm(half))), 0, 1) ** 2
    along *= along
    # The 24th power on skin, the 12th, which is wider, on hair, whose highlight takes its colour.
    hair = material == Material.HAIR
    lobe = along * along * along
    lobe = np.where(hair, lobe, lobe * lobe) * shares[:, 2] * painted.gloss
    rgb = np.empty((len(normals), 3), np.float32)
    for k, wrap in enumerate(SKIN_WRAP):
        # A channel at a time: NumPy is slow where the last axis is one of three.
        sky, bounce, key = (float(colour[k]) for colour in (light.sky, light.bounce, light.key))
        albedo = np.ascontiguousarray(painted.albedo[:, k])
        wrapped = np.where(skin, (facing + wrap) / (1 + wrap), facing)
        direct = np.maximum(wrapped, 0) * shares[:, 2]
        tint = np.where(hair, 0.25 + 2.0 * albedo, np.float32(1))
        ambient = from_above * sky + from_below * bounce
        rgb[:, k] = albedo * (ambient + direct * key) + rim * sky * (0.3 + albedo) + lobe * tint * key
    return rgb
