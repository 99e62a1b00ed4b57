"""The face that is in front, from 1."""

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
        return wp.vec4f(wp.float32(point.face + 1), 0.0, 0.0, 0.0)

    return value


LAYER = LabelLayer(
    channels=("id",),
    unit="face 1 to F of the body",
    # To add a half for rounding would change ids from 2^23 on.
    stores={"16": Store(rounds_down=True), "32": Store(rounds_down=True)},
    make_value=make_value,
)
