"""Walls behind the people of a demo photo: lit, in linear light, (H, W, 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from render.demo import palette
from render.demo.brushes import mix, sample_noise, sample_octaves, smooth_step
from render.demo.view import PhotoView


def _wall_grid(view: PhotoView, base_px: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Metres along and up a wall that meets the floor at row `base_px` (H, W), and metres a pixel."""
    # The wall is square to the view, so a pixel sees as much of it everywhere as at its foot.
    size_m = view.camera_height_m / (base_px - view.horizon_px)
    rows, columns = np.indices(view.hw, dtype=np.float32)
    return (columns + 0.5 - view.hw[1] / 2) * size_m, (base_px - rows - 0.5) * size_m, size_m


def _box(along: np.ndarray, up: np.ndarray, edges: Sequence[float] | np.ndarray, size_m: float) -> np.ndarray:
    """Coverage (H, W, 1) of a rectangle of the wall: left, right, bottom, top in metres."""
    left, right, bottom, top = map(float, edges)
    inside = np.minimum(np.minimum(along - left, right - along), np.minimum(up - bottom, top - up))
    return smooth_step(inside, size_m)[..., None]


def draw_room_wall(rng: np.random.Generator, view: PhotoView, base_px: float) -> np.ndarray:
    """Painted plaster with a skirting board, framed pictures, and the light of a window from one side."""
    along, up, size_m = _wall_grid(view, base_px)
    phase = float(rng.uniform())
    uneven = sample_octaves(along, up, (1.3, 0.5, 0.03), size_m, phase)
    side = np.float32(rng.choice([-1, 1]))
    # Brighter towards the window, and a little towards the ceiling.
    falloff = 0.86 + 0.10 * np.tanh(side * along / 2.0) + 0.035 * up
    canvas = (falloff * (1 + 0.012 * uneven))[..., None] * palette.choose(rng, palette.WALLS) * 0.80
    for centre in np.arange(-4.2, 4.3, 1.4) + rng.uniform(-0.5, 0.5):
        if rng.random() < 0.45:
            canvas = _draw_frame(rng, canvas, along, up, size_m, centre)
    canvas = canvas * (1 + 0.5 * _window_light(along, up, side, phase))
    board_m = rng.uniform(0.08, 0.13)
    # Beyond both sides of any picture.
    skirting = _box(along, up, (-99, 99, 0.0, board_m), size_m)
    canvas = mix(canvas, np.array([0.66, 0.65, 0.62], np.float32) * falloff[..., None], skirting)
    # Little light reaches the corners above the board and at the floor.
    shade = (
        np.exp(-(((up - board_m - 0.012) / 0.02) ** 2))[..., None] + np.exp(-((up / 0.03) ** 2))[..., None]
    )
    return canvas * (1 - 0.25 * shade)


def _window_light(along: np.ndarray, up: np.ndarray, side: np.float32, phase: float) -> np.ndarray:
    """Sun that comes through a window of four panes (H, W, 1), 0 to 1: slanted, and soft from the distance."""
    # Sheared, as the sun comes from above and from one side.
    across = side * along + 0.35 * up - 1.9 * phase
    soft_m = 0.05
    panes = [
        _box(across, up + 0.25 * side * along, (left, left + 0.42, bottom, bottom + 0.55), soft_m)
        for left in (0.0, 0.5)
        for bottom in (0.75, 1.38)
    ]
    # Leaves before the window.
    leaves = 0.5 + 0.5 * np.tanh(1.5 * sample_octaves(along, up, (0.5, 0.2), soft_m, phase + 0.3))
    return np.maximum.reduce(panes) * (0.45 + 0.55 * leaves[..., None])


def _draw_frame(
    rng: np.random.Generator,
    canvas: np.ndarray,
    along: np.ndarray,
    up: np.ndarray,
    size_m: float,
    centre: float,
) -> np.ndarray:
    half_w, half_h = rng.uniform(0.2, 0.38), rng.uniform(0.22, 0.36)
    middle = rng.uniform(1.45, 1.65)
    edges = np.array([centre - half_w, centre + half_w, middle - half_h, middle + half_h])
    inward = np.array([1, -1, 1, -1])
    # The frame stands off the wall, and the light comes from above.
    shadow = _box(along, up, edges + np.array([0.01, 0.03, -0.03, -0.01]), 0.05)
    canvas = canvas * (1 - 0.35 * shadow)
    frame = palette.choose(rng, palette.linear("2a2522", "e6e2da", "7a5534"))
    canvas = mix(canvas, frame, _box(along, up, edges, size_m))
    canvas = mix(
        canvas, np.array([0.72, 0.71, 0.67], np.float32), _box(along, up, edges + 0.025 * inward, size_m)
    )
    low, high = palette.choose(rng, palette.TOPS), palette.choose(rng, palette.TOPS)
    blend = 0.5 + 0.3 * sample_noise(along / 0.5, up / 0.22, float(rng.uniform()))[..., None]
    art = low + np.clip(blend, 0, 1) * (high - low)
    return mix(canvas, art * 0.8, _box(along, up, edges + 0.075 * inward, size_m))


