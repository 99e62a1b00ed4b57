"""Walls behind the people of a demo photo: lit, in linear light, (H, W, 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from render.demo import palette
from render.demo.brushes import grey, mix, sample_noise, sample_octaves, smooth_step, tint
from render.demo.view import PhotoView

# Left, right, bottom, top of a rectangle, in m.
Edges = Sequence[float] | np.ndarray


class Wall(NamedTuple):
    """A wall square to the view, of which a pixel sees as much everywhere as at its foot.

    Attributes:
        along: Metres along it of each pixel (H, W).
        up: Metres above its foot (H, W).
        size_m: Of a pixel.
    """

    along: np.ndarray
    up: np.ndarray
    size_m: float

    @classmethod
    def of(cls, view: PhotoView, base_px: float) -> Wall:
        """The wall that meets the floor at row `base_px`."""
        size_m = view.camera_height_m / (base_px - view.horizon_px)
        rows, columns = np.indices(view.hw, dtype=np.float32)
        return cls((columns + 0.5 - view.hw[1] / 2) * size_m, (base_px - rows - 0.5) * size_m, size_m)

    def cut(self, edges: Edges, soft_m: float) -> tuple[tuple[slice, slice], np.ndarray]:
        """Where a rectangle is.

        Args:
            edges: Of the rectangle.
            soft_m: Over how much of the wall its edges fade.

        Returns:
            The part of the picture that it covers, and its coverage there, 0 to 1.
        """
        left, right, bottom, top = map(float, edges)
        columns = np.flatnonzero(np.abs(self.along[0] - (left + right) / 2) < (right - left + soft_m) / 2)
        rows = np.flatnonzero(np.abs(self.up[:, 0] - (bottom + top) / 2) < (top - bottom + soft_m) / 2)
        if not len(columns) or not len(rows):
            return (slice(0), slice(0)), np.zeros((0, 0), np.float32)
        part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        return part, _fade(self.along[part], self.up[part], (left, right, bottom, top), soft_m)

    def paint(
        self,
        canvas: np.ndarray,
        edges: Edges,
        colour: np.ndarray,
        value: np.ndarray | None = None,
    ) -> None:
        """Paints a rectangle, in place.

        Args:
            canvas: (H, W, 3).
            edges: As in `cut`.
            colour: (3,).
            value: Of each pixel, how bright it is there (H, W).
        """
        part, cover = self.cut(edges, self.size_m)
        if cover.size:
            over = colour if value is None else tint(value[part], colour)
            canvas[part] = mix(np.ascontiguousarray(canvas[part]), over, cover)


def _fade(along: np.ndarray, up: np.ndarray, edges: Edges, soft_m: float) -> np.ndarray:
    left, right, bottom, top = edges
    inside = np.minimum(np.minimum(along - left, right - along), np.minimum(up - bottom, top - up))
    return smooth_step(inside, soft_m)


def draw_room_wall(rng: np.random.Generator, view: PhotoView, base_px: float) -> np.ndarray:
    """Painted plaster with a skirting board, framed pictures, and the light of a window from one side."""
    wall = Wall.of(view, base_px)
    along, up, size_m = wall
    phase = float(rng.uniform())
    uneven = sample_octaves(along, up, (1.3, 0.5, 0.03), size_m, phase)
    side = float(rng.choice([-1, 1]))
    # Brighter towards the window, and a little towards the ceiling.
    falloff = 0.86 + 0.10 * np.tanh(side * along / 2.0) + 0.035 * up
    canvas = tint(falloff * (1 + 0.012 * uneven), 0.80 * palette.choose(rng, palette.WALLS))
    for centre in np.arange(-4.2, 4.3, 1.4) + rng.uniform(-0.5, 0.5):
        if rng.random() < 0.45:
            _draw_frame(rng, canvas, wall, centre)
    canvas *= grey(1 + 0.5 * _window_light(along, up, side, phase))
    board_m = rng.uniform(0.08, 0.13)
    # Beyond both sides of any picture.
    wall.paint(canvas, (-99, 99, 0.0, board_m), np.array([0.66, 0.65, 0.62]), falloff)
    # Little light reaches the corners above the board and at the floor.
    height_m = up[:, :1]
    shade = np.exp(-(((height_m - board_m - 0.012) / 0.02) ** 2)) + np.exp(-((height_m / 0.03) ** 2))
    return canvas * (1 - 0.25 * shade)[..., None]


def _window_light(along: np.ndarray, up: np.ndarray, side: float, phase: float) -> np.ndarray:
    """Sun that comes through a window of four panes (H, W), 0 to 1: slanted, and soft from the distance."""
    # Sheared, as the sun comes from above and from one side.
    across, raised = side * along + 0.35 * up - 1.9 * phase, up + 0.25 * side * along
    soft_m = 0.05
    panes = [
        _fade(across, raised, (left, left + 0.42, bottom, bottom + 0.55), soft_m)
        for left in (0.0, 0.5)
        for bottom in (0.75, 1.38)
    ]
    # Leaves before the window.
    leaves = np.clip(0.5 + 0.6 * sample_octaves(along, up, (0.5, 0.2), soft_m, phase + 0.3), 0, 1)
    return np.maximum.reduce(panes) * (0.45 + 0.55 * leaves)


def _draw_frame(rng: np.random.Generator, canvas: np.ndarray, wall: Wall, centre: float) -> None:
    half_w, half_h = rng.uniform(0.2, 0.38), rng.uniform(0.22, 0.36)
    middle = rng.uniform(1.45, 1.65)
    edges = np.array([centre - half_w, centre + half_w, middle - half_h, middle + half_h])
    inward = np.array([1, -1, 1, -1])
    # The frame stands off the wall, and the light comes from above.
    part, shadow = wall.cut(edges + np.array([0.01, 0.03, -0.03, -0.01]), 0.05)
    canvas[part] *= (1 - 0.35 * shadow)[..., None]
    frame = palette.choose(rng, palette.linear("2a2522", "e6e2da", "7a5534"))
    wall.paint(canvas, edges, frame)
    wall.paint(canvas, edges + 0.025 * inward, np.array([0.72, 0.71, 0.67]))
    low, high = palette.choose(rng, palette.TOPS), palette.choose(rng, palette.TOPS)
    phase = float(rng.uniform())
    part, cover = wall.cut(edges + 0.075 * inward, wall.size_m)
    if cover.size:
        noise = sample_noise(wall.along[part] / 0.5, wall.up[part] / 0.22, phase)
        blend = np.clip(0.5 + 0.3 * noise, 0, 1) * 0.8
        art = tint(0.8 - blend, low) + tint(blend, high)
        canvas[part] = mix(np.ascontiguousarray(canvas[part]), art, cover)


def draw_hall_wall(rng: np.random.Generator, view: PhotoView, base_px: float) -> np.ndarray:
    """A hall: wooden panelling to shoulder height, a pale wall with tall windows above."""
    wall = Wall.of(view, base_px)
    along, up, size_m = wall
    phase = float(rng.uniform())
    plain = 1 + 0.012 * sample_octaves(along, up, (1.5, 0.4), size_m, phase)
    canvas = tint(plain, 0.78 * palette.choose(rng, palette.WALLS))
    start = rng.uniform(-1, 1)
    daylight = 0.85 + 0.1 * up
    for left in np.arange(-8, 8, 2.0) + start:
        wall.paint(canvas, (left, left + 1.1, 1.5, 3.6), np.array([0.5, 0.49, 0.46]))
        for k in range(2):
            pane = (left + 0.06 + 0.51 * k, left + 0.53 + 0.51 * k, 1.56, 3.5)
            wall.paint(canvas, pane, np.array([1.30, 1.38, 1.46]), daylight)
    wood = palette.choose(rng, palette.WOODS) * 0.9
    grain = sample_octaves(along, up / 9, (0.06, 0.02), size_m, phase)
    tone = np.sin(np.floor(along / 0.14) * 12.9898)
    wall.paint(canvas, (-99, 99, 0.0, 1.15), wood, 1 + 0.05 * grain + 0.04 * tone)
    gap = np.abs(np.mod(along / 0.14, 1) - 0.5) * 0.14
    # Gaps thinner than a pixel are seen as a fainter line.
    lines = smooth_step(0.003 - (0.07 - gap), size_m) * min(1.0, 0.006 / size_m)
    canvas *= grey(1 - 0.5 * (lines * (up < 1.12)))
    wall.paint(canvas, (-99, 99, 1.12, 1.18), wood * 1.25)
    return canvas * (1 - 0.3 * np.exp(-((up[:, :1] / 0.05) ** 2)))[..., None]


def draw_brick_wall(rng: np.random.Generator, view: PhotoView, base_px: float) -> np.ndarray:
    """Brickwork in a running bond, sunlit."""
    along, up, size_m = Wall.of(view, base_px)
    phase = float(rng.uniform())
    course, within = np.divmod(up[:, :1] / 0.078, 1)
    # Every other course is moved by half a brick.
    shifted = along + 0.11 * np.mod(course, 2)
    number = np.floor(shifted / 0.22)
    tone = np.sin(number * 12.9898 + course * 78.233)
    # A few were burnt darker; rain and dust leave broad stains.
    burnt = smooth_step(np.sin(number * 39.425 + course * 17.31) - 0.86, 0.1)
    stain = sample_octaves(along / 0.6, up / 1.6, (1.0, 0.4), 0.0, phase + 0.5)
    rough = sample_octaves(along, up, (0.9, 0.12, 0.03), size_m, phase)
    brick = tint((1 + 0.14 * tone + 0.06 * rough) * (1 - 0.4 * burnt), palette.choose(rng, palette.BRICKS))
    joint = np.maximum(
        smooth_step(np.abs(within - 0.5) * 0.078 - 0.034, size_m),
        smooth_step(np.abs(np.mod(shifted / 0.22, 1) - 0.5) * 0.22 - 0.105, size_m),
    )
    canvas = mix(brick, tint(1 + 0.05 * rough, np.array([0.40, 0.37, 0.33])), 0.8 * joint)
    # Joints lie deeper, in the shade of the bricks above them.
    edge = size_m / 0.078
    under = smooth_step(within - 0.83, edge) * smooth_step(0.95 - within, edge)
    foot = (0.92 - 0.35 * np.exp(-((up[:, :1] / 0.12) ** 2))) * (1 - 0.22 * under)
    return canvas * grey(foot * (1 + 0.07 * stain))
