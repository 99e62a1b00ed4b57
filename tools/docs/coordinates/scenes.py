"""The scene of each card: a body, a camera, and the axes of a convention. x is right, y down, z away here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image

from render import load_body, pose_bodies, read_fits
from tools.docs.coordinates.scene import draw_scene
from tools.docs.coordinates.shapes import (
    INK,
    ORANGE,
    PALE,
    Label,
    Mesh,
    join_meshes,
    make_floor,
    make_frame,
    make_frustum,
    make_triad,
    make_tube,
    paint,
)

FITS = "eft_fit/demo/n12_seed0/demo_EFT.json"
# Somebody who waves, and somebody who stands.
WAVES, STANDS = 1, 6
CLAY = (226, 205, 188)
FLOOR, AWAY = 1.15, 1.9
OPENCV = np.eye(3)
OPENGL = np.diag([1.0, -1.0, -1.0])
PYTORCH3D = np.diag([-1.0, -1.0, 1.0])
Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
# Where cameras are seen from: behind them, on the left, above.
EYE, TARGET, FOCAL = np.array([-2.9, -1.2, -1.9]), np.array([0.1, 0.2, 0.8]), 1.38
HALF_HW = (0.42, 0.5)

Part = tuple[Mesh, list[Label]]


@cache
def pose_body(row: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) of a person of the demo set, with the middle of the feet at the origin; and faces."""
    poses = read_fits("eft", FITS)[0].sources[0].bodies
    posed = pose_bodies(load_body(), poses.rotmat[row : row + 1], poses.betas[row : row + 1])
    verts = posed.verts[0].cpu().numpy().astype(np.float64)
    low, high = verts.min(0), verts.max(0)
    return verts - [(low[0] + high[0]) / 2, high[1], (low[2] + high[2]) / 2], posed.faces.cpu().numpy()


def stand(x: float, z: float, row: int = WAVES, color: tuple[int, int, int] = CLAY) -> Part:
    """Somebody on the floor."""
    verts, faces = pose_body(row)
    return paint(verts + np.array([x, FLOOR, z]), faces, color), []


def floor(x: tuple[float, float] = (-1, 1), z: tuple[float, float] = (0, 2.5)) -> Part:
    return make_floor(FLOOR, x, z), []


def frustum(depth: float, narrow: float = 1.0, color: tuple[int, int, int] = INK) -> Part:
    return make_frustum(depth, (narrow * HALF_HW[0], narrow * HALF_HW[1]), color), []


def see(axes: np.ndarray) -> list[Part]:
    """A camera with those axes, and somebody before it."""
    return [floor(), stand(0, AWAY), frustum(0.62), make_triad(np.zeros(3), axes, 0.8)]


def world(axes: np.ndarray) -> list[Part]:
    """Somebody in a world, whose origin is on the floor beside him."""
    origin = np.array([-0.62, FLOOR, 1.2])
    return [floor((-1, 1), (0.5, 2.5)), stand(0.25, 1.5), make_triad(origin, axes, 0.95, 0.02)]


def blender() -> list[Part]:
    own = make_triad(np.zeros(3), OPENGL, 0.75)
    of_world = make_triad(np.array([-1.0, FLOOR, 0.0]), Z_UP, 0.75)
    return [floor(), stand(0, AWAY), frustum(0.62), own, of_world]


def units() -> list[Part]:
    foot, head = np.array([0.75, FLOOR, 1.5]), np.array([0.75, FLOOR - 1.7, 1.5])
    across = np.array([0.09, 0, 0])
    ruler = [make_tube(foot, head, (0.012, 0.012), INK)]
    ruler += [make_tube(place - across, place + across, (0.012, 0.012), INK) for place in (foot, head)]
    said = [
        Label(text, np.array([1.5, FLOOR - height, 1.5]), INK)
        for text, height in (("1.7 m", 1.35), ("170 cm", 0.85), ("1700 mm", 0.35))
    ]
    return [floor((-1, 1), (0.5, 2.5)), stand(0.1, 1.5), (join_meshes(ruler), said)]


def weak() -> list[Part]:
    """Parallel rays from a body to the picture, and the crop in it, from whose middle x and y count."""
    size, place, plane = 0.62, np.array([0.05, 0.75, 1.7]), 0.3
    picture = make_frame(np.array([0.1, 0.2, plane]), (2.0, 1.5), INK, 0.012)
    middle = np.array([0.35, 0.2, plane])
    crop = make_frame(middle, (1.3, 1.3), ORANGE, 0.016)
    verts, faces = pose_body(WAVES)
    verts = size * verts + place
    ends = [verts[verts[:, 1].argmin()], verts[verts[:, 1].argmax()], verts[verts[:, 0].argmax()]]
    rays = [make_tube(end, np.array([end[0], end[1], plane]), (0.007, 0.007), INK) for end in ends]
    shadow = paint(verts * [1, 1, 0.01] + [0, 0, plane - 0.01 * place[2]], faces, PALE)
    axes, letters = make_triad(middle, OPENCV, 0.6)
    return [(paint(verts, faces, CLAY), []), (join_meshes([picture, crop, shadow, *rays, axes]), letters[:2])]