def draw_hall_wall(rng: np.random.Generator, view: PhotoView, base_px: float) -> np.ndarray:
    """A hall: wooden panelling to shoulder height, a pale wall with tall windows above."""
    along, up, size_m = _wall_grid(view, base_px)
    phase = float(rng.uniform())
    plain = 1 + 0.012 * sample_octaves(along, up, (1.5, 0.4), size_m, phase)
    canvas = plain[..., None] * palette.choose(rng, palette.WALLS) * 0.78
    start = rng.uniform(-1, 1)
    for left in np.arange(-8, 8, 2.0) + start:
        canvas = mix(
            canvas,
            np.array([0.5, 0.49, 0.46], np.float32),
            _box(along, up, (left, left + 1.1, 1.5, 3.6), size_m),
        )
        for k in range(2):
            pane = (left + 0.06 + 0.51 * k, left + 0.53 + 0.51 * k, 1.56, 3.5)
            glow = np.array([1.30, 1.38, 1.46], np.float32) * (0.85 + 0.1 * up[..., None])
            canvas = mix(canvas, glow, _box(along, up, pane, size_m))
    wood = palette.choose(rng, palette.WOODS) * 0.9
    grain = sample_octaves(along, up / 9, (0.06, 0.02), size_m, phase)
    tone = np.sin(np.floor(along / 0.14) * 12.9898)
    board = (1 + 0.05 * grain + 0.04 * tone)[..., None] * wood
    canvas = mix(canvas, board, _box(along, up, (-99, 99, 0.0, 1.15), size_m))
    gap = np.abs(np.mod(along / 0.14, 1) - 0.5) * 0.14
    # Gaps thinner than a pixel are seen as a fainter line.
    lines = smooth_step(0.003 - (0.07 - gap), size_m) * min(1.0, 0.006 / size_m)
    canvas *= 1 - 0.5 * (lines * (up < 1.12))[..., None]
    canvas = mix(canvas, wood * 1.25, _box(along, up, (-99, 99, 1.12, 1.18), size_m))
    return canvas * (1 - 0.3 * np.exp(-((up / 0.05) ** 2)))[..., None]


def draw_brick_wall(rng: np.random.Generator, view: PhotoView, base_px: float) -> np.ndarray:
    """Brickwork in a running bond, sunlit."""
    along, up, size_m = _wall_grid(view, base_px)
    phase = float(rng.uniform())
    row = np.floor(up / 0.078)
    # Every other course is moved by half a brick.
    shifted = along + 0.11 * np.mod(row, 2)
    tone = np.sin(np.floor(shifted / 0.22) * 12.9898 + row * 78.233)
    # A few were burnt darker; rain and dust leave broad stains.
    burnt = smooth_step(np.sin(np.floor(shifted / 0.22) * 39.425 + row * 17.31) - 0.86, 0.1)
    stain = sample_octaves(along / 0.6, up / 1.6, (1.0, 0.4), 0.0, phase + 0.5)
    rough = sample_octaves(along, up, (0.9, 0.12, 0.03), size_m, phase)
    brick = ((1 + 0.14 * tone + 0.06 * rough) * (1 - 0.4 * burnt))[..., None] * palette.choose(rng, palette.BRICKS)
    joint = np.maximum(
        smooth_step(np.abs(np.mod(up / 0.078, 1) - 0.5) * 0.078 - 0.034, size_m),
        smooth_step(np.abs(np.mod(shifted / 0.22, 1) - 0.5) * 0.22 - 0.105, size_m),
    )
    mortar = (1 + 0.05 * rough)[..., None] * np.array([0.40, 0.37, 0.33], np.float32)
    # Joints lie deeper, in the shade of the bricks above them.
    under = smooth_step(np.mod(up / 0.078, 1) - 0.83, size_m / 0.078) * smooth_step(
        0.95 - np.mod(up / 0.078, 1), size_m / 0.078
    )
    canvas = mix(brick, mortar, 0.8 * joint[..., None]) * (1 - 0.22 * under)[..., None]
    return canvas * ((0.92 - 0.35 * np.exp(-((up / 0.12) ** 2))) * (1 + 0.07 * stain))[..., None]
