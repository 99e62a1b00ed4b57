"""The kernels' numpy twins: slow and obvious."""

import numpy as np

UNIT = 4096


def visible_faces(verts: np.ndarray, faces: np.ndarray, size_hw: tuple[int, int], cull: bool) -> np.ndarray:
    """The nearest face at each pixel's centre, (H, W), -1 where there is none.

    verts: (V, 4) as in Placements. The top-left rule on vertices snapped to 1/4096 pixel; depth in float64.
    """
    height, width = size_hw
    nearest = np.full(size_hw, np.inf)
    face_at = np.full(size_hw, -1)
    snapped = np.round(verts[:, :2].astype(np.float32) * np.float32(UNIT)).astype(object)
    for f, corners in enumerate(faces):
        if (verts[corners, 3] <= 0).any():
            continue
        a, b, c = (snapped[i] for i in corners)
        area = _edge(a, b, c)
        if area == 0 or (cull and area > 0):
            continue
        if area < 0:
            b, c = c, b
        x0, y0 = np.maximum(np.floor(verts[corners, :2].min(0)), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(verts[corners, :2].max(0)), (width, height)).astype(int)
        for y in range(y0, y1):
            for x in range(x0, x1):
                p = (x * UNIT + UNIT // 2, y * UNIT + UNIT // 2)
                if all(_is_inside(s, e, p) for s, e in ((a, b), (b, c), (c, a))):
                    bary = barycentric(verts[corners], x, y)
                    depth = bary @ verts[corners, 2]
                    if depth < nearest[y, x]:
                        nearest[y, x], face_at[y, x] = depth, f
    return face_at


def barycentric(corners: np.ndarray, x: int, y: int) -> np.ndarray:
    """Perspective-correct barycentric coordinates of a pixel's centre; corners: (3, 4) as in Placements."""
    matrix = np.vstack([corners[:, :2].T.astype(np.float64), np.ones(3)])
    on_picture = np.linalg.solve(matrix, [x + 0.5, y + 0.5, 1])
    weighted = on_picture * corners[:, 3]
    return weighted / weighted.sum()


def _edge(a, b, p) -> int:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _is_inside(a, b, p) -> bool:
    is_top = b[1] == a[1] and b[0] > a[0]
    is_left = b[1] < a[1]
    side = _edge(a, b, p)
    return side > 0 or (side == 0 and (is_top or is_left))
