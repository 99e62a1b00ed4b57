"""What one person wears, as regions of the body in the T-pose and how far off the skin each of them lies."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from render.demo.brushes import sample_noise
from render.demo.people.wardrobe.outfit import Landmarks, Outfit

# Tops hang over the waistband.
OVERLAP_M = 0.03


class Material(IntEnum):
    """What a surface of a demo photo's person is made of."""

    SKIN = 0
    HAIR = 1
    TOP = 2
    JACKET = 3
    BOTTOM = 4
    SHOE = 5
    STOOL = 6


class Garment(NamedTuple):
    """One of a person's garments, or the hair.

    Attributes:
        material: What it is made of.
        inside_m: How far inside of its edge each of the body's vertices is (V,), negative outside.
        offset_m: How far off the skin it lies there (V,).
        smoothing: Steps over which it bridges the body's hollows.
    """

    material: Material
    inside_m: np.ndarray
    offset_m: np.ndarray
    smoothing: int


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """From 0 at `low` to 1 at `high`, smooth at both ends; `low` may be the greater one."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def list_garments(outfit: Outfit, marks: Landmarks, rest_m: np.ndarray) -> list[Garment]:
    """All that a person wears, and the hair.

    Args:
        outfit: Of the person.
        marks: Of the body.
        rest_m: The body's vertices in the T-pose (V, 3).
    """
    x, y, z = np.abs(rest_m[:, 0]), rest_m[:, 1], rest_m[:, 2]
    # In the T-pose arms lie beyond the shoulders; the height keeps out the hips.
    on_arm = (x > marks.shoulder_x) & (y > marks.pelvis_y + 0.25)
    neckline = marks.neck_y - 0.015 + outfit.neckline_m - 0.35 * z + 0.25 * x - y
    # On the shoulder both bound the garment, so that a sleeve cannot end where the neckline begins.
    top_m = np.where(on_arm, outfit.sleeve_x_m - x, np.minimum(neckline, y - outfit.hem_y_m))
    ease = outfit.ease
    sleeve = ramp(x, marks.shoulder_x, outfit.sleeve_x_m)
    flare = ramp(y, 0.12, outfit.hem_y_m)
    top_off = 0.007 + ease * np.where(on_arm, 0.003 + 0.008 * sleeve, 0.003 + 0.009 * flare)
    # A collar lies closer to the neck than the rest.
    top_off *= 0.45 + 0.55 * ramp(neckline, 0.0, 0.05)
    garments = [Garment(Material.TOP, top_m, top_off, 14)]
    if outfit.pattern == "jacket":
        opening = np.where(z > 0.03, x - 0.03 - 0.16 * np.maximum(y - 0.05, 0), 1.0)
        garments.append(Garment(Material.JACKET, np.minimum(top_m, opening), top_off + 0.008, 18))

    bottom_m = np.where(on_arm, -1.0, np.minimum(outfit.hem_y_m + OVERLAP_M - y, y - outfit.leg_y_m))
    down_leg = ramp(y, marks.pelvis_y - 0.05, outfit.leg_y_m)
    # Shorts stand off the legs, long trousers follow them.
    wide = 0.016 if outfit.leg_y_m > marks.knee_y else 0.009
    garments.append(Garment(Material.BOTTOM, bottom_m, 0.005 + ease * wide * down_leg, 12))

    shoe_m = np.where(on_arm, -1.0, marks.ankle_y + 0.012 - 0.25 * (z - 0.03) - y)
    # Shoes have a shape of their own, see `Shoes`.
    garments.append(Garment(Material.SHOE, shoe_m, np.zeros(len(x)), 6))
    garments.append(_grow_hair(outfit, marks, rest_m))
    return garments


def _grow_hair(outfit: Outfit, marks: Landmarks, rest_m: np.ndarray) -> Garment:
    x, y, z = np.abs(rest_m[:, 0]), rest_m[:, 1], rest_m[:, 2]
    # A slanted plane from the forehead over the ears to the nape; long hair falls behind the ears.
    behind = ramp(z, marks.ear[2] + 0.03, marks.ear[2] - 0.01)
    line = marks.eye[1] + 0.056 + 0.72 * (z - marks.eye[2]) - outfit.hair_drop_m * behind
    # Temples: the line comes down beside the forehead.
    line -= 0.022 * ramp(x, 0.045, 0.07) * ramp(z, marks.eye[2] - 0.01, marks.ear[2])
    line += 0.004 * sample_noise(rest_m[:, 0] / 0.02, z / 0.02, outfit.phase)
    inside_m = np.minimum(y - line, y - (marks.neck_y + 0.02 - 0.8 * outfit.hair_drop_m))
    inside_m = np.where(x > marks.shoulder_x - 0.05, -1.0, inside_m)
    on_ear = np.maximum(np.hypot(y - marks.ear[1], z - marks.ear[2]) - 0.036, marks.ear[0] - 0.014 - x)
    inside_m = np.minimum(inside_m, on_ear)
    # Fullest on top, thin at the edge.
    top = ramp(y, marks.ear[1] - 0.02, marks.ear[1] + 0.1)
    lumps = 1 + 0.16 * sample_noise(rest_m[:, 0] / 0.05, (y + z) / 0.05, outfit.phase)
    full = outfit.hair_m * (0.55 + 0.45 * top) * lumps
    return Garment(Material.HAIR, inside_m, 0.003 + full * ramp(inside_m, 0.0, 0.035), 6)
