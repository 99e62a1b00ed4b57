"""Arrays as users have them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike

# Real numbers that torch computes with; others are complex, quantized, of eight bits or truth values.
NUMBERS = {
    *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
    *(torch.int8, torch.int16, torch.int32, torch.int64),
    *(torch.uint8, torch.uint16, torch.uint32, torch.uint64),
}


def as_tensor(name: str, value: ArrayLike | torch.Tensor) -> torch.Tensor:
    """The numbers as a tensor without gradients; what is no tensor is copied, for it may be read-only.

    Args:
        name: Of the array, for the message.
        value: The numbers.

    Raises:
        TypeError: They are no array of real numbers.
        ValueError: They are a list of rows of several lengths, or some of them are masked.
    """
    if isinstance(value, torch.Tensor):
        return check_tensor(name, value).detach()
    # NumPy would fetch each of them by itself, and cannot fetch one that is on a GPU.
    if isinstance(value, list | tuple) and any(isinstance(item, torch.Tensor) for item in value):
        rows = [as_tensor(name, item) for item in value]
        if len({(row.shape, row.device) for row in rows}) > 1:
            raise ValueError(f"{name}: expected rows of one shape on one device, found several")
        return torch.stack(rows)
    # What is masked is no number, and NumPy would show what lies below the mask.
    if _holds_masked(value):
        raise ValueError(f"{name}: expected numbers, found masked ones among them")
    try:
        array = np.asarray(value)
    # What stands for an array in other libraries may raise what it likes.
    except Exception as error:
        raise ValueError(f"{name}: expected an array of numbers, found none ({error})") from error
    if array.dtype.kind not in "iuf":
        raise TypeError(
            f"{name}: expected an array of real numbers, found {type(value).__name__} of {array.dtype}"
        )
    # Torch has neither the other byte order nor floats of more than 64 bits.
    known = np.float64 if array.dtype.itemsize > 8 else array.dtype.newbyteorder("=")
    return torch.tensor(np.ascontiguousarray(array, known).reshape(array.shape))


def check_tensor(name: str, value: object) -> torch.Tensor:
    """The tensor, if it is one of real numbers whose memory can be read.

    Raises:
        TypeError: It is none, or sparse, nested, quantized, without data, or of no real numbers.
        ValueError: Its memory was given back, as training on several GPUs does with parts of a model.
    """
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name}: expected a tensor, found a {type(value).__name__}")
    is_plain = value.layout == torch.strided and not value.is_nested and value.device.type != "meta"
    if not is_plain or value.dtype not in NUMBERS:
        kind = "nested" if value.is_nested else str(value.layout).removeprefix("torch.")
        raise TypeError(
            f"{name}: expected a dense tensor of real numbers, found a {kind} one of {value.dtype} "
            f"on {value.device}"
        )
    reach = sum((n - 1) * step for n, step in zip(value.shape, value.stride(), strict=True))
    needed_bytes = (value.storage_offset() + reach + 1) * value.itemsize
    found_bytes = value.untyped_storage().nbytes()
    # Torch itself would read behind the end.
    if value.numel() and needed_bytes > found_bytes:
        raise ValueError(
            f"{name}: expected {needed_bytes} bytes of memory, found {found_bytes}: its storage was resized"
        )
    return value


def _holds_masked(value: object) -> bool:
    """Whether it, or an array in these lists, has masked numbers."""
    if isinstance(value, list | tuple):
        return any(_holds_masked(item) for item in value)
    return isinstance(value, np.ma.MaskedArray) and bool(np.ma.is_masked(value))


def check_finite(name: str, found: torch.Tensor) -> None:
    """Raises ValueError unless all numbers are finite."""
    if not found.isfinite().all():
        raise ValueError(f"{name}: expected finite numbers, found others")


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
