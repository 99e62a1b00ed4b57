"""DensePose's labels: part, U and V as bytes, in a PNG that cv2 reads as I, U, V."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.surface_point import SurfacePoint

    @wp.func
    def to_label(coordinate: wp.float32) -> wp.float32:
        # min(255 u, 255) truncated, as DensePose's own `*_IUV.png` are made.
        return wp.floor(wp.clamp(255.0 * coordinate, 0.0, 255.0)) / 255.0

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        # Faces without a chart are background, as in DensePose's labels.
        if point.part == 0:
            return wp.vec4f()
        # cv2 reads a file's RGB backwards.
        return wp.vec4f(to_label(point.uv[1]), to_label(point.uv[0]), wp.float32(point.part) / 255.0, 1.0)

    return shade


MODE = Mode(make_shade, is_label=True, is_exact=True, needs_charts=True)
