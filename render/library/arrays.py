"""Arrays as users have them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike


def as_tensor(value: ArrayLike | torch.Tensor) -> torch.Tensor:
    """The numbers as a tensor without gradients; what is no tensor is copied, for it may be read-only."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    # NumPy would fetch each of them by itself, and cannot fetch one that is on a GPU.
    if isinstance(value, list | tuple) and any(isinstance(item, torch.Tensor) for item in value):
        return torch.stack([as_tensor(item) for item in value])
    return torch.tensor(np.ascontiguousarray(value))


def check_shape(name: str, found: torch.Tensor, expected: tuple[int, ...]) -> None:
    """Raises ValueError unless an array has a shape and is not empty.

    Args:
        name: Of the array, for the message.
        found: The array.
        expected: The shape; -1 stands for any length.
    """
    shape = tuple(found.shape)
    is_same = len(shape) == len(expected) and all(e in (-1, f) for e, f in zip(expected, shape, strict=True))
    if not is_same or not found.numel():
        wanted = ", ".join("N" if e == -1 else str(e) for e in expected)
        raise ValueError(f"{name}: expected shape ({wanted}), found {shape}")


def check_faces(faces: torch.Tensor, vert_count: int) -> torch.Tensor:
    """The faces as kernels take them, int32.

    Args:
        faces: (F, 3) whole numbers.
        vert_count: How many vertices there are.

    Raises:
        ValueError: They are no whole numbers, or of vertices that are not there.
    """
    # Checked in 64 bits: in 32 a number that is too large might come out as one that is there.
    numbers = faces.long()
    low, high = int(numbers.min()), int(numbers.max())
    if faces.is_floating_point() or low < 0 or high >= vert_count:
        raise ValueError(
            f"faces: expected vertices, whole numbers from 0 to {vert_count - 1}, "
            f"found {low} to {high}, {faces.dtype}"
        )
    return numbers.int().contiguous()
