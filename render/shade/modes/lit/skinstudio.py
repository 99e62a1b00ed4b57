"""Something like skin in the light of `studio`: shadows begin with red, and it has a soft sheen."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.lit import (
        KEY,
        clip_disc,
        develop_light,
        diffuse_of,
        grazing_of,
        mirror_of,
        rim_on,
        shine_of,
    )
    from render.shade.surface_point import SurfacePoint

    albedo = wp.constant(wp.vec3f(0.64, 0.425, 0.325))
    # How far light of each colour runs around a body below its surface: red farthest.
    wrap = wp.constant(wp.vec3f(0.50, 0.34, 0.28))

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        cosine = wp.dot(point.rig_normal, KEY)
        key = point.key * wp.vec3f(
            clip_disc(cosine, wrap[0]), clip_disc(cosine, wrap[1]), clip_disc(cosine, wrap[2])
        )
        light = diffuse_of(point, key, albedo) + 0.3 * rim_on(point)
        shine = 0.10 * shine_of(point, 0.16)
        light += wp.vec3f(shine, shine, shine) + (0.04 + 0.35 * grazing_of(point)) * mirror_of(point)
        return develop_light(light)

    return shade


MODE = Mode(make_shade, needs_light=True)
