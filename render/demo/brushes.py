"""What surfaces, clothes and clouds are painted with: smooth noise and soft edges."""

from __future__ import annotations

import functools

import cv2
import numpy as np

TILE = 256
CELL = 8  # texels a wavelength
ROW = 1024


@functools.cache
def _noise_tile() -> np.ndarray:
    """A tile that repeats, (TILE, TILE) float32, about normal, smooth over CELL texels."""
    # All sets share one tile, whatever their seed: points and phases make the difference.
    coarse = np.random.default_rng(7).normal(size=(TILE, TILE))
    frequency = np.fft.fftfreq(TILE) * CELL
    # The Fourier transform takes the tile for periodic, so the smoothed one repeats without a seam.
    low_pass = np.exp(-2.2 * (frequency[:, None] ** 2 + frequency[None] ** 2))
    tile = np.fft.ifft2(np.fft.fft2(coarse) * low_pass).real
    return (tile / tile.std()).astype(np.float32)


def sample_noise(u: np.ndarray, v: np.ndarray, phase: float = 0.0) -> np.ndarray:
    """Noise at points: about normal, of mean 0 and variance 1.

    Args:
        u: Coordinates in wavelengths, of one or two axes.
        v: The other coordinates, of the same shape.
        phase: Another phase takes another part of the noise.

    Returns:
        The noise, of the shape of `u`, float32.
    """
    # Phases that differ by 1 or by 1/3, as callers have them, lead to parts of the tile far from each other.
    shift = np.float32(phase * 37.7 % 1.0 * TILE)
    map_u = _wrap(u * np.float32(CELL) + shift)
    map_v = _wrap(v * np.float32(CELL) + np.float32(1.7) * shift)
    # remap takes at most 32767 columns, so a list of points is folded into rows.
    rows = -(-u.size // ROW) if u.ndim == 1 else 0
    if rows:
        map_u, map_v = np.resize(map_u, (rows, ROW)), np.resize(map_v, (rows, ROW))
    noise = cv2.remap(_noise_tile(), map_u, map_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return noise.ravel()[: u.size] if rows else noise


def _wrap(texels: np.ndarray) -> np.ndarray:
    # remap has 16 bits for whole coordinates, so they must not grow with the distance from the origin.
    return (texels - TILE * np.floor(texels / TILE)).astype(np.float32, copy=False)


def sample_octaves(
    u_m: np.ndarray,
    v_m: np.ndarray,
    wavelengths_m: tuple[float, ...],
    footprint_m: np.ndarray | float,
    phase: float,
    gain: float = 0.6,
) -> np.ndarray:
    """A sum of noises; those too fine for a pixel's footprint fade out.

    Args:
        u_m: Coordinates in m, of one or two axes.
        v_m: The other coordinates, of the same shape.
        wavelengths_m: One for each noise.
        footprint_m: How much of the surface a pixel sees, for all points or for each.
        phase: See `sample_noise`.
        gain: Each noise is so many times as strong as the one before.

    Returns:
        The sum, of the shape of `u_m`.
    """
    total = np.zeros(u_m.shape, np.float32)
    for k, wavelength_m in enumerate(wavelengths_m):
        # From 1.5 to 4.5 pixels a wavelength: finer noise would alias.
        fade = np.clip((wavelength_m / np.maximum(footprint_m, 1e-9) - 1.5) / 3, 0, 1)
        total += gain**k * fade * sample_noise(u_m / wavelength_m, v_m / wavelength_m, phase + k)
    return total


def smooth_step(distance: np.ndarray, width: np.ndarray | float) -> np.ndarray:
    """An edge as a pixel sees it: 0 below -width / 2, 1 above width / 2, straight in between.

    Args:
        distance: From the edge, positive inside.
        width: Of a pixel, in the same unit.
    """
    return np.clip(distance / width + 0.5, 0, 1)


def tint(value: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """A colour, brighter and darker.

    Channel by channel: NumPy takes ten times as long where the last axis of a product is one of three.

    Args:
        value: (H, W) float32.
        colour: (3,).

    Returns:
        (H, W, 3) float32.
    """
    picture: np.ndarray = cv2.merge([value * float(channel) for channel in colour])
    return picture


def grey(value: np.ndarray) -> np.ndarray:
    """The same value in three channels (H, W, 3)."""
    picture: np.ndarray = cv2.merge([value, value, value])
    return picture


def mix(canvas: np.ndarray, colour: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """A picture painted over with a colour.

    Args:
        canvas: (H, W, 3) float32, left as it is.
        colour: (3,), or (H, W, 3).
        cover: (H, W) float32, 1 where only the colour is seen, 0 where only the canvas is.
    """
    over = tint(cover, colour) if np.ndim(colour) == 1 else grey(cover) * colour
    return canvas * grey(1 - cover) + over
