"""DensePose's part, U and V, as its `*_IUV.png` have them."""

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
        # Faces without a chart are background, as in DensePose's labels.
        if point.part == 0:
            return wp.vec4f()
        return wp.vec4f(wp.float32(point.part), point.chart_uv[0], point.chart_uv[1], 0.0)

    return value


LAYER = LabelLayer(
    channels=("I", "U", "V"),
    unit="part 1 to 24; chart coordinates 0 to 1",
    stores={
        "8": Store((1.0, 255.0, 255.0), rounds_down=True),
        "16": Store((1.0, 65535.0, 65535.0)),
        "half": Store(),
        "float": Store(),
    },
    make_value=make_value,
    needs=frozenset({"charts"}),
)
