"""What a mode knows of the point that it colours."""

import warp as wp


@wp.struct
class SurfacePoint:
    """A visible point of a body.

    normal: interpolated and normalised, in the view's frame for shading: x right, y up, z towards the viewer.
    """

    normal: wp.vec3f
