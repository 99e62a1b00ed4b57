"""DensePose's part."""

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
        return wp.vec4f(wp.float32(point.part), 0.0, 0.0, 0.0)

    return value


LAYER = LabelLayer(
    channels=("I",),
    unit="part 1 to 24",
    stores={"8": Store()},
    make_value=make_value,
    needs=frozenset({"charts"}),
)
