"""What lens and floor do to a demo photo before it is developed: depth of field, glare, reflections."""

from __future__ import annotations

import cv2
import numpy as np

# Blur, in px, for each of the photo's rows above the feet of the farthest person, and at most.
BLUR_PER_ROW, MOST_BLUR_PX = 0.009, 2.1
GLARE_FROM, GLARE_SHARE = 0.85, 0.35
ROUGH_PX = 3.0


def defocus(scene_rgb: np.ndarray, base_px: float, focus_px: float) -> np.ndarray:
    """A scene without people as a lens that is focused on them sees it.

    On a floor the circle of confusion grows in a straight line with the rows; what stands at its end has
    that of its foot.

    Args:
        scene_rgb: (H, W, 3) in linear light.
        base_px: Row where the floor ends.
        focus_px: Row of the floor that is sharp; nearer parts stay so.
    """
    height = len(scene_rgb)
    unit = max(scene_rgb.shape[:2]) / 640
    rows = np.maximum(np.arange(height), base_px)
    blur = np.clip(BLUR_PER_ROW * (focus_px - rows), 0, MOST_BLUR_PX * unit).astype(np.float32)
    # Between a sharp picture and two blurred ones, which is near what each row's own blur would give.
    end = int(np.count_nonzero(blur)) + 1
    top = scene_rgb[: min(end + 8, height)]
    half, full = (cv2.GaussianBlur(top, (0, 0), share * blur[0] + 0.01) for share in (0.5, 1.0))
    share = (2 * blur / max(blur[0], 1e-6))[: len(top), None]
    # Rows are taken for vectors, so that a number for each row meets long ones.
    rows_of = [picture.reshape(len(top), -1) for picture in (top, half, full)]
    blurred = rows_of[0] + np.clip(share, 0, 1) * (rows_of[1] - rows_of[0])
    blurred += np.clip(share - 1, 0, 1) * (rows_of[2] - rows_of[1])
    seen = scene_rgb.copy()
    seen[: len(top)] = blurred.reshape(top.shape)
    return seen


def add_glare(light_rgb: np.ndarray) -> np.ndarray:
    """What is brightest spreads a little over what is around it.

    Args:
        light_rgb: (H, W, 3) in linear light, about 1 where it is white.
    """
    height, width = light_rgb.shape[:2]
    small = cv2.resize(light_rgb, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    glare = cv2.GaussianBlur(np.maximum(small - GLARE_FROM, 0), (0, 0), 0.012 * max(height, width))
    return light_rgb + GLARE_SHARE * cv2.resize(glare, (width, height))


def mirror(scene_rgb: np.ndarray, base_px: float) -> np.ndarray:
    """What a floor that is not quite smooth mirrors of the wall at its end.

    The view is level, so the mirror image of a wall is the wall turned over at its foot.

    Args:
        scene_rgb: (H, W, 3) in linear light.
        base_px: Row where the floor ends.

    Returns:
        (H, W, 3), of which the rows of the floor mean something.
    """
    height = len(scene_rgb)
    rows = np.clip(2 * base_px - np.arange(height), 0, height - 1).astype(int)
    # Rough floors smear what they mirror along the line of sight.
    smeared: np.ndarray = cv2.GaussianBlur(scene_rgb[rows], (0, 0), ROUGH_PX, sigmaY=3 * ROUGH_PX)
    return smeared
