"""NumPy's arrays, types and scalars from what pickles hold of them, sized before they are made."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from render.containers.errors import MOST_BYTES, Budget, ContainerError

MOST_AXES = 32
# Beyond the range of texts, NumPy could not read a letter.
_LAST_LETTER = 0x10FFFF
_CODES = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248]|c8|c16|[SU][1-9][0-9]{0,7}|O8?)")


def read_dtype(code: Any) -> np.dtype:
    """The type that a short code such as "f4" or "<U10" stands for.

    Raises:
        ContainerError: It is none of numbers, truth values, texts or objects.
    """
    if type(code) is not str or not _CODES.fullmatch(code):
        shown = f"the type {code[:40]!a}" if type(code) is str else "an unknown type"
        raise ContainerError(f"it holds an array of {shown}, expected numbers, texts or objects")
    return np.dtype(code.replace("O8", "O"))


def fill_dtype(dtype: np.dtype, state: Any) -> np.dtype:
    """The type in the byte order that its pickled state says."""
    byte_order = state[1] if type(state) is tuple and len(state) > 1 else None
    if byte_order not in ("<", ">", "|", "="):
        raise ContainerError("it holds a type of unknown byte order")
    return dtype.newbyteorder(byte_order) if byte_order in "<>" else dtype


def read_shape(value: Any) -> tuple[int, ...]:
    """The shape of an array.

    Raises:
        ContainerError: It is none, or larger than what is made of a file.
    """
    if type(value) not in (tuple, list) or any(type(length) is not int for length in value):
        raise ContainerError("it holds an array whose shape is no row of integers")
    # Before anything is done with them: the work on a shape grows faster than its length.
    if len(value) > MOST_AXES:
        raise ContainerError(f"it claims an array of {len(value)} axes, over {MOST_AXES}")
    # Zeros hide the others from the product.
    if any(not 0 <= length <= MOST_BYTES for length in value) or math.prod(value) > MOST_BYTES:
        shown = ", ".join(str(length) if abs(length) < 2**63 else "..." for length in value)
        raise ContainerError(f"it claims an array of shape ({shown[:60]})")
    return tuple(value)


def make_array(content: Any, dtype: Any, shape: Any, order: Any, budget: Budget) -> Any:
    """An array from its content; an object by itself where the array has no axes and holds one.

    Args:
        content: Bytes, text in which letters stand for bytes, or a list of objects.
        dtype: From `fill_dtype`.
        shape: From the file.
        order: "C" or "F".
        budget: For what is made beside the content.

    Raises:
        ContainerError: These do not fit together.
    """
    if not isinstance(dtype, np.dtype):
        raise ContainerError("it holds an array without its type")
    if order not in ("C", "F"):
        raise ContainerError("it holds an array whose order is neither C nor Fortran")
    shape = read_shape(shape)
    count = math.prod(shape)
    if dtype.hasobject:
        if type(content) is not list or len(content) != count:
            raise ContainerError(f"it holds an array of {count} objects without its objects")
        budget.spend(8 * count)
        return (
            np.fromiter(content, dtype=object, count=count).reshape(shape, order=order)
            if shape
            else content[0]
        )
    if type(content) is str:
        # Python 2's byte strings were read as latin-1 text.
        budget.spend(len(content))
        content = content.encode("latin-1")
    if type(content) is not bytes:
        raise ContainerError(f"it holds an array of {dtype} without its numbers")
    size_bytes = count * dtype.itemsize
    if len(content) != size_bytes:
        raise ContainerError(f"it claims an array of shape {shape} in {len(content)} bytes")
    budget.spend(size_bytes)
    return check_letters(np.frombuffer(content, dtype).reshape(shape, order=order))


def make_scalar(dtype: Any, content: Any, budget: Budget) -> Any:
    """A scalar as Python has it."""
    if isinstance(dtype, np.dtype) and dtype.hasobject:
        return content
    return make_array(content, dtype, (), "C", budget).item()


def check_letters(array: np.ndarray) -> np.ndarray:
    """The array, if it is none of text or holds nothing but letters; ContainerError otherwise."""
    if array.dtype.kind == "U" and array.size:
        codes = np.ascontiguousarray(array).reshape(-1).view(f"{array.dtype.byteorder}u4")
        if codes.max() > _LAST_LETTER:
            raise ContainerError("it holds texts whose letters do not exist")
    return array
