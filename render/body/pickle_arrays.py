"""The arrays of a pickled body model, sized before they are allocated.

Whatever a header claims, no array is made that is larger than the bytes present or than `MOST_NUMBERS`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from render.body.safe_pickle import Node, read_pickle

# Five times the largest array of SMPL: shapedirs of 6890 x 3 x 300.
MOST_NUMBERS = 32_000_000
# Chumpy wraps an array two or three times.
DEEPEST_WRAPPING = 16

# The names that a model may hold, and what stands for each. Modules of numpy and scipy have had several
# names; copy_reg and __builtin__ are those of Python 2.
ALLOWED_NAMES = {
    "numpy.core.multiarray._reconstruct": "ndarray",
    "numpy._core.multiarray._reconstruct": "ndarray",
    "numpy.core.multiarray.scalar": "scalar",
    "numpy._core.multiarray.scalar": "scalar",
    "numpy.core.numeric._frombuffer": "_frombuffer",
    "numpy._core.numeric._frombuffer": "_frombuffer",
    "numpy.ndarray": "ndarray",
    "numpy.dtype": "dtype",
    "_codecs.encode": "encode",
    "__builtin__.set": "set",
    "builtins.set": "set",
    "__builtin__.object": "object",
    "builtins.object": "object",
    "copy_reg._reconstructor": "_reconstructor",
    "copyreg._reconstructor": "_reconstructor",
    "chumpy.ch.Ch": "Ch",
    "chumpy.reordering.Select": "Select",
    "chumpy.reordering.transpose": "transpose",
    "scipy.sparse.csc.csc_matrix": "csc_matrix",
    "scipy.sparse._csc.csc_matrix": "csc_matrix",
}


class PickledArray:
    """An array of a pickle, which is in memory as the pickle is.

    Attributes:
        shape: Of the array.
        dtype: In which it is stored.
    """

    def __init__(self, array: np.ndarray) -> None:
        self._array = array
        self.shape, self.dtype = array.shape, array.dtype

    def read(self, dtype: npt.DTypeLike, columns: int | None = None) -> np.ndarray:
        """A copy of another type in C order, of the first columns of the last axis or of all."""
        return np.array(self._array[..., :columns], dtype=dtype, order="C")


def arrays_from_pickle(data: bytes, keys: Collection[str]) -> dict[str, PickledArray]:
    """Reads arrays out of a pickled SMPL model, sparse matrices made dense.

    Args:
        data: The pickle.
        keys: Of the arrays that are wanted.

    Returns:
        Those of them that the model holds.

    Raises:
        ForbiddenNameError: The pickle names anything but the parts of a model.
        ValueError: It is damaged, or one of these arrays is, whose key the message names.
    """
    model = read_pickle(data, ALLOWED_NAMES)
    if type(model) is not dict:
        raise ValueError(f"expected a dictionary of arrays, found a {type(model).__name__}")
    arrays = {}
    for key in keys:
        if key in model:
            try:
                arrays[key] = PickledArray(_array(model[key]))
            # numpy and scipy raise these for indices and shapes that do not fit.
            except (ValueError, IndexError, TypeError, OverflowError) as error:
                raise ValueError(f"{key}: {error}") from error
    return arrays


def _array(value: Any, depth: int = 0) -> np.ndarray:
    """The array that `value`, from a pickle, stands for."""
    if depth > DEEPEST_WRAPPING:
        raise ValueError("an array wrapped in itself")
    if not isinstance(value, Node):
        raise ValueError(f"expected an array, found a {type(value).__name__}")
    name = value.name
    if name == "_reconstructor" and value.args:
        # copy_reg's way, in old protocols, to say "an empty object of this class".
        name = getattr(value.args[0], "text", name)
    if name == "ndarray":
        return _ndarray(value.state)
    if name == "_frombuffer" and len(value.args) == 4:
        content, dtype, shape, order = value.args
        return _ndarray((None, shape, dtype, order == "F", content))
    if name not in ("Ch", "Select", "transpose", "csc_matrix") or type(value.state) is not dict:
        raise ValueError(f"expected an array, found a {name}")

    state = value.state
    if name == "Ch":
        return _array(state.get("x"), depth + 1)
    if name == "csc_matrix":
        shape = _ints(state.get("_shape", state.get("shape")))
        _check_size(shape)
        if len(shape) != 2:
            raise ValueError(f"a sparse matrix of {len(shape)} axes")
        data, indices, indptr = (_array(state.get(part), depth + 1) for part in ("data", "indices", "indptr"))
        # Not imported before a model has one: SciPy takes half a second.
        from scipy.sparse import csc_matrix

        matrix = csc_matrix((data, indices, indptr), shape=shape)
        # scipy trusts indices, and would write outside of the dense array.
        matrix.check_format(full_check=True)
        return matrix.toarray()
    array = _array(state.get("a"), depth + 1)
    if name == "transpose":
        axes = state.get("axes")
        return np.transpose(array, None if axes is None else _ints(axes))
    # chumpy's Select has indices into the flattened array.
    picked = array.ravel()[_array(state.get("idxs"), depth + 1).ravel()]
    return picked.reshape(_ints(state["preferred_shape"])) if "preferred_shape" in state else picked


def _ndarray(state: Any) -> np.ndarray:
    """An array from numpy's pickled state: version, shape, dtype, whether in Fortran order, bytes."""
    if type(state) is not tuple or len(state) != 5:
        raise ValueError("an array without its contents")
    _, shape, dtype, is_fortran, content = state
    shape = _ints(shape)
    _check_size(shape)
    dtype = _dtype(dtype)
    if isinstance(content, Node) and content.name == "encode" and content.args[1:] == ("latin1",):
        # How Python 3 writes bytes for the protocols of Python 2.
        content = content.args[0]
    # Python 2's byte strings were read as latin-1 text.
    content = content.encode("latin-1") if type(content) is str else content
    if type(content) not in (bytes, bytearray):
        raise ValueError("expected numbers, found Python objects")
    return _from_bytes(content, shape, dtype, bool(is_fortran))


