"""The surface of a dressed person: skin, hair, clothes, and a stool where there is one, as one mesh."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from render.demo.light import Light
from render.demo.occlusion import find_shares
from render.demo.people.figure import Figure
from render.demo.people.garments import Garment, Material, list_garments
from render.demo.people.mannequin import Mannequin
from render.demo.people.tailor import HIDDEN_M, bridge, cut
from render.demo.scenery.stool import Stool

# Of skin, whose light is that of the body's own vertices, and of what is worn over it.
SHARE_SMOOTHING = 2


class Surface(NamedTuple):
    """A mesh, as one photo shows it.

    Attributes:
        verts_px: x, y in pixels of the photo and depth (V, 3).
        values: What is interpolated between vertices (V, 11) float32: columns 0 to 2 hold the normal, 3 to 5
            the place in the T-pose, 6 the distance from the edge of the garment, 7 to 9 the shares of the light
            of the sky, the floor and the key light, and 10 the height above the floor.
        faces: (F, 3) int64.
        material: Of each face (F,) int8.
    """

    verts_px: np.ndarray
    values: np.ndarray
    faces: np.ndarray
    material: np.ndarray


def dress(figure: Figure, stool: Stool | None, mannequin: Mannequin, light: Light) -> Surface:
    """Dresses a person, and finds what light its surface has.

    Args:
        figure: The person.
        stool: What the person sits on.
        mannequin: What all bodies share.
        light: Of the scene.
    """
    rest_m, faces = mannequin.rest_m, mannequin.faces
    garments = list_garments(figure.outfit, mannequin.marks, rest_m)
    shares = find_shares(figure.verts_m, faces, figure.verts_m, figure.normals, light)
    shares = mannequin.smooth(shares, SHARE_SMOOTHING)
    hidden_m = np.max([garment.inside_m for garment in garments], 0)
    seen = (hidden_m[faces] < HIDDEN_M).any(1)
    skin = np.column_stack([figure.normals, rest_m, hidden_m, shares])
    parts = [(figure.verts_m, skin, faces[seen].astype(np.int64), Material.SKIN)]
    parts += [_wear(garment, figure, shares, mannequin) for garment in garments]
    if stool is not None:
        lit = find_shares(figure.verts_m, faces, stool.verts_m, stool.normals, light)
        values = np.column_stack([stool.normals, stool.local_m, np.ones(len(lit)), lit])
        parts.append((stool.verts_m, values, stool.faces, Material.STOOL))

    verts, values, corners, materials = zip(*parts, strict=True)
    firsts = np.cumsum([0, *map(len, verts)])
    return Surface(
        figure.place.project(np.concatenate(verts)),
        np.column_stack([np.concatenate(values), np.concatenate(verts)[:, 1]]).astype(np.float32),
        np.concatenate([part + first for part, first in zip(corners, firsts, strict=False)]),
        np.repeat(np.array(materials, np.int8), [len(part) for part in corners]),
    )


def _wear(
    garment: Garment, figure: Figure, shares: np.ndarray, mannequin: Mannequin
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Material]:
    rest_m = mannequin.rest_m
    piece = cut(mannequin.faces, garment.inside_m)
    smooth_m = mannequin.smooth(figure.verts_m, garment.smoothing)
    normals = mannequin.smooth(figure.normals, garment.smoothing)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    if garment.material == Material.SHOE:
        verts_m, normals = mannequin.shoes.follow(mannequin.rest_m, figure.verts_m)
        rest_m = mannequin.shoes.rest_m
    else:
        lift_m = garment.offset_m + bridge(figure.verts_m, smooth_m, normals)
        verts_m = figure.verts_m + lift_m[:, None] * normals
    values = np.column_stack([normals, rest_m, garment.inside_m, shares])
    return piece.carry(verts_m), piece.carry(values), piece.faces, garment.material