def crop() -> list[Part]:
    return [floor(), stand(0.35, AWAY), frustum(0.95), crop_frustum(0.95)]


def crop_frustum(depth: float) -> Part:
    """The part of the picture in which the person is."""
    center = np.array([0.35 / AWAY, 0.25 / AWAY, 1.0]) * depth
    frame = make_frame(center, (0.46, 0.46), ORANGE, 0.014)
    rays = [
        make_tube(np.zeros(3), center + np.array([x, y, 0]), (0.008, 0.008), ORANGE)
        for x in (-0.23, 0.23)
        for y in (-0.23, 0.23)
    ]
    return join_meshes([frame, *rays]), []


def cliff() -> list[Part]:
    pelvis = np.array([0.35, FLOOR - 0.9, AWAY])
    t = make_tube(np.zeros(3), pelvis * 0.93, (0.014, 0.014), ORANGE)
    head = make_tube(pelvis * 0.93, pelvis, (0.045, 0.0), ORANGE)
    letter = Label("t", pelvis * 0.62 + [0, -0.16, 0], ORANGE)
    return [floor(), stand(0.35, AWAY), frustum(0.62), (join_meshes([t, head]), [letter])]


def far() -> list[Part]:
    """A camera so far away that rays are nearly parallel."""
    return [floor((-1, 1), (1, 3)), stand(0, AWAY), frustum(2.0, 0.42), make_triad(np.zeros(3), OPENCV, 0.6)]


def angles() -> list[Part]:
    return [floor(), stand(0, AWAY), frustum(0.8, 0.45), frustum(0.8, 1.1, ORANGE)]


def own() -> list[Part]:
    """Two people, each with a camera of his own."""
    parts = [floor((-1, 1), (0, 3.5)), stand(-0.45, 2.0), stand(0.55, 3.0, STANDS)]
    for x, z, color in ((-0.45, 2.0, ORANGE), (0.55, 3.0, INK)):
        center = np.array([x / z, (FLOOR - 0.85) / z, 1.0]) * 0.9
        half = 1.0 / z * 0.9
        corners = [center + half * np.array([a, b, 0]) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        rays = [make_tube(np.zeros(3), corner, (0.008, 0.008), color) for corner in corners]
        parts.append((join_meshes([make_frame(center, (2 * half, 2 * half), color, 0.012), *rays]), []))
    return parts


def pixels() -> list[Part]:
    """A picture with its corner and its middle."""
    plane = make_frame(np.array([0.0, 0.1, 1.0]), (2.0, 1.5), INK, 0.012)
    mesh, letters = make_triad(np.array([-1.0, -0.65, 1.0]), OPENCV, 0.75)
    dot = make_tube(np.array([0, 0.1, 0.99]), np.array([0, 0.1, 1.01]), (0.05, 0.05), ORANGE)
    return [(join_meshes([plane, mesh, dot]), letters[:2])]


SCENES: dict[str, Callable[[], list[Part]]] = {
    "opencv": lambda: see(OPENCV),
    "opengl": lambda: see(OPENGL),
    "pytorch3d": lambda: see(PYTORCH3D),
    "y-up": lambda: world(OPENGL),
    "z-up": lambda: world(Z_UP),
    "blender": blender,
    "units": units,
    "weak": weak,
    "crop": crop,
    "cliff": cliff,
    "hmr2": far,
    "own-cameras": own,
    "focal-length": angles,
    "pixels": pixels,
}
# Where others are seen from: the eye, what is in the middle, and the focal length.
_VIEWS = {
    "opengl": (EYE, np.array([0.05, 0.2, 0.5]), 1.25),
    "blender": (EYE, np.array([-0.1, 0.3, 0.5]), 1.2),
    "y-up": (np.array([-2.6, -0.9, -2.3]), np.array([-0.05, 0.4, 1.35]), 1.5),
    "units": (np.array([-1.1, -0.5, -2.9]), np.array([0.75, 0.35, 1.4]), 1.5),
    "weak": (np.array([-2.2, -0.8, -2.2]), np.array([0.1, 0.2, 0.7]), 1.35),
    "own-cameras": (EYE, np.array([0.1, 0.2, 1.2]), 1.3),
    "hmr2": (np.array([-3.6, -1.2, -1.0]), np.array([0.0, 0.25, 1.1]), 1.3),
    "pixels": (np.array([-0.7, -0.5, -2.6]), np.array([0.0, 0.1, 1.0]), 1.35),
}
_VIEWS["z-up"] = _VIEWS["y-up"]


def draw(name: str, size_px: tuple[int, int], letter_px: int) -> Image.Image:
    """The picture of a scene."""
    parts = SCENES[name]()
    eye, target, focal = _VIEWS.get(name, (EYE, TARGET, FOCAL))
    labels = [label for _, found in parts for label in found]
    return draw_scene(
        join_meshes([mesh for mesh, _ in parts]), labels, eye, target, size_px, focal, letter_px
    )
