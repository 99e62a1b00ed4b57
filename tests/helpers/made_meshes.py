"""Made meshes, and where a camera of fits puts their vertices."""

import numpy as np

from render.types.fits import Unit

FACES = np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)], np.int32)
# Two people of four vertices at 4 and 6 m, x right, y down, z away, with numbers that float32 holds.
VERTS = np.array(
    [
        [(0, 0, 4), (0.5, 0, 4), (0, -1.5, 4.25), (0.125, 0.25, 4.5)],
        [(1, 0, 6), (1.5, 0.5, 6), (1, -1.5, 6.25), (1.125, 0.25, 6.5)],
    ]
)
# Of a picture that is wider than high.
PICTURE_WH = (640, 480)


def project(fits, row, picture_wh=PICTURE_WH):
    """Pixels (V, 2) of a row's vertices, by the formulas that `Fits` states."""
    width, height = picture_wh
    verts = np.asarray(fits.sources[fits.source[row]].bodies.verts[fits.place[row : row + 1]], np.float64)[0]
    length = {
        Unit.PIXELS: 1,
        Unit.CENTRED: 1,
        Unit.SIDE: max(width, height),
        Unit.HEIGHT: height,
        Unit.DIAGONAL: np.hypot(width, height),
    }[fits.unit[row]]
    start = 0 if fits.unit[row] == Unit.PIXELS else np.array([width, height]) / 2
    if fits.scale[row]:
        return start + length * (fits.origin[row] + fits.scale[row] * verts[:, :2])
    x, y, z = (verts @ fits.rotation[row].T + fits.transl_m[row]).T
    assert (z > 0).all()
    return start + length * (fits.center[row] + fits.focal[row] * np.stack([x / z, y / z], axis=1))


def pinhole_px(points, focal=(500, 510), center=(300, 250)):
    """Pixels (V, 2) of points that are in a camera's frame."""
    x, y, z = np.asarray(points, np.float64).T
    return np.stack([focal[0] * x / z + center[0], focal[1] * y / z + center[1]], axis=1)


def write_obj(path, verts, faces=FACES, colors=None):
    """colors: (V, 3) uint8, None for none."""
    shades = [()] * len(verts) if colors is None else (np.asarray(colors) / 255).tolist()
    rows = [(*vert, *shade) for vert, shade in zip(verts, shades, strict=True)]
    lines = ["v " + " ".join(f"{one:.8f}" for one in row) for row in rows]
    path.write_text("\n".join(lines + ["f " + " ".join(map(str, face + 1)) for face in faces]))
    return path
