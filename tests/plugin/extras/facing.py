"""How much the surface faces the viewer."""

from render.labels.layer import LabelLayer, Store


def make_value():
    import warp as wp

    from render.labels.point import LabelPoint

    @wp.func
    def value(point: LabelPoint) -> wp.vec4f:
        return wp.vec4f(-point.normal[2], 0.0, 0.0, 0.0)

    return value


LAYER = LabelLayer(("cos",), "cosine", {"8": Store((255.0,)), "half": Store()}, make_value)
