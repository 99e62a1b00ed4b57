"""Garments, hair and shoes as surfaces of their own, cut out of the body's and held off it.

In the T-pose a garment is a region: a function of the vertices that is positive inside, in metres from its
edge. Faces that the edge crosses are cut along it, so a hem is a clean line and not a row of triangles.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# Skin that lies so far inside a garment is left out, so that it cannot show through.
HIDDEN_M = 0.02


class Piece(NamedTuple):
    """A region of a surface, whose vertices lie on the edges of the body's mesh.

    Attributes:
        first: One end of each vertex's edge (P,) int64.
        second: Its other end (P,), which is the same where a vertex of the body is kept.
        share: How far from the one to the other it lies (P, 1) float32.
        faces: (F, 3) int64, of these vertices.
    """

    first: np.ndarray
    second: np.ndarray
    share: np.ndarray
    faces: np.ndarray

    def carry(self, values: np.ndarray) -> np.ndarray:
        """Values at the body's vertices (V, N), at those of the piece (P, N)."""
        return values[self.first] + self.share * (values[self.second] - values[self.first])


def cut(faces: np.ndarray, inside_m: np.ndarray) -> Piece:
    """Cuts a region out of a mesh.

    Args:
        faces: (F, 3).
        inside_m: At each vertex (V,), positive inside of the region.
    """
    is_inside = inside_m > 0
    corners_inside = is_inside[faces]
    count = corners_inside.sum(1)
    whole = faces[count == 3]
    inner = _roll_first(faces[count == 1], corners_inside[count == 1])
    outer = _roll_first(faces[count == 2], ~corners_inside[count == 2])
    # One corner inside: what is left is a triangle at it. One outside: four corners are left, two triangles.
    a, b, c = outer.T
    ab, bb, cc, ca = ((b, a), (b, b), (c, c), (c, a))
    corners = [((inner[:, 0], inner[:, k]) for k in range(3)), (ab, bb, cc), (ab, cc, ca)]
    # Corners of cut faces are vertices of their own, as their neighbours across a cut are few.
    kept = np.zeros(len(inside_m), bool)
    kept[whole] = True
    own = np.flatnonzero(kept)
    number = np.cumsum(kept) - 1
    ends = np.concatenate([np.stack([np.stack(pair, 1) for pair in part], 1) for part in corners])
    first, second = np.concatenate([np.stack([own, own], 1), ends.reshape(-1, 2)]).astype(np.int64).T
    span = inside_m[first] - inside_m[second]
    share = np.where(first == second, 0, inside_m[first] / np.where(first == second, 1, span))
    cut_faces = len(own) + np.arange(3 * len(ends)).reshape(-1, 3)
    return Piece(first, second, share[:, None].astype(np.float32), np.concatenate([number[whole], cut_faces]))


def _roll_first(faces: np.ndarray, is_first: np.ndarray) -> np.ndarray:
    """Faces with the corner that is marked in front, wound as before."""
    order = (is_first.argmax(1)[:, None] + np.arange(3)) % 3
    return np.take_along_axis(faces, order, 1)


def bridge(verts_m: np.ndarray, smooth_m: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """How far a surface that hangs over a body's hollows lies off its skin.

    Along the normals alone: smoothing also moves vertices along the surface, which would bend hems.

    Args:
        verts_m: Of the body (V, 3).
        smooth_m: The same, smoothed over the surface (V, 3).
        normals: Of the smoothed surface (V, 3).

    Returns:
        In m (V,), 0 where the smoothed surface lies inside the body.
    """
    return np.maximum(((smooth_m - verts_m) * normals).sum(1), 0)
