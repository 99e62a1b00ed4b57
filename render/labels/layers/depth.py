"""Distance from the camera's plane, under a pinhole."""

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
        return wp.vec4f(point.position[2], 0.0, 0.0, 0.0)

    return value


LAYER = LabelLayer(
    channels=("Z",),
    unit="m along the camera's axis",
    stores={"16": Store((1000.0,), refuses_most=True), "half": Store(), "float": Store()},
    make_value=make_value,
    needs=frozenset({"pinhole"}),
)
