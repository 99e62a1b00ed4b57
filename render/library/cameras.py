"""Cameras of one's own."""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike

from render.library.given.arrays import as_tensor, check_finite, check_shape
from render.types.placements import Cameras

# Of a rotation times its transpose from the identity: what float32 makes of products of many.
MOST_SKEW = 1e-3


def make_cameras(
    rotation: ArrayLike | torch.Tensor,
    translation: ArrayLike | torch.Tensor,
    focal_px: ArrayLike | torch.Tensor,
    center_px: ArrayLike | torch.Tensor,
) -> Cameras:
    """Pinhole cameras, for the view `camera` of as many bodies.

    A point v lands on center_px + focal_px * q.xy / q.z, where q = rotation v + translation, as OpenCV has
    it. Faces with a vertex less than a millimetre in front of the eye are not drawn.

    Args:
        rotation: (M, 3, 3).
        translation: (M, 3) m.
        focal_px: (M,) px.
        center_px: (M, 2) px, from the picture's top left corner.

    Returns:
        The cameras, for `build_sheets(cameras=...)`.

    Raises:
        TypeError: The arrays are of no real numbers.
        ValueError: The arrays have other shapes, or numbers are out of range.

    Examples:
        >>> from render import make_cameras
        >>> import numpy as np
        >>> make_cameras(np.eye(3)[None], [[0, 0, 3]], [500], [[160, 120]])
        Cameras(matrix[1, 3, 3], translation[1, 3], focal_px[1], center_px[1, 2], rotation[1, 3, 3], \
cull[1], depth_shift[1])
    """
    given = {"rotation": rotation, "translation": translation, "focal_px": focal_px, "center_px": center_px}
    arrays = {name: as_tensor(name, value).float().contiguous() for name, value in given.items()}
    shapes = {"rotation": (-1, 3, 3), "translation": (-1, 3), "focal_px": (-1,), "center_px": (-1, 2)}
    for name, array in arrays.items():
        check_shape(name, array, shapes[name])
        check_finite(name, array)
    if len({len(array) for array in arrays.values()}) > 1:
        found = ", ".join(f"{len(array)} of {name}" for name, array in arrays.items())
        raise ValueError(f"translation: expected as many of all arrays as of rotation, found {found}")
    if len({array.device for array in arrays.values()}) > 1:
        raise ValueError("rotation: expected all arrays on one device, found several")
    if not (arrays["focal_px"] > 0).all():
        raise ValueError(f"focal_px: expected lengths above 0, found {float(arrays['focal_px'].min())}")
    turned = arrays["rotation"]
    error = (turned @ turned.mT - torch.eye(3, dtype=turned.dtype, device=turned.device)).abs().amax()
    # A mirror keeps lengths too, but its determinant is -1.
    if error > MOST_SKEW or (turned.det() < 0).any():
        raise ValueError("rotation: expected rotations, found matrices that scale, skew or mirror")
    return Cameras(
        matrix=turned,
        **arrays,
        # Meshes need not be closed, so both sides of a face can be seen.
        cull=torch.zeros(len(arrays["focal_px"]), dtype=torch.int32),
        depth_shift=torch.zeros_like(arrays["focal_px"]),
    )
