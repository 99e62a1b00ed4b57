"""What kernels read of grids of light between the middles of their cells."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS

wp.set_module_options(MODULE_OPTIONS)


@wp.func
def smooth_step(value: wp.float32) -> wp.float32:
    """From 0 to 1 as the value goes there, slow at both ends: the cubic of Hermite."""
    t = wp.clamp(value, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@wp.func
def read_light(
    light: wp.array3d(dtype=wp.float32), layer: wp.int32, column: wp.float32, row: wp.float32
) -> wp.float32:
    """The light at a place, in a straight line from cell to cell; 1 beyond the grid.

    Args:
        light: A grid in each layer.
        layer: Which one.
        column, row: Of the place; whole numbers are the middles of cells.
    """
    # Written so that NaN is passed over.
    if not (
        column >= 0.0
        and row >= 0.0
        and column < wp.float32(light.shape[2] - 1)
        and row < wp.float32(light.shape[1] - 1)
    ):
        return 1.0
    i, j = wp.int32(column), wp.int32(row)
    u, v = column - wp.float32(i), row - wp.float32(j)
    near = wp.lerp(light[layer, j, i], light[layer, j, i + 1], u)
    far = wp.lerp(light[layer, j + 1, i], light[layer, j + 1, i + 1], u)
    return wp.lerp(near, far, v)
