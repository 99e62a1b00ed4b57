"""Floors of the demo photos: colour of the ground at points of the floor, linear light, unlit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from render.demo import palette
from render.demo.brushes import sample_noise, sample_octaves, smooth_step, tint
from render.demo.view import PhotoView

# Of sand: wavelength in m, strength, and which part of the noise.
RIDGES = ((1.3, 0.10, 0.0), (0.34, 0.18, 0.3), (0.13, 0.22, 0.5), (0.05, 0.18, 0.7))


@dataclass(frozen=True)
class Ground:
    """Points of the floor seen by the pixels of some rows.

    Attributes:
        x_m: Along the floor's first axis (H, W).
        z_m: Along its second axis (H, W).
        size_x_m: How much of the floor a pixel sees along the first axis (H, W).
        size_z_m: And along the second (H, W).
        camera_height_m: Of the lens above the floor.
    """

    x_m: np.ndarray
    z_m: np.ndarray
    size_x_m: np.ndarray
    size_z_m: np.ndarray
    camera_height_m: float

    def raise_by(self, height_m: float) -> Ground:
        """What the same pixels see of a plane above the floor."""
        share = np.float32(1 - height_m / self.camera_height_m)
        return replace(self, x_m=self.x_m * share, z_m=self.z_m * share)

    @classmethod
    def of(cls, view: PhotoView, rows: np.ndarray, turn_rad: float) -> Ground:
        """The floor that some rows of a picture see.

        Args:
            view: That of the photo.
            rows: Their numbers (H,), all below the horizon.
            turn_rad: How far the floor's own axes are turned about the vertical.
        """
        below = np.maximum(rows + 0.5 - view.horizon_px, 1.0)[:, None].astype(np.float32)
        columns = np.arange(view.hw[1], dtype=np.float32)[None] + 0.5 - view.hw[1] / 2
        across = columns * view.camera_height_m / below
        depth = np.broadcast_to(view.focal_px * view.camera_height_m / below, across.shape)
        # How much farther the floor is one row higher up.
        step = depth / below
        width = np.broadcast_to(view.camera_height_m / below, across.shape)
        cos, sin = np.float32(np.cos(turn_rad)), np.float32(np.sin(turn_rad))
        return cls(
            cos * across + sin * depth,
            cos * depth - sin * across,
            np.hypot(cos * width, sin * step),
            np.hypot(cos * step, sin * width),
            view.camera_height_m,
        )

    def seam(self, position: np.ndarray, period_m: float, width_m: float, size_m: np.ndarray) -> np.ndarray:
        """Seams in the floor.

        Args:
            position: Of the points along an axis, in m.
            period_m: From one seam to the next.
            width_m: Of a seam.
            size_m: Of a pixel along that axis.

        Returns:
            Coverage by seams, 0 to 1.
        """
        offset = np.abs(np.mod(position / period_m, 1) - 0.5) * period_m
        seam = smooth_step(offset - (period_m - width_m) / 2, size_m)
        # A seam narrower than a pixel is seen as a thinner tone.
        return seam * np.clip(width_m / size_m, 0, 1)


def _hash(*cells: np.ndarray) -> np.ndarray:
    """A number about normal for each cell of a grid, without a pattern that shows."""
    # The steps of the R2 sequence, which spreads the cells of a grid evenly.
    mixed = sum(c * k for c, k in zip(cells, (0.7548777, 0.5698403), strict=False))
    # The sine of large steps jumps about as if at random, and is the same for the same cell.
    return np.sin(np.floor(mixed * 4096) * 12.9898) * 1.2


def draw_planks(rng: np.random.Generator, ground: Ground) -> np.ndarray:
    """Floorboards that run away from the viewer, more or less."""
    colour, phase = palette.choose(rng, palette.WOODS), float(rng.uniform())
    width_m, length_m = rng.uniform(0.11, 0.17), 1.6
    board = np.floor(ground.x_m / width_m)
    shifted = ground.z_m + _hash(board) * length_m
    tone = _hash(board, np.floor(shifted / length_m))
    # Fibres run along the boards, so the noise is stretched; the tone moves each board to a grain of its own.
    grain = sample_octaves(ground.x_m + 0.3 * tone, ground.z_m / 14, (0.035, 0.012), ground.size_x_m, phase)
    stain = sample_octaves(ground.x_m, ground.z_m, (0.9, 0.4), ground.size_z_m, phase)
    seams = np.maximum(
        ground.seam(ground.x_m, width_m, 0.004, ground.size_x_m),
        ground.seam(shifted, length_m, 0.004, ground.size_z_m),
    )
    value = (1 + 0.09 * tone + 0.06 * grain + 0.03 * stain) * (1 - 0.6 * seams)
    return tint(value, colour)


def draw_tiles(rng: np.random.Generator, ground: Ground) -> np.ndarray:
    """Stone tiles with light grout."""
    colour, phase = palette.choose(rng, palette.TILES), float(rng.uniform())
    side_m = rng.uniform(0.4, 0.6)
    tone = _hash(np.floor(ground.x_m / side_m), np.floor(ground.z_m / side_m))
    vein = sample_octaves(ground.x_m + 0.37 * tone, ground.z_m, (0.35, 0.14, 0.05), ground.size_z_m, phase)
    seams = np.maximum(
        ground.seam(ground.x_m, side_m, 0.008, ground.size_x_m),
        ground.seam(ground.z_m, side_m, 0.008, ground.size_z_m),
    )
    value = (1 + 0.035 * tone + 0.045 * vein) * (1 - 0.45 * seams)
    return tint(value, colour)


def draw_pavers(rng: np.random.Generator, ground: Ground) -> np.ndarray:
    """Concrete slabs in a running bond, weathered."""
    colour, phase = palette.choose(rng, palette.TILES) * 0.8, float(rng.uniform())
    row = np.floor(ground.z_m / 0.3)
    # Every other row is moved by half a slab.
    shifted = ground.x_m + 0.3 * np.mod(row, 2)
    tone = _hash(np.floor(shifted / 0.6), row)
    grit = sample_octaves(ground.x_m, ground.z_m, (0.9, 0.2, 0.05, 0.02), ground.size_z_m, phase, 0.8)
    seams = np.maximum(
        ground.seam(shifted, 0.6, 0.01, ground.size_x_m),
        ground.seam(ground.z_m, 0.3, 0.01, ground.size_z_m),
    )
    value = (1 + 0.06 * tone + 0.06 * grit) * (1 - 0.5 * seams)
    return tint(value, colour)


def draw_sand(rng: np.random.Generator, ground: Ground) -> np.ndarray:
    """Sand, trodden, in low ridges that throw shadows, with pebbles."""
    colour, phase = palette.choose(rng, palette.SANDS, 0.04), float(rng.uniform())
    slopes = np.zeros_like(ground.x_m)
    # What rises towards the viewer is lit: noise less the same noise a little farther off.
    for length_m, height, shift in RIDGES:
        near, far = (
            sample_octaves(ground.x_m, ground.z_m + step, (length_m,), ground.size_z_m, phase + shift)
            for step in (0.0, 0.16 * length_m)
        )
        slopes += height * (near - far)
    damp = sample_noise(ground.x_m / 2.3, ground.z_m / 2.3, phase + 0.2)
    grains = sample_octaves(ground.x_m, ground.z_m, (0.025, 0.012), ground.size_x_m, phase + 0.9)
    pebbles = sample_octaves(ground.x_m, ground.z_m, (0.035,), ground.size_z_m, phase + 0.4)
    value = (1 + slopes + 0.035 * damp + 0.075 * grains) * (1 - 0.3 * smooth_step(pebbles - 2.4, 0.4))
    return tint(value, colour)
