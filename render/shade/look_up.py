"""What reads a colour map in a kernel."""

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
