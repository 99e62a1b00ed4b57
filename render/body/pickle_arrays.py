"""The arrays of a pickled body model, sized before they are allocated.

Whatever a file claims, what is made of it is bounded by its size and a constant, and so is the work.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from render.body.file_kind import OtherFileError, name_content
from render.containers.pickles.recorded import Node, read_pickle

# Five times the largest array of SMPL: shapedirs of 6890 x 3 x 300.
MOST_NUMBERS = 32_000_000
# Of NumPy's arrays.
MOST_AXES = 32
# Chumpy wraps an array two or three times.
DEEPEST_WRAPPING = 16
# Wrapped arrays and the parts of sparse ones count; a model has some thirty.
MOST_NODES = 1000
# What may be made beside as many bytes as the file has: 2.7 times SMPL's largest array, of 300 shapes.
MADE_BYTES = 128 << 20

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
        OtherFileError: It holds something else, which is known.
        ValueError: It is damaged, or one of these arrays is, whose key the message names.
    """
    model = read_pickle(data, ALLOWED_NAMES)
    if type(model) is not dict:
        raise ValueError(f"expected a dictionary of arrays, found a {type(model).__name__}")
    if "v_template" not in model and (kind := name_content(model)):
        raise OtherFileError(f"{kind}. Set body.path to the model")
    builder = _Builder(len(data) + MADE_BYTES)
    arrays = {}
    for key in keys:
        if key in model:
            try:
                arrays[key] = PickledArray(builder.build(model[key]))
            # numpy and scipy raise these for indices and shapes that do not fit.
            except (ValueError, IndexError, TypeError, OverflowError) as error:
                raise ValueError(f"{key}: {error}") from error
    return arrays


class _Builder:
    """Puts arrays together from the nodes that stand for them, each of them once.

    Args:
        most_bytes: Of what is made for all arrays together, steps between included.
    """

    def __init__(self, most_bytes: int) -> None:
        self._left_bytes = self._most_bytes = most_bytes
        # By the identity of its node: the model keeps the nodes alive.
        self._built: dict[int, np.ndarray] = {}

    def build(self, value: Any, depth: int = 0) -> np.ndarray:
        """The array that `value`, from a pickle, stands for."""
        if id(value) not in self._built:
            if depth > DEEPEST_WRAPPING:
                raise ValueError("an array wrapped in itself")
            if not isinstance(value, Node):
                raise ValueError(f"expected an array, found a {type(value).__name__}")
            array = self._build(value, depth + 1)
            if len(self._built) >= MOST_NODES:
                raise ValueError(f"it is put together from more than {MOST_NODES} arrays")
            self._built[id(value)] = array
        return self._built[id(value)]

    def _build(self, node: Node, depth: int) -> np.ndarray:
        name = node.name
        if name == "_reconstructor" and node.args:
            # copy_reg's way, in old protocols, to say "an empty object of this class".
            name = getattr(node.args[0], "text", name)
        if name == "ndarray":
            return self._ndarray(node.state)
        if name == "_frombuffer" and len(node.args) == 4:
            content, dtype, shape, order = node.args
            return self._ndarray((None, shape, dtype, order == "F", content))
        if name not in ("Ch", "Select", "transpose", "csc_matrix") or type(node.state) is not dict:
            raise ValueError(f"expected an array, found a {name}")

        state = node.state
        if name == "Ch":
            return self.build(state.get("x"), depth)
        if name == "csc_matrix":
            return self._csc_matrix(state, depth)
        array = self.build(state.get("a"), depth)
        if name == "transpose":
            axes = state.get("axes")
            return np.transpose(array, None if axes is None else _ints(axes))
        # chumpy's Select has indices into the flattened array.
        idxs = self.build(state.get("idxs"), depth)
        # Both may be copied when flattened, and indices when made 64 bits wide.
        self._spend(array.nbytes + idxs.size * (idxs.itemsize + 8 + array.itemsize))
        picked = array.ravel()[idxs.ravel()]
        return picked.reshape(_ints(state["preferred_shape"])) if "preferred_shape" in state else picked

    def _csc_matrix(self, state: dict, depth: int) -> np.ndarray:
        shape = _ints(state.get("_shape", state.get("shape")))
        _check_size(shape)
        if len(shape) != 2:
            raise ValueError(f"a sparse matrix of {len(shape)} axes")
        data, indices, indptr = (self.build(state.get(part), depth) for part in ("data", "indices", "indptr"))
        # The dense matrix, and SciPy's copies of the parts.
        parts_bytes = sum(part.nbytes + 8 * part.size for part in (data, indices, indptr))
        self._spend(8 * math.prod(shape) + parts_bytes)
        # Not imported before a model has one: SciPy takes half a second.
        from scipy.sparse import csc_matrix

        matrix = csc_matrix((data, indices, indptr), shape=shape)
        # scipy trusts indices, and would write outside of the dense array.
        matrix.check_format(full_check=True)
        return matrix.toarray()

    def _ndarray(self, state: Any) -> np.ndarray:
        """An array from numpy's pickled state: version, shape, dtype, whether in Fortran order, bytes."""
        if type(state) is not tuple or len(state) != 5:
            raise ValueError("an array without its contents")
        _, shape, dtype, is_fortran, content = state
        shape = _ints(shape)
        _check_size(shape)
        dtype = _dtype(dtype)
        if isinstance(content, Node) and content.name == "encode" and len(content.args) == 2:
            # How Python 3 writes bytes for the protocols of Python 2.
            content = content.args[0] if content.args[1] == "latin1" else None
        if type(content) is str:
            # Python 2's byte strings were read as latin-1 text.
            self._spend(len(content))
            content = content.encode("latin-1")
        if type(content) not in (bytes, bytearray):
            raise ValueError("expected numbers, found Python objects")
        size_bytes = math.prod(shape) * dtype.itemsize
        if len(content) != size_bytes:
            raise ValueError(f"expected {size_bytes} bytes for shape {shape}, found {len(content)}")
        return np.frombuffer(content, dtype=dtype).reshape(shape, order="F" if is_fortran else "C")

    def _spend(self, size_bytes: int) -> None:
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise ValueError(f"putting it together takes more than {self._most_bytes >> 20} MiB")


