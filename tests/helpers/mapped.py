"""Whether arrays are mapped from files."""

import mmap

import numpy as np


def is_mapped(array: np.ndarray) -> bool:
    """Whether an array's numbers are in a file, however it is viewed."""
    owner: object = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    return isinstance(owner, mmap.mmap)
