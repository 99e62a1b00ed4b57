"""Pictures that cost a JPEG decoder what a photograph costs it: pink noise, edges, and a sensor's noise."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

DISTINCT_PHOTOS = 16
JPEG_QUALITY = 95
# Tuned together, so that 640x480 takes about 160 kB: COCO's mean, 13 GB / 82,783 photos.
CONTRAST = (11.5, 29.5)
SENSOR_NOISE = 2.5
# Of the red-blue and of the green-magenta field beside the brightness: natural colours are correlated.
COLOUR_SHARES = (0.30, 0.15)
SHAPES = (6, 14)


def write_photos(folder: Path, names: Sequence[str], width_px: int, height_px: int, seed: int) -> None:
    """Writes JPEGs (quality 95, 4:2:0) under `names` into `folder`: 16 pictures, the others links to them."""
    for k, name in enumerate(names):
        if k < DISTINCT_PHOTOS:
            picture = make_photo(np.random.default_rng([seed, 0, k]), width_px, height_px)
            # OpenCV's default subsampling is 4:2:0.
            _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            (folder / name).write_bytes(encoded.tobytes())
        else:
            _link(folder / names[k % DISTINCT_PHOTOS], folder / name)


def make_photo(rng: np.random.Generator, width_px: int, height_px: int) -> np.ndarray:
    """A picture (height, width, 3), uint8, BGR.

    Its amplitude falls as 1 / f, as natural pictures' does (Field 1987), its shapes have sharp edges with
    texture across them, and every pixel has noise of its own: these decide how much a JPEG must code.
    """
    hw = (height_px, width_px)
    brightness, red_blue, green = (make_pink_noise(rng, hw) for _ in range(3))
    red_blue, green = red_blue * COLOUR_SHARES[0], green * COLOUR_SHARES[1]
    texture = np.stack([brightness - red_blue, brightness + green, brightness + red_blue], axis=-1)
    picture = rng.uniform(90, 150, 3) + rng.uniform(*CONTRAST) * texture
    picture = _draw_shapes(rng, picture.astype(np.float32))
    picture += rng.normal(0, SENSOR_NOISE, picture.shape)
    return picture.round().clip(0, 255).astype(np.uint8)


def make_pink_noise(rng: np.random.Generator, hw: tuple[int, int]) -> np.ndarray:
    """A field of shape `hw` with mean 0 and standard deviation 1 whose amplitude falls as 1 / frequency."""
    height, width = hw
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    # The mean has no frequency; it is taken out.
    frequency[0, 0] = np.inf
    field = np.fft.irfft2(np.fft.rfft2(rng.normal(size=hw)) / frequency, s=hw)
    return field / field.std()


def _draw_shapes(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Polygons and ellipses filled over `picture` (float32), each letting some of the texture through."""
    size_xy = np.array(picture.shape[1::-1])
    for _ in range(rng.integers(*SHAPES)):
        colour = tuple(rng.uniform(20, 235, 3).tolist())
        center = rng.uniform(0, 1, 2) * size_xy
        radius = rng.uniform(0.04, 0.25) * size_xy.min()
        shape = picture.copy()
        if rng.random() < 0.5:
            angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
            corners = center + radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
            cv2.fillPoly(shape, [corners.round().astype(np.int32)], colour)
        else:
            axes = (int(radius), int(radius * rng.uniform(0.3, 1)))
            where = tuple(center.astype(int).tolist())
            cv2.ellipse(shape, where, axes, rng.uniform(0, 180), 0, 360, colour, cv2.FILLED)
        picture = cv2.addWeighted(picture, 0.4, shape, 0.6, 0.0)
    return picture


def _link(source: Path, path: Path) -> None:
    try:
        os.link(source, path)
    except OSError:
        # Some file systems have no hard links, others only so many to one file.
        shutil.copyfile(source, path)
