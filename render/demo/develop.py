"""From linear light to the 8-bit photo: lens, sensor, white balance, tone curve."""

from __future__ import annotations

import cv2
import numpy as np

from render.demo.lens import add_glare
from render.demo.palette import GAMMA

# Of the lens: edges of the drawing are sharper than any camera's.
BLUR_PX = 0.55
# Before the tone curve.
EXPOSURE = 0.78
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
    light *= (1 - rng.uniform(0.09, 0.16) * (x * x + y * y))[..., None].astype(np.float32)
    balance = 1 + rng.uniform(-0.025, 0.025) * np.array([1, 0, -1], np.float32)
    # Metered as a camera does: the mean comes near middle grey, but bright scenes stay bright.
    exposure = (0.30 / light.mean()) ** 0.6 * rng.uniform(0.94, 1.06)
    light = add_glare(light * (exposure * balance).astype(np.float32))
    # Shot noise grows with the root of the light; neighbours share some of it, as after demosaicing.
    noise = rng.standard_normal((height, width, 3), dtype=np.float32)
    noise = 0.6 * noise + 0.9 * cv2.blur(noise, (3, 3))
    light = np.maximum(light + noise * (0.0008 + 0.007 * np.sqrt(np.maximum(light, 0))), 0)
    # The curve of ACES, fitted by Narkowicz, 2016: a toe for depth in the shadows, a shoulder for highlights.
    light *= np.float32(EXPOSURE)
    # The curve makes strong colours stronger, one channel at a time.
    light += np.float32(MUTE) * (light.mean(2, keepdims=True) - light)
    toned = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    return np.round(255 * np.clip(toned, 0, 1) ** np.float32(1 / GAMMA)).astype(np.uint8)
