"""How near: 1 at the nearest point of the product's bodies, the least above 0 at the farthest."""

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
        # The farthest point is one step of 16 bits above the background.
        return wp.vec4f(1.0 - point.depth * (65534.0 / 65535.0), 0.0, 0.0, 0.0)

    return value


LAYER = LabelLayer(
    channels=("nearness",),
    unit="above 0 to 1, the nearest",
    stores={"16": Store((65535.0,)), "half": Store(), "float": Store()},
    make_value=make_value,
)
