"""From linear light to the 8-bit photo: lens, sensor, white balance, tone curve."""

from __future__ import annotations

import cv2
import numpy as np

from render.demo.palette import GAMMA

# Of the lens: edges of the drawing are sharper than any camera's.
BLUR_PX = 0.55
CONTRAST = 1.1


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
    light *= (exposure * balance).astype(np.float32)
    # Shot noise grows with the root of the light; neighbours share some of it, as after demosaicing.
    noise = rng.standard_normal((height, width, 3), dtype=np.float32)
    noise = 0.7 * noise + 0.9 * cv2.blur(noise, (3, 3))
    light += noise * (0.001 + 0.008 * np.sqrt(np.maximum(light, 0)))
    # A shoulder keeps highlights from clipping.
    light = np.maximum(light, 0)
    toned = light * (1 + light / 2.2) / (1 + light)
    return np.round(255 * np.clip(toned * 1.3, 0, 1) ** np.float32(CONTRAST / GAMMA)).astype(np.uint8)
