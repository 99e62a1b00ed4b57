"""Glazed blue porcelain in the light of `studio`, which mirrors its lights."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.lit import (
        MIRROR,
        develop_light,
        diffuse_of,
        grazing_of,
        key_on,
        mirror_of,
        rim_on,
        shine_of,
    )
    from render.shade.surface_point import SurfacePoint

    albedo = wp.constant(wp.vec3f(0.16, 0.33, 0.50))

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        key = key_on(point)
        mirrored = MIRROR + (1.0 - MIRROR) * grazing_of(point)
        light = (1.0 - mirrored) * diffuse_of(point, wp.vec3f(key, key, key), albedo)
        shine = 1.1 * shine_of(point, 0.02)
        light += mirrored * mirror_of(point) + wp.vec3f(shine, shine, shine) + 0.3 * rim_on(point)
        return develop_light(light)

    return shade


MODE = Mode(make_shade, needs_light=True)
