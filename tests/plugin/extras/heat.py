"""Red where the surface faces the viewer, blue where it turns away."""

from render.shade.mode import Mode


def make_shade():
    import warp as wp

    from render.shade.surface_point import SurfacePoint

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        return wp.vec4f(point.normal[2], 0.0, 1.0 - point.normal[2], 1.0)

    return shade


MODE = Mode(make_shade)
