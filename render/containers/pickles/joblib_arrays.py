"""Arrays that joblib writes between the opcodes of a pickle, behind an object that says what they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from render.containers.errors import ContainerError
from render.containers.pickles.numpy_values import check_letters, read_shape
from render.containers.pickles.torch_values import Machine

# joblib's, by which older versions than 1.2 did not align.
_ALIGNMENT = "numpy_array_alignment_bytes"


def read_raw_array(machine: Machine, state: Any) -> Any:
    """Reads the array behind an object of the class NumpyArrayWrapper.

    Args:
        machine: That reads the pickle; it is behind the array afterwards.
        state: Of the object.

    Raises:
        ContainerError: The array is not what the object says.
    """
    if type(state) is not dict or not isinstance(state.get("dtype"), np.dtype):
        raise ContainerError("it holds an array of joblib without its type")
    dtype, shape, order = state["dtype"], read_shape(state.get("shape")), state.get("order")
    if order not in ("C", "F"):
        raise ContainerError("it holds an array whose order is neither C nor Fortran")
    if dtype.hasobject:
        # A pickle of its own.
        inner = machine.nest(machine.data, machine.pos)
        array = inner.run()
        machine.pos = inner.pos
        return array
    if state.get(_ALIGNMENT) is not None:
        # How many bytes fill up to the alignment, in one byte.
        machine.pos += 1 + int.from_bytes(machine.data[machine.pos : machine.pos + 1], "little")
    size_bytes = math.prod(shape) * dtype.itemsize
    if machine.pos + size_bytes > len(machine.data):
        raise ContainerError(
            f"it is cut short: it claims {size_bytes} bytes for an array of shape {shape}, found "
            f"{max(0, len(machine.data) - machine.pos)}"
        )
    # A view of the file's bytes.
    array = np.frombuffer(machine.data, dtype, math.prod(shape), machine.pos)
    machine.pos += size_bytes
    return check_letters(array.reshape(shape, order=order))
