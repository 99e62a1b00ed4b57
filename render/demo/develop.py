"""From linear light to the 8-bit photo: lens, sensor, white balance, tone curve."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from render.demo.brushes import grey
from render.demo.lens import add_glare
from render.demo.palette import GAMMA

# Of the lens: edges of the drawing are sharper than any camera's.
BLUR_PX = 0.65
# Before the tone curve.
EXPOSURE = 0.76
MOST_LIGHT = 16.0
MUTE = 0.12


def develop(rng: np.random.Generator, scene_rgb: np.ndarray) -> np.ndarray:
    """Develops a photo.

    Args:
        rng: For what differs between lenses, sensors and exposures.
        scene_rgb: (H, W, 3) in linear light, RGB.

    Returns:
        The photo (H, W, 3) uint8, RGB.
    """
    height, width = scene_rgb.shape[:2]
    light: np.ndarray = cv2.GaussianBlur(scene_rgb, (0, 0), BLUR_PX)
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    # Lenses give less light to the corners.
    light *= grey((1 - rng.uniform(0.09, 0.16) * (x * x + y * y)).astype(np.float32))
    balance = 1 + rng.uniform(-0.025, 0.025) * np.array([1, 0, -1], np.float32)
    # Metered as a camera does: the mean comes near middle grey, but bright scenes stay bright.
    exposure = (0.30 / light.mean()) ** 0.6 * rng.uniform(0.94, 1.06)
    light = add_glare(cv2.merge([light[..., k] * np.float32(exposure * balance[k]) for k in range(3)]))
    # Shot noise grows with the root of the light; neighbours share some of it, as after demosaicing.
    noise = rng.standard_normal((height, width, 3), dtype=np.float32)
    noise = 0.6 * noise + 0.9 * cv2.blur(noise, (3, 3))
    light = np.maximum(light + noise * (0.0008 + 0.007 * np.sqrt(light)), 0)
    # The curve makes strong colours stronger, one channel at a time.
    mean = (light[..., 0] + light[..., 1] + light[..., 2]) * np.float32(MUTE / 3)
    light = light * np.float32(1 - MUTE) + grey(mean)
    table = _tone_table()
    step = np.sqrt(light) * np.float32((len(table) - 1) / MOST_LIGHT**0.5)
    return table.take(step.astype(np.int32), mode="clip")


@functools.cache
def _tone_table() -> np.ndarray:
    """The 8-bit value of light from 0 to MOST_LIGHT, in even steps of its root.

    The curve of ACES, fitted by Narkowicz, 2016: a toe for depth in the shadows, a shoulder for highlights.
    """
    light = EXPOSURE * MOST_LIGHT * np.linspace(0, 1, 8192) ** 2
    toned = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    return np.round(255 * np.clip(toned, 0, 1) ** (1 / GAMMA)).astype(np.uint8)
