"""The grey shading that several modes are made of."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS

wp.set_module_options(MODULE_OPTIONS)


@wp.func
def grey_of(normal: wp.vec3f) -> wp.float32:
    """clamp(n.z + 0.2 max(0, 1 - 2 n.z^2)^16): facebookresearch/eft's shader without its window."""
    # Squared four times: a power function costs more, and rounds in another way on each device.
    rim = wp.max(0.0, 1.0 - 2.0 * normal[2] * normal[2])
    rim2 = rim * rim
    rim4 = rim2 * rim2
    rim8 = rim4 * rim4
    return wp.clamp(normal[2] + 0.2 * rim8 * rim8, 0.0, 1.0)
