"""Colours out of pictures: of a texture at a place of a body's UV map, and of vertices."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural

wp.set_module_options(MODULE_OPTIONS)


@wp.func
def read_rgb(colors: wp.array2d(dtype=wp.vec3ub), row: wp.int32, column: wp.int32) -> wp.vec3f:
    """The colour in a row and a column, 0 to 1."""
    rgb = colors[natural(row), natural(column)]
    return wp.vec3f(wp.float32(rgb[0]), wp.float32(rgb[1]), wp.float32(rgb[2])) / 255.0


@wp.func
def sample_texture(texels: wp.array2d(dtype=wp.vec3ub), uv: wp.vec2f) -> wp.vec3f:
    """The colour between the four texels around a place, 0 to 1.

    Display values are interpolated as the file stores them, as viewers do and as the picture was painted.

    Args:
        texels: Of the picture, the upper row first.
        uv: As OBJ has it: (0, 0) is the lower left corner of the picture, (1, 1) the upper right.
    """
    # The middle of texel i lies at i + 0.5. Beyond those of the border the border goes on: at a seam there,
    # the other side of the picture is another part of the body.
    x = wp.clamp(uv[0] * wp.float32(texels.shape[1]) - 0.5, 0.0, wp.float32(texels.shape[1] - 1))
    y = wp.clamp((1.0 - uv[1]) * wp.float32(texels.shape[0]) - 0.5, 0.0, wp.float32(texels.shape[0] - 1))
    left, top = wp.int32(x), wp.int32(y)
    right, bottom = wp.min(left + 1, texels.shape[1] - 1), wp.min(top + 1, texels.shape[0] - 1)
    across, down = x - wp.float32(left), y - wp.float32(top)
    above = wp.lerp(read_rgb(texels, top, left), read_rgb(texels, top, right), across)
    below = wp.lerp(read_rgb(texels, bottom, left), read_rgb(texels, bottom, right), across)
    return wp.lerp(above, below, down)
