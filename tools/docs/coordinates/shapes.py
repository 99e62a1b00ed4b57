"""Coloured meshes of the scenes: tubes, arrows, frustums, floors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

SIDES = 20
RED, GREEN, BLUE = (214, 48, 49), (38, 160, 72), (38, 98, 214)
INK, PALE, ORANGE = (70, 78, 90), (196, 202, 210), (236, 128, 22)
_HEAD_LENGTH, _HEAD_RADIUS = 0.17, 2.6


class Mesh(NamedTuple):
    """A mesh with a colour for each vertex: (V, 3) m, (F, 3), (V, 3) from 0 to 255."""

    verts: np.ndarray
    faces: np.ndarray
    colors: np.ndarray


@dataclass(frozen=True)
class Label:
    """A letter beside the tip of an axis: where, in metres, and in which colour."""

    text: str
    place: np.ndarray
    color: tuple[int, int, int]


def join_meshes(meshes: list[Mesh]) -> Mesh:
    """One mesh of several."""
    starts = np.cumsum([0, *(len(mesh.verts) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.verts for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]),
        np.concatenate([mesh.colors for mesh in meshes]),
    )


def paint(verts: np.ndarray, faces: np.ndarray, color: tuple[int, int, int]) -> Mesh:
    """A mesh of one colour."""
    return Mesh(np.asarray(verts, np.float64), faces, np.tile(np.uint8(color), (len(verts), 1)))


def make_tube(start: np.ndarray, end: np.ndarray, radii: tuple[float, float], color: tuple) -> Mesh:
    """A tube, or a cone where the second radius is 0, with closed ends."""
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    axis = (end - start) / np.linalg.norm(end - start)
    across = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    across /= np.linalg.norm(across)
    angle = 2 * np.pi * np.arange(SIDES) / SIDES
    ring = np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * np.cross(axis, across)
    # Rings twice, so that edges of the ends are sharp.
    rings = [start + radii[0] * ring, end + radii[1] * ring]
    verts = np.concatenate([*rings, *rings, [start, end]])
    here, there = np.arange(SIDES), np.roll(np.arange(SIDES), -1)
    side = [np.stack([here, there, there + SIDES], 1), np.stack([here, there + SIDES, here + SIDES], 1)]
    low, high = 2 * SIDES, 3 * SIDES
    ends = [
        np.stack([there + low, here + low, np.full(SIDES, 4 * SIDES)], 1),
        np.stack([here + high, there + high, np.full(SIDES, 4 * SIDES + 1)], 1),
    ]
    return paint(verts, np.concatenate([*side, *ends]), color)


def make_triad(
    origin: np.ndarray, axes: np.ndarray, length: float, radius: float = 0.016
) -> tuple[Mesh, list[Label]]:
    """Three arrows, x red, y green and z blue, and their letters.

    Args:
        origin: (3,) m.
        axes: (3, 3) whose rows are the directions of x, y and z in the scene.
        length: Of each, m.
        radius: Of their shafts, m.
    """
    meshes, labels = [], []
    for name, axis, color in zip("xyz", np.asarray(axes, np.float64), (RED, GREEN, BLUE), strict=True):
        neck, tip = origin + (length - _HEAD_LENGTH) * axis, origin + length * axis
        meshes.append(make_tube(origin, neck, (radius, radius), color))
        meshes.append(make_tube(neck, tip, (_HEAD_RADIUS * radius, 0.0), color))
        labels.append(Label(name, origin + (length + 0.13) * axis, color))
    return join_meshes(meshes), labels


def make_frustum(
    depth: float, half_hw: tuple[float, float], color: tuple[int, int, int] = INK, radius: float = 0.009
) -> Mesh:
    """The pyramid that a camera at the origin sees, along z, and its picture."""
    center = np.array([0.0, 0.0, depth])
    half = depth * np.array([half_hw[1], half_hw[0], 0.0])
    rays = [
        make_tube(np.zeros(3), center + half * (x, y, 0), (radius, radius), color)
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    return join_meshes([make_frame(center, (2 * half[0], 2 * half[1]), color, radius), *rays])


def make_frame(
    center: np.ndarray, wh: tuple[float, float], color: tuple[int, int, int], radius: float
) -> Mesh:
    """A rectangle across z."""
    half = np.array([wh[0] / 2, wh[1] / 2, 0.0])
    corners = [center + half * (x, y, 0) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    return join_meshes([make_tube(start, end, (radius, radius), color) for start, end in edges])


def make_floor(height: float, x: tuple[float, float], z: tuple[float, float], step: float = 0.5) -> Mesh:
    """Lines of a floor, whose y is `height`."""
    lines = [((one, height, z[0]), (one, height, z[1])) for one in np.arange(x[0], x[1] + 1e-6, step)]
    lines += [((x[0], height, one), (x[1], height, one)) for one in np.arange(z[0], z[1] + 1e-6, step)]
    return join_meshes([make_tube(np.array(a), np.array(b), (0.006, 0.006), PALE) for a, b in lines])
