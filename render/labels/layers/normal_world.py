"""Normals in the frame of the sequence's world: y down along gravity."""

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
        # Of people whose world is not known.
        if not wp.isfinite(point.world_normal):
            return wp.vec4f()
        return wp.vec4f(point.world_normal[0], point.world_normal[1], point.world_normal[2], 0.0)

    return value


LAYER = LabelLayer(
    channels=("X", "Y", "Z"),
    unit="unit vector in the world's frame",
    stores={"8": Store((127.5,), 127.5), "16": Store((32767.5,), 32767.5), "half": Store(), "float": Store()},
    make_value=make_value,
    needs=frozenset({"world"}),
)
