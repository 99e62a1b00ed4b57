"""The joint of SMPL that the nearest vertex follows most, by skinning weight."""

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
        return wp.vec4f(wp.float32(point.skin_part), 0.0, 0.0, 0.0)

    return value


LAYER = LabelLayer(
    channels=("part",),
    unit="SMPL's joint 1 to 24, pelvis first",
    stores={"8": Store()},
    make_value=make_value,
    needs=frozenset({"weights"}),
)