def _dtype(value: Any) -> np.dtype:
    code = value.args[0] if isinstance(value, Node) and value.name == "dtype" and value.args else None
    state = value.state if isinstance(value, Node) else None
    # numpy's pickled state of a dtype: version, byte order, and more that simple dtypes do not need.
    byte_order = state[1] if type(state) is tuple and len(state) > 1 else "|"
    text = code if type(code) is str else "an unknown dtype"
    if text not in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"):
        raise ValueError(f"expected numbers, found the dtype {ascii(text)[:60]}")
    if byte_order not in ("<", ">", "|", "="):
        raise ValueError("a dtype of unknown byte order")
    return np.dtype(byte_order + text) if byte_order != "|" else np.dtype(text)


def _from_bytes(content: bytes, shape: tuple[int, ...], dtype: np.dtype, is_fortran: bool) -> np.ndarray:
    size_bytes = math.prod(shape) * dtype.itemsize
    if len(content) != size_bytes:
        raise ValueError(f"expected {size_bytes} bytes for shape {shape}, found {len(content)}")
    return np.frombuffer(content, dtype=dtype).reshape(shape, order="F" if is_fortran else "C")


def _ints(value: Any) -> tuple[int, ...]:
    if type(value) not in (tuple, list) or any(type(length) is not int for length in value):
        raise ValueError("a shape that is not a row of integers")
    return tuple(value)


def _check_size(shape: tuple[int, ...]) -> None:
    # Each length too: a zero elsewhere would hide it from the product.
    if not all(0 <= length <= MOST_NUMBERS for length in shape) or math.prod(shape) > MOST_NUMBERS:
        raise ValueError(f"an array of shape {str(shape)[:60]} is claimed, over {MOST_NUMBERS} numbers")
