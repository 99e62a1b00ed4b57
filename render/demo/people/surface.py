"""The surface of a dressed person: skin, hair, clothes, and a stool where there is one, as one mesh."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from render.demo.light import Light
from render.demo.occlusion import find_shares
from render.demo.people.figure import Figure
from render.demo.people.mannequin import Mannequin
from render.demo.people.wardrobe.garments import Garment, Material, list_garments
from render.demo.people.wardrobe.tailor import HIDDEN_M, bridge, cut
from render.demo.scenery.stool import Stool

# Of skin, whose light is that of the body's own vertices, and of what is worn over it.
SHARE_SMOOTHING = 2


class Surface(NamedTuple):
    """A mesh, as one photo shows it.

    Attributes:
        verts_px: x, y in pixels of the photo and depth (V, 3).
        values: What is interpolated between vertices (V, 11) float32: columns 0 to 2 hold the normal, 3 to 5
            the place in the T-pose, 6 the distance from the edge of the garment, 7 to 9 the shares of the
            light of the sky, the floor and the key light, and 10 the height above the floor.
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
    verts_m, normals = figure.verts_m.astype(np.float32), figure.normals.astype(np.float32)
    garments = list_garments(figure.outfit, mannequin.marks, rest_m)
    shares = find_shares(verts_m, faces, verts_m, normals, light)
    shares = mannequin.smooth(shares, SHARE_SMOOTHING)
    hidden_m = np.max([garment.inside_m for garment in garments], 0)
    seen = (hidden_m[faces] < HIDDEN_M).any(1)
    skin = np.column_stack([normals, rest_m, hidden_m, shares])
    parts = [(verts_m, skin, faces[seen], Material.SKIN)]
    parts += _wear_all(garments, verts_m, normals, shares, mannequin)
    if stool is not None:
        lit = find_shares(verts_m, faces, stool.verts_m, stool.normals, light)
        table = np.column_stack([stool.normals, stool.local_m, np.ones(len(lit)), lit])
        parts.append((stool.verts_m, table, stool.faces, Material.STOOL))

    verts, values, corners, materials = zip(*parts, strict=True)
    firsts = np.cumsum([0, *map(len, verts)])
    return Surface(
        figure.place.project(np.concatenate(verts)),
        np.column_stack([np.concatenate(values), np.concatenate(verts)[:, 1]]).astype(np.float32),
        np.concatenate([part + first for part, first in zip(corners, firsts, strict=False)]),
        np.repeat(np.array(materials, np.int8), [len(part) for part in corners]),
    )


def _wear_all(
    garments: list[Garment],
    verts_m: np.ndarray,
    normals: np.ndarray,
    shares: np.ndarray,
    mannequin: Mannequin,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, Material]]:
    """Vertices (P, 3), values (P, 10), faces and material of each garment."""
    smooth, steps = np.column_stack([verts_m, normals]), 0
    for garment in sorted(garments, key=lambda garment: garment.smoothing):
        # From what the one before has already smoothed.
        smooth, steps = mannequin.smooth(smooth, garment.smoothing - steps), garment.smoothing
        piece = cut(mannequin.faces, garment.inside_m)
        if garment.material == Material.SHOE:
            rest_m = mannequin.shoes.rest_m
            worn_m, outward = mannequin.shoes.follow(mannequin.rest_m, verts_m)
        else:
            rest_m = mannequin.rest_m
            outward = smooth[:, 3:] / np.sqrt((smooth[:, 3:] ** 2).sum(1, keepdims=True) + 1e-12)
            lift_m = garment.offset_m + bridge(verts_m, smooth[:, :3], outward)
            worn_m = verts_m + lift_m[:, None] * outward
        table = np.column_stack([worn_m, outward, rest_m, garment.inside_m, shares])
        worn = piece.carry(table.astype(np.float32))
        yield worn[:, :3], worn[:, 3:], piece.faces, garment.material
