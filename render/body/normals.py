"""Vertex normals: the unweighted sum of the unit normals of a vertex's faces, normalised."""

from __future__ import annotations

import numpy as np
import torch
import warp as wp

from render.kernels import MODULE_OPTIONS, launch

wp.set_module_options(MODULE_OPTIONS)


@wp.kernel
def find_vertex_normals(
    verts: wp.array2d(dtype=wp.vec3f),
    faces: wp.array2d(dtype=wp.int32),
    first: wp.array(dtype=wp.int32),
    adjacent: wp.array(dtype=wp.int32),
    normals: wp.array2d(dtype=wp.vec3f),
):
    body, vertex = wp.tid()
    total = wp.vec3f(0.0, 0.0, 0.0)
    for i in range(first[vertex], first[vertex + 1]):
        face = adjacent[i]
        a = verts[body, faces[face, 0]]
        b = verts[body, faces[face, 1]]
        c = verts[body, faces[face, 2]]
        # A face without area has no normal; normalize gives 0 for it.
        total += wp.normalize(wp.cross(b - a, c - a))
    normals[body, vertex] = wp.normalize(total)


class VertexNormals:
    """Vertex normals of one topology.

    faces: (F, 3) int32, on the device where the normals are wanted. vert_count: V.
    """

    def __init__(self, faces: torch.Tensor, vert_count: int) -> None:
        corner = faces.cpu().numpy().reshape(-1)
        order = np.argsort(corner, kind="stable")
        first = np.searchsorted(corner[order], np.arange(vert_count + 1))
        self._faces = faces
        self._first = torch.from_numpy(first.astype(np.int32)).to(faces.device)
        self._adjacent = torch.from_numpy((order // 3).astype(np.int32)).to(faces.device)

    def __call__(self, verts: torch.Tensor) -> torch.Tensor:
        """verts: (M, V, 3) float32. Returns (M, V, 3), unit length, or zero where a vertex has no face."""
        normals = torch.empty_like(verts)
        launch(
            find_vertex_normals,
            verts.shape[:2],
            [verts, self._faces, self._first, self._adjacent, normals],
            verts.device,
        )
        return normals
