"""Skies, treelines and the sea behind the people of a demo photo: lit, in linear light, (H, W, 3)."""

from __future__ import annotations

import cv2
import numpy as np

from render.demo import palette
from render.demo.brushes import mix, sample_noise, sample_octaves, smooth_step, tint
from render.demo.view import PhotoView


def _draw_sky(rng: np.random.Generator, view: PhotoView) -> np.ndarray:
    """Blue above, pale at the horizon, with clouds on a flat ceiling seen in perspective."""
    rows, columns = np.indices(view.hw, dtype=np.float32)
    above = np.maximum(view.horizon_px - rows, 1.0)
    # The same all along a row, so the power is taken of a column only.
    high = np.clip(above[:, 0] / (0.6 * view.focal_px), 0, 1)[:, None] ** 0.6
    high = np.repeat(high.astype(np.float32), view.hw[1], 1)
    zenith, haze = palette.linear("5f90c8")[0], palette.linear("d3e0e6")[0]
    sky = tint(1 - high, haze) + tint(high, zenith)
    # Clouds on a ceiling are seen smaller towards the horizon; the summand keeps them from getting too small.
    depth = 300.0 / (above + 45.0)
    across = (columns - view.hw[1] / 2) / 220.0 * depth
    cloud = sum(
        0.6**k * sample_noise(across * 2**k, depth * 2.2 * 2**k, float(rng.uniform())) for k in range(4)
    )
    cover = np.clip(0.35 * (cloud - rng.uniform(-0.3, 0.6)), 0, 0.85)
    return mix(sky, np.array([0.93, 0.93, 0.94], np.float32), cover)


def draw_treeline(rng: np.random.Generator, view: PhotoView, base_px: float) -> np.ndarray:
    """Hills and trees where a meadow ends, under the sky."""
    canvas = _draw_sky(rng, view)
    rows, columns = np.indices(view.hw, dtype=np.float32)
    # Sizes below are those of a picture with a focal length of 960 px.
    unit = view.focal_px / 960
    layers = (("8fa3ad", 70, 260, 0.10), ("6d8577", 48, 120, 0.2), ("3f5433", 34, 46, 0.5))
    for code, rise, wavelength, texture in layers:
        phase = float(rng.uniform())
        line = columns[:1] / (unit * wavelength)
        profile = sum(0.5**k * sample_noise(line * 2.3**k, line * 0 + 3 * k, phase) for k in range(4))
        top = base_px - unit * rise * (1 + 0.28 * profile)
        leaves, above = (
            sample_octaves(columns / unit, rows / unit - up, (34, 15, 7), 1.0, phase) for up in (0.0, 3.0)
        )
        # Crowns are lit from above: where the foliage grows denser downwards it is a top.
        lit = np.clip(leaves - above, -1, 1)
        value = np.clip(1 + texture * (0.3 * leaves + 0.9 * lit), 0.3, None)
        edge = smooth_step(rows - top + 2.5 * texture * leaves * unit, 1.5)
        canvas = mix(canvas, tint(value, palette.linear(code)[0]), edge)
    return canvas


def draw_sea(rng: np.random.Generator, view: PhotoView, base_px: float) -> np.ndarray:
    """The sea up to the horizon, surf along the beach, under the sky."""
    canvas = _draw_sky(rng, view)
    rows, columns = np.indices(view.hw, dtype=np.float32)
    below = np.maximum(rows + 0.5 - view.horizon_px, 0.7)
    depth = 40.0 / below
    across = (columns - view.hw[1] / 2) / below
    phase = float(rng.uniform())
    waves = sum(0.7**k * sample_noise(across * 1.1 * 2**k, depth * 7 * 2**k, phase + k) for k in range(3))
    waves *= np.clip(below / 14, 0.15, 1)
    near = np.clip((rows - view.horizon_px) / max(base_px - view.horizon_px, 1), 0, 1)
    far_water, near_water = palette.linear("3f6f8c")[0], palette.linear("7fa9a6")[0]
    value = 1 + 0.09 * waves
    water = tint(value * (1 - near), far_water) + tint(value * near, near_water)
    surf_line = base_px - 7 + 2.5 * sample_noise(columns / 90, rows * 0, phase)
    surf = np.exp(-(((rows - surf_line) / 2.6) ** 2)) * np.clip(0.75 + 0.5 * waves, 0, 1)
    water = mix(water, np.array([0.88, 0.9, 0.9], np.float32), surf)
    # Near the horizon waves are finer than pixels.
    water = cv2.GaussianBlur(water, (0, 0), 0.7)
    return mix(canvas, water, smooth_step(rows + 0.5 - view.horizon_px, 1.2))
