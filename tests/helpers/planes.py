"""Planes of label layers with the values that are easily lost, and equality to the last bit."""

import numpy as np

from render.types.labels import Plane

SIZES_HW = [(1, 1), (1, 5000), (5000, 1), (37, 53)]
# Bits of the least and the greatest value; of floats also -0, the least subnormal, infinities, and quiet and
# signalling NaN with a payload.
EXTREMES = {
    "uint8": [0xFF, 0],
    "uint16": [0xFFFF, 0, 0xFF, 0x100],
    "int32": [0x7FFFFFFF, 0, 0xFFFF, 0x10000],
    "float16": [0x8000, 0, 0x0001, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E01, 0xFD01],
    "float32": [0x80000000, 0, 1, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00001, 0xFFA00001],
}
_CHANNELS = {1: ("V",), 2: ("U", "V"), 3: ("I", "U", "V"), 4: ("R", "G", "B", "A"), 5: tuple("ABCDE")}


def make_plane(name: str, dtype: str, hw: tuple[int, int], channels: int) -> Plane:
    """A label in the middle of nothing, with any bits in it, and the extremes along the first rows.

    Whole numbers are not below 0.
    """
    shape, bits = (*hw, channels), np.dtype(dtype).itemsize * 8
    rng = np.random.default_rng(bits + channels)
    values = rng.integers(0, 2 ** (bits - 1) if dtype == "int32" else 2**bits, shape, f"uint{bits}")
    values[np.random.default_rng(0).random(hw) < 0.7] = 0
    extremes = np.array(EXTREMES[dtype], values.dtype)
    count = min(values.size, extremes.size)
    values.reshape(-1)[:count] = extremes[:count]
    return Plane(name, _CHANNELS[channels], values.view(dtype))


def make_strided(plane: Plane) -> Plane:
    """The same plane, in memory in another order and with gaps, as slices of other arrays are."""
    values = np.asfortranarray(np.repeat(plane.values, 2, axis=1))[:, ::2]
    assert not values.flags.c_contiguous or values.size == 1
    return Plane(plane.name, plane.channels, values)


def assert_same_bits(found: np.ndarray, expected: np.ndarray) -> None:
    """Also of NaN and of -0, which comparison by value would pass over."""
    assert found.dtype == expected.dtype
    bits = f"uint{expected.dtype.itemsize * 8}"
    np.testing.assert_array_equal(
        np.ascontiguousarray(found).view(bits), np.ascontiguousarray(expected).view(bits)
    )
