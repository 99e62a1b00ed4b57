"""Coordinates of the body's own UV map."""

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
        return wp.vec4f(point.uv[0], point.uv[1], 0.0, 0.0)

    return value


LAYER = LabelLayer(
    channels=("U", "V"),
    unit="0 to 1, V upwards",
    stores={"16": Store((65535.0,)), "half": Store(), "float": Store()},
    make_value=make_value,
    needs=frozenset({"uv"}),
)
