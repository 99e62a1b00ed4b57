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
    coarse = np.random.default_rng(7).normal(size=(TILE, TILE))
    frequency = np.fft.fftfreq(TILE) * CELL
    low_pass = np.exp(-2.2 * (frequency[:, None] ** 2 + frequency[None] ** 2))
    tile = np.fft.ifft2(np.fft.fft2(coarse) * low_pass).real
    return (tile / tile.std()).astype(np.float32)


def sample_noise(u: np.ndarray, v: np.ndarray, phase: float = 0.0) -> np.ndarray:
    """Noise at coordinates measured in wavelengths, of the shape of `u` (one or two axes), about normal."""
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
    return (texels - TILE * np.floor(texels / TILE)).astype(np.float32, copy=False)


def sample_octaves(
    u_m: np.ndarray,
    v_m: np.ndarray,
    wavelengths_m: tuple[float, ...],
    footprint_m: np.ndarray | float,
    phase: float,
    gain: float = 0.6,
) -> np.ndarray:
    """A sum of noises, each `gain` times the one before; those too fine for a pixel's footprint fade out."""
    total = np.zeros(u_m.shape, np.float32)
    for k, wavelength_m in enumerate(wavelengths_m):
        fade = np.clip((wavelength_m / np.maximum(footprint_m, 1e-9) - 1.5) / 3, 0, 1)
        total += gain**k * fade * sample_noise(u_m / wavelength_m, v_m / wavelength_m, phase + k)
    return total


def smooth_step(distance: np.ndarray, width: np.ndarray | float) -> np.ndarray:
    """0 below -width / 2, 1 above width / 2, straight in between: an edge as a pixel sees it."""
    return np.clip(distance / width + 0.5, 0, 1)


def mix(canvas: np.ndarray, colour: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """`canvas` (H, W, 3) painted over with `colour` where `cover` (H, W, 1) is 1."""
    return canvas + cover * (np.float32(colour) - canvas)
