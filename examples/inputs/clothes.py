"""Writes a texture in the squares of DensePose's atlas: clothes for the demo body, by formulas.

python examples/inputs/clothes.py clothes.png
smpl-render panels='[camera/texture]' body.texture=clothes.png
"""

import sys
from pathlib import Path

import cv2
import numpy as np

SIDE_PX = 400
SKIN, SHIRT, STRIPE, JEANS, SHOE, HAIR = (
    *((224, 172, 138), (243, 240, 232), (29, 78, 121)),
    *((58, 82, 124), (176, 58, 46), (62, 43, 33)),
)
# DensePose's parts: two of the torso, hands, feet, legs, arms, head.
TORSO, FEET, LEGS, UPPER_ARMS, HEAD = (1, 2), (5, 6), range(7, 15), range(15, 19), (23, 24)


def paint(part: int, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(H, W, 3) of a part at its own u and v."""
    # A weave.
    jeans = (1 + 0.06 * np.sin(160 * (u + v)))[..., None] * JEANS
    if part in TORSO or part in UPPER_ARMS:
        shirt = np.where((np.floor(10 * v) % 2 == 0)[..., None], SHIRT, STRIPE)
        return np.where(((part in TORSO) & (v < 0.2))[..., None], jeans, shirt)
    if part in LEGS:
        return jeans
    # The face is in front, where u is large, and below the hairline.
    is_hair = (part in HEAD) & (v > 0.35) & ((u < 0.56) | (v > 0.65 + 0.32 * u))
    return np.where(is_hair[..., None], HAIR, SHOE if part in FEET else SKIN)


def main() -> None:
    """Writes the picture that the command line names."""
    rows, columns = (np.mgrid[:SIDE_PX, :SIDE_PX] + 0.5) / SIDE_PX
    squares = [paint(part, columns, 1 - rows) for part in range(1, 25)]
    # Six down each of four columns.
    atlas = np.concatenate([np.concatenate(squares[6 * i : 6 * i + 6]) for i in range(4)], 1)
    Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(sys.argv[1], np.clip(np.rint(atlas), 0, 255).astype(np.uint8)[:, :, ::-1])


if __name__ == "__main__":
    main()
