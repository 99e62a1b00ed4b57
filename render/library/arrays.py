"""Arrays as users have them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike


def as_tensor(value: ArrayLike | torch.Tensor) -> torch.Tensor:
    """The numbers as a tensor without gradients; what is no tensor is copied, for it may be read-only."""
    return value.detach() if isinstance(value, torch.Tensor) else torch.tensor(np.ascontiguousarray(value))


def check_shape(name: str, found: torch.Tensor, expected: tuple[int, ...]) -> None:
    """Raises ValueError unless `found` has that shape and is not empty; -1 stands for any length."""
    shape = tuple(found.shape)
    is_same = len(shape) == len(expected) and all(e in (-1, f) for e, f in zip(expected, shape, strict=True))
    if not is_same or not found.numel():
        wanted = ", ".join("N" if e == -1 else str(e) for e in expected)
        raise ValueError(f"{name}: expected shape ({wanted}), found {shape}")
