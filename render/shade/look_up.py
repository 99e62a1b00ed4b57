"""What reads a colour map or a palette in a kernel."""

from collections.abc import Sequence

import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.shade.palettes import Rgb

wp.set_module_options(MODULE_OPTIONS)


def make_look_up(knots: Sequence[Rgb]) -> wp.Function:
    """Makes what reads a colour map.

    Args:
        knots: Its colours at equal steps; between them colours change in a straight line.

    Returns:
        A Warp function from a share of the map to RGB; shares below 0 and above 1 have the map's ends.
    """
    last = len(knots) - 1
    table = wp.constant(wp.types.matrix(shape=(len(knots), 3), dtype=wp.float32)(knots))

    @wp.func
    def look_up(share: wp.float32) -> wp.vec3f:
        at = wp.clamp(share, 0.0, 1.0) * wp.float32(wp.static(last))
        below = wp.min(wp.int32(at), wp.static(last - 1))
        over = at - wp.float32(below)
        return (1.0 - over) * wp.vec3f(table[below, 0], table[below, 1], table[below, 2]) + over * wp.vec3f(
            table[below + 1, 0], table[below + 1, 1], table[below + 1, 2]
        )

    return look_up


def make_pick(palette: Sequence[Rgb]) -> wp.Function:
    """Makes what reads a palette.

    Args:
        palette: Its colours.

    Returns:
        A Warp function from a whole number from 0 on to RGB; numbers beyond the palette begin it again.
    """
    count = len(palette)
    table = wp.constant(wp.types.matrix(shape=(count, 3), dtype=wp.float32)(palette))

    @wp.func
    def pick(number: wp.int32) -> wp.vec3f:
        row = number % wp.static(count)
        return wp.vec3f(table[row, 0], table[row, 1], table[row, 2])

    return pick
