"""Barycentric coordinates of the pixel's centre in that face."""

from typing import TYPE_CHECKING

from render.labels.layer import LabelLayer, Store

if TYPE_CHECKING:
    import warp as wp


def make_value() -> "wp.Function":
    """The value function, for the kernel that writes layers."""
    import warp as wp

    from render.labels.point import LabelPoint

    @wp.func
    def value(point: LabelPoint) -> wp.vec4f:
        return wp.vec4f(point.bary[0], point.bary[1], point.bary[2], 0.0)

    return value


LAYER = LabelLayer(
    channels=("A", "B", "C"),
    unit="weights of the face's corners",
    stores={"16": Store((65535.0,)), "half": Store(), "float": Store()},
    make_value=make_value,
)