def _dtype(value: Any) -> np.dtype:
    code = value.args[0] if isinstance(value, Node) and value.name == "dtype" and value.args else None
    state = value.state if isinstance(value, Node) else None
    # numpy's pickled state of a dtype: version, byte order, and more that simple dtypes do not need.
    byte_order = state[1] if type(state) is tuple and len(state) > 1 else "|"
    text = code if type(code) is str else "an unknown dtype"
    if text not in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"):
        raise ValueError(f"expected numbers, found the dtype {text[:60]!a}")
    if byte_order not in ("<", ">", "|", "="):
        raise ValueError("a dtype of unknown byte order")
    return np.dtype(byte_order + text) if byte_order != "|" else np.dtype(text)


def _ints(value: Any) -> tuple[int, ...]:
    if type(value) not in (tuple, list):
        raise ValueError("a shape that is not a row of integers")
    # Before anything is done with them: the work on a shape grows faster than its length.
    if len(value) > MOST_AXES:
        raise ValueError(f"an array of {len(value)} axes is claimed, over {MOST_AXES}")
    if any(type(length) is not int for length in value):
        raise ValueError("a shape that is not a row of integers")
    if any(abs(length) > MOST_NUMBERS for length in value):
        # Python refuses to write numbers of thousands of digits.
        shown = ", ".join(str(length) if abs(length) < 2**63 else "..." for length in value)
        raise ValueError(f"an array of shape ({shown[:60]}) is claimed, over {MOST_NUMBERS} numbers")
    return tuple(value)


def _check_size(shape: tuple[int, ...]) -> None:
    if min(shape, default=0) < 0 or math.prod(shape) > MOST_NUMBERS:
        raise ValueError(f"an array of shape {str(shape)[:60]} is claimed, over {MOST_NUMBERS} numbers")
