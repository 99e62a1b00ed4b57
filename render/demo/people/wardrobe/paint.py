"""Colours and relief of skin, hair and clothes, at points given where they lie in the T-pose."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from render.demo.brushes import sample_noise
from render.demo.people.wardrobe.garments import Material, ramp
from render.demo.people.wardrobe.outfit import Landmarks, Outfit


class Points(NamedTuple):
    """Points of one material.

    Attributes:
        rest_m: Where they lie in the T-pose (P, 3).
        edge_m: How far they are from the edge of their garment (P,).
    """

    rest_m: np.ndarray
    edge_m: np.ndarray


class Paint(NamedTuple):
    """What points look like before light falls on them.

    Attributes:
        albedo: In linear light (P, 3).
        relief_m: How far they stand out (P,).
        gloss: Strength of the highlight (P,), or of all of them.
    """

    albedo: np.ndarray
    relief_m: np.ndarray | float
    gloss: np.ndarray | float


def paint(material: Material, outfit: Outfit, marks: Landmarks, points: Points) -> Paint:
    """Paints points of one material.

    Args:
        material: Which.
        outfit: What the person wears.
        marks: Of the body.
        points: To be painted.
    """
    if material == Material.SKIN:
        return _paint_skin(outfit, marks, points)
    if material == Material.HAIR:
        return _paint_hair(outfit, marks, points)
    if material == Material.SHOE:
        return _paint_shoe(outfit, marks, points)
    if material == Material.BOTTOM:
        return _paint_bottom(outfit, marks, points)
    return _paint_top(material, outfit, marks, points)


def _paint_skin(outfit: Outfit, marks: Landmarks, points: Points) -> Paint:
    x, y, z = np.abs(points.rest_m[:, 0]), points.rest_m[:, 1], points.rest_m[:, 2]
    mottle = sample_noise((points.rest_m[:, 0] + z) / 0.03, y / 0.03, outfit.phase)
    albedo = outfit.skin * (1 + 0.025 * mottle[:, None] * np.array([0.6, 1.0, 1.0], np.float32))
    gloss = np.full(len(x), 0.045, np.float32)
    # Socks, above the shoes.
    sock = y < marks.ankle_y + 0.07
    albedo[sock], gloss[sock] = outfit.sock, 0.0
    # Blood shows in hands, elbows and knees.
    flush = ramp(x, marks.wrist_x + 0.02, marks.wrist_x + 0.12)
    albedo *= 1 - flush[:, None] * np.array([0.0, 0.10, 0.10], np.float32)
    head = np.flatnonzero(y > marks.neck_y)
    albedo[head] = _paint_face(albedo[head], outfit, marks, points.rest_m[head])
    return Paint(albedo, 0.0, gloss)


def _paint_face(albedo: np.ndarray, outfit: Outfit, marks: Landmarks, rest_m: np.ndarray) -> np.ndarray:
    x, y, z = np.abs(rest_m[:, 0]), rest_m[:, 1], rest_m[:, 2]
    front = z > marks.ear[2] + 0.04
    dx, dy = x - marks.eye[0], y - marks.eye[1]

    def shade(where: np.ndarray, colour: np.ndarray | tuple[float, float, float]) -> None:
        cover = (where * front)[:, None]
        albedo[:] += cover * (np.asarray(colour, np.float32) - albedo)

    # A beard covers jaw and upper lip, thin at its edge.
    jaw = ramp(y, marks.nose[1] - 0.012, marks.nose[1] - 0.03) + 0.9 * ramp(x, 0.055, 0.075) * (dy < -0.03)
    stubble = 0.75 + 0.25 * sample_noise(rest_m[:, 0] / 0.006, y / 0.006, outfit.phase)
    under = ramp(y, marks.neck_y + 0.02, marks.neck_y + 0.045)
    shade(outfit.beard * np.clip(jaw, 0, 1) * stubble * under, 0.85 * outfit.hair)
    cheek = np.exp(-(((x - 0.045) / 0.03) ** 2) - ((y - marks.nose[1] + 0.005) / 0.025) ** 2)
    nose = np.exp(-((x / 0.016) ** 2) - ((y - marks.nose[1]) / 0.02) ** 2)
    albedo *= 1 - (np.maximum(cheek, nose) * front)[:, None] * np.array([0.02, 0.16, 0.16], np.float32)
    lips = ramp((x / 0.026) ** 2 + ((y - marks.nose[1] + 0.036) / 0.009) ** 2, 1.3, 0.6)
    shade(0.8 * lips, outfit.skin * (0.78, 0.48, 0.48))
    # Sockets lie in shade; lids and lashes are dark; the white of the eye is never white.
    shade(0.22 * ramp(np.hypot(dx / 0.024, (dy - 0.004) / 0.015), 1.3, 0.3), outfit.skin * (0.5, 0.38, 0.36))
    lid = np.hypot(dx / 0.0165, (dy + 30 * dx**2 - 0.0015) / 0.0075)
    shade(0.75 * ramp(lid, 1.15, 0.85), outfit.skin * 0.12)
    eye = np.hypot(dx / 0.014, (dy + 30 * dx**2 + 0.001) / 0.005)
    shade(ramp(eye, 1.1, 0.8), 0.20 + 0.35 * outfit.skin)
    shade(ramp(np.hypot(dx, dy), 0.0065, 0.0045) * (eye < 1.05), (0.035, 0.022, 0.015))
    brow = np.hypot((dx - 0.002) / 0.021, (dy - 0.019 + 10 * dx**2) / 0.0045)
    shade(0.8 * ramp(brow, 1.25, 0.6), 0.7 * outfit.hair + 0.04 * outfit.skin)
    return albedo


def _paint_hair(outfit: Outfit, marks: Landmarks, points: Points) -> Paint:
    x, y, z = points.rest_m.T
    # Strands run down from the crown, so noise is fine around it and long away from it.
    crown_z = marks.ear[2] - 0.02
    around = np.arctan2(x, z - crown_z)
    wave = 0.35 * sample_noise(around * 2, y / 0.06, outfit.phase)
    strands = sample_noise((around + 0.25 * wave) * 9, y / 0.11, outfit.phase)
    fine = sample_noise((around + 0.1 * wave) * 26, y / 0.06, outfit.phase + 0.4)
    albedo = outfit.hair * (1 + 0.09 * strands + 0.09 * fine)[:, None].clip(0.5, 1.5)
    # Near the edge hair is thin, and the scalp shows.
    thin = 0.7 * ramp(points.edge_m + 0.0035 * fine, 0.011, 0.0)[:, None]
    albedo += thin * (0.7 * outfit.skin - albedo)
    return Paint(albedo, 0.0013 * strands + 0.0005 * fine, 0.10)


def _fold_body(rest_m: np.ndarray, phase: float) -> tuple[np.ndarray, np.ndarray]:
    """Folds as sharp valleys between round ridges (P,): those that hang, and those that lie around limbs."""
    x, y, z = rest_m.T
    warp = 0.5 * sample_noise(x / 0.2, y / 0.2, phase + 0.2)
    hung = np.abs(sample_noise((x + 0.5 * z + 0.35 * y) / 0.11 + warp, y / 0.3 + z, phase))
    around = np.abs(sample_noise((y + 0.45 * np.abs(x)) / 0.075 + warp, (x + z) / 0.2, phase + 0.6))
    return hung, around


def _paint_top(material: Material, outfit: Outfit, marks: Landmarks, points: Points) -> Paint:
    rest_m, edge_m = points
    x, y, z = np.abs(rest_m[:, 0]), rest_m[:, 1], rest_m[:, 2]
    on_arm = (x > marks.shoulder_x) & (y > marks.pelvis_y + 0.25)
    is_tee = material == Material.TOP and outfit.pattern == "jacket"
    albedo = np.tile(outfit.accent if is_tee else outfit.top, (len(x), 1)).astype(np.float32)
    if outfit.pattern == "stripes":
        along = np.where(on_arm, x, y)
        albedo[np.mod(along / 0.055 + outfit.phase, 1) < 0.4] = outfit.accent
    if outfit.pattern == "panel":
        albedo[~on_arm & (y < 0.16) & (y > 0.03)] = outfit.accent
    grain = sample_noise(rest_m[:, 0] / 0.012, (y + z) / 0.012, outfit.phase)
    # Ribbing at collar, cuffs and hem, and the seam behind it.
    rib = ramp(edge_m, 0.022, 0.016)
    seam = np.exp(-(((edge_m - 0.021) / 0.0035) ** 2))
    albedo *= (1 + 0.03 * grain - 0.10 * rib - 0.22 * seam)[:, None]

    hung, around = _fold_body(rest_m, outfit.phase)
    # Arms stretch and bunch cloth at the elbow and under the shoulder, the waist above the hem.
    along_arm = np.abs(sample_noise(x / 0.05 + 0.4 * hung, (y + z) / 0.13, outfit.phase + 0.3))
    elbow = 0.4 + np.exp(-(((x - marks.elbow_x) / 0.09) ** 2)) + 0.5 * np.exp(-(((x - 0.24) / 0.06) ** 2))
    waist = np.exp(-(((y - outfit.hem_y_m) / 0.10) ** 2))
    torso = (0.45 + 0.5 * waist) * hung + (0.25 + 0.75 * waist) * around
    relief = np.where(on_arm, elbow * along_arm, torso) * outfit.ease
    thick = 0.007 if material == Material.JACKET else 0.0055
    return Paint(albedo, thick * relief - 0.0015 * seam, 0.0)


def _paint_bottom(outfit: Outfit, marks: Landmarks, points: Points) -> Paint:
    rest_m, edge_m = points
    x, y, z = np.abs(rest_m[:, 0]), rest_m[:, 1], rest_m[:, 2]
    albedo = np.tile(outfit.bottom, (len(x), 1)).astype(np.float32)
    grain = sample_noise(rest_m[:, 0] / 0.014, y / 0.03, outfit.phase)
    tone = 1 + 0.035 * grain
    if outfit.is_denim:
        thigh = np.exp(-(((y - marks.knee_y - 0.17) / 0.16) ** 2)) * ramp(z, -0.02, 0.08)
        tone += 0.45 * thigh * (1 + 0.3 * grain)
    leg_x = np.abs(x - 0.5 * marks.shoulder_x)
    side_seam = np.exp(-((z / 0.003) ** 2)) * (leg_x > 0.02)
    hem = np.exp(-(((edge_m - 0.018) / 0.0035) ** 2)) * (y < marks.pelvis_y)
    belt = ramp(np.abs(y - outfit.hem_y_m + 0.012), 0.02, 0.016)
    albedo *= (tone * (1 - 0.25 * side_seam - 0.25 * hem - 0.25 * belt))[:, None]

    _, around = _fold_body(rest_m, outfit.phase + 0.5)
    knee = np.exp(-(((y - marks.knee_y) / 0.10) ** 2))
    crotch = np.exp(-(((y - marks.pelvis_y + 0.08) / 0.09) ** 2))
    ankle = ramp(y, marks.ankle_y + 0.22, marks.ankle_y + 0.05) * (outfit.leg_y_m < marks.ankle_y + 0.1)
    relief = (0.22 + 0.6 * knee + 0.55 * crotch + 0.9 * ankle) * around
    return Paint(albedo, 0.006 * outfit.ease * relief - 0.001 * hem, 0.0)


def _paint_shoe(outfit: Outfit, marks: Landmarks, points: Points) -> Paint:
    x, y, z = np.abs(points.rest_m[:, 0]), points.rest_m[:, 1], points.rest_m[:, 2]
    albedo = np.tile(outfit.shoes, (len(x), 1)).astype(np.float32)
    # Laces over the instep, a cap over the toes, and the collar.
    on_top = (z > 0.07) & (z < 0.13) & (np.abs(x - 0.125) < 0.016) & (y > marks.ankle_y - 0.045)
    laces = on_top & (np.mod(z / 0.014, 1) < 0.4)
    albedo[laces] += 0.6 * (outfit.sole - albedo[laces])
    cap = np.exp(-(((z - 0.185) / 0.003) ** 2))
    albedo *= (1 - 0.3 * cap - 0.35 * ramp(points.edge_m, 0.012, 0.006))[:, None]
    sole = ramp(y, marks.ankle_y - 0.059, marks.ankle_y - 0.061)[:, None]
    albedo += sole * (outfit.sole - albedo)
    return Paint(albedo, 0.0015 * sole[:, 0], 0.04)
