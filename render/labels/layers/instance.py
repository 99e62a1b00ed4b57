"""Who is in front: people in the order of the fit file."""

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
        return wp.vec4f(wp.float32(point.instance), 0.0, 0.0, 0.0)

    return value


LAYER = LabelLayer(
    channels=("id",),
    unit="person 1, 2, ... of the product",
    stores={"16": Store()},
    make_value=make_value,
)
