"""Where the surface is: from the camera under a pinhole, from the body's origin under weak perspective."""

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
        return wp.vec4f(point.position[0], point.position[1], point.position[2], 0.0)

    return value


LAYER = LabelLayer(
    channels=("X", "Y", "Z"),
    unit="m in the camera's frame",
    stores={"float": Store(), "half": Store()},
    make_value=make_value,
)
