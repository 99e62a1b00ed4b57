"""Points of a square that are spread evenly, in each pixel and over neighbouring pixels together.

Sobol's first two dimensions, scrambled by a hash: Burley, "Practical Hash-based Owen Scrambling", 2020.
Pixels take their points along a Z-order curve, so that those of a block of pixels are as even as those of
one, and what errors remain look like fine grain: Ahmed and Wonka, "Screen-Space Blue-Noise Diffusion of Monte
Carlo Sampling Error via Hierarchical Ordering of Pixels", 2020. All of it is whole numbers, and depends on
the place of the pixel alone.
"""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS

wp.set_module_options(MODULE_OPTIONS)

# Any three numbers do: they choose one of many ways to scramble.
ORDER_SEED = wp.constant(wp.uint32(0x2C1B3C6D))
FIRST_SEED = wp.constant(wp.uint32(0x297A2D39))
SECOND_SEED = wp.constant(wp.uint32(0xC0D3F00D))
MASKS = wp.constant(
    wp.types.vector(length=5, dtype=wp.uint32)(0x0000FFFF, 0x00FF00FF, 0x0F0F0F0F, 0x33333333, 0x55555555)
)
HASH_A = wp.constant(wp.uint32(0x3D20ADEA))
HASH_B = wp.constant(wp.uint32(0x05526C56))
HASH_C = wp.constant(wp.uint32(0x53A22864))
TOP_BIT = wp.constant(wp.uint32(0x80000000))
ONE = wp.constant(wp.uint32(1))
# 24 bits, which a float32 holds.
TO_FLOAT = wp.constant(wp.float32(2.0**-24))
LAST_BITS = wp.constant(wp.uint32(8))


@wp.func
def reverse_bits(bits: wp.uint32) -> wp.uint32:
    """The bits in reverse order."""
    for i in range(5):
        step = wp.uint32(16 >> i)
        bits = ((bits >> step) & MASKS[i]) | ((bits & MASKS[i]) << step)
    return bits


@wp.func
def hash_upwards(bits: wp.uint32, seed: wp.uint32) -> wp.uint32:
    """A hash each of whose bits depends on those below it alone: Vegdahl's, after Laine and Karras."""
    bits = bits ^ (bits * HASH_A)
    bits = bits + seed
    bits = bits * ((seed >> wp.uint32(16)) | ONE)
    bits = bits ^ (bits * HASH_B)
    return bits ^ (bits * HASH_C)


@wp.func
def spread_bits(bits: wp.uint32) -> wp.uint32:
    """The lower 16 bits, each followed by a 0 above it."""
    bits = bits & MASKS[0]
    for i in range(1, 5):
        bits = (bits | (bits << wp.uint32(16 >> i))) & MASKS[i]
    return bits


@wp.func
def begin_points(x: wp.int32, y: wp.int32, count: wp.int32) -> wp.uint32:
    """The number of a pixel's first point.

    Args:
        x, y: The pixel, or the sample where pixels have several: together they have count points each.
        count: How many points it takes, a power of 2.
    """
    along = spread_bits(wp.uint32(x)) | (spread_bits(wp.uint32(y)) << ONE)
    return along * wp.uint32(count)


@wp.func
def find_point_of_square(number: wp.uint32, seed: wp.uint32) -> wp.vec2f:
    """A point of the sequence, each coordinate from 0 to below 1.

    Args:
        number: From `begin_points`, or one of those after it.
        seed: Of the sequence.
    """
    # Shuffled so that blocks of a power of 2 stay blocks, or pixels would show the order that they come in.
    number = reverse_bits(hash_upwards(reverse_bits(number), ORDER_SEED ^ seed))
    first = number
    second = wp.uint32(0)
    column = TOP_BIT
    while number != wp.uint32(0):
        if (number & ONE) != wp.uint32(0):
            second = second ^ column
        column = column ^ (column >> ONE)
        number = number >> ONE
    # The first dimension of Sobol is the reversed number.
    first = reverse_bits(hash_upwards(first, FIRST_SEED ^ seed))
    second = reverse_bits(hash_upwards(reverse_bits(second), SECOND_SEED ^ seed))
    return TO_FLOAT * wp.vec2f(wp.float32(first >> LAST_BITS), wp.float32(second >> LAST_BITS))
