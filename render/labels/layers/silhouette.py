"""Where anybody is."""

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
        return wp.vec4f(1.0, 0.0, 0.0, 0.0)

    return value


LAYER = LabelLayer(
    channels=("mask",),
    unit="1 on bodies",
    stores={"8": Store((255.0,)), "float": Store()},
    make_value=make_value,
)
