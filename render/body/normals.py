"""Vertex normals: the unweighted sum of the unit normals of a vertex's faces, normalised."""

from __future__ import annotations

import numpy as np
import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes

wp.set_module_options(MODULE_OPTIONS)

# Bodies whose normals of faces are there at once: on the CPU so many that they stay in the cache of a core.
GROUP = {"cpu": 8, "cuda": 512}


@wp.kernel
def find_face_normals(
    verts: wp.array2d(dtype=wp.vec3f),
    faces: wp.array(dtype=wp.vec3i),
    lanes: wp.int32,
    face_normals: wp.array2d(dtype=wp.vec3f),
):
    body, lane = wp.tid()
    for f in range(lane, faces.shape[0], lanes):
        face = faces[f]
        a = verts[body, face[0]]
        # A face without area has no normal; normalize gives 0 for it.
        cross = wp.cross(verts[body, face[1]] - a, verts[body, face[2]] - a)
        face_normals[body, f] = wp.normalize(cross)


# A vertex gathers the normals of its faces. If faces added theirs to their vertices, the order of the sums,
# and so their rounding, would be left to chance on a GPU.
@wp.kernel
def sum_face_normals(
    face_normals: wp.array2d(dtype=wp.vec3f),
    first: wp.array(dtype=wp.int32),
    adjacent: wp.array(dtype=wp.int32),
    lanes: wp.int32,
    normals: wp.array2d(dtype=wp.vec3f),
):
    body, lane = wp.tid()
    for vertex in range(lane, normals.shape[1], lanes):
        total = wp.vec3f()
        for i in range(first[vertex], first[vertex + 1]):
            total += face_normals[body, adjacent[i]]
        normals[body, vertex] = wp.normalize(total)


class VertexNormals:
    """Vertex normals of one topology.

    Args:
        faces: (F, 3) int32, on the device where the normals are wanted.
        vert_count: V.
    """

    def __init__(self, faces: torch.Tensor, vert_count: int) -> None:
        # For each vertex its faces, one after the other in one list: `first` says where those of a vertex
        # begin. The stable order keeps the sum of their normals, and so its rounding, the same everywhere.
        corner = faces.cpu().numpy().reshape(-1)
        order = np.argsort(corner, kind="stable")
        first = np.searchsorted(corner[order], np.arange(vert_count + 1))
        self._faces = faces
        self._first = torch.from_numpy(first.astype(np.int32)).to(faces.device)
        self._adjacent = torch.from_numpy((order // 3).astype(np.int32)).to(faces.device)

    def __call__(self, verts: torch.Tensor, normals: torch.Tensor) -> None:
        """Writes the normals of bodies: of unit length, or zero where a vertex has no face.

        Args:
            verts: (M, V, 3).
            normals: (M, V, 3), written to.
        """
        device = verts.device
        group = GROUP[device.type]
        face_normals = torch.empty(
            min(group, len(verts)), len(self._faces), 3, dtype=torch.float32, device=device
        )
        # Each group overwrites the face normals of the one before, so that they stay few.
        for i in range(0, len(verts), group):
            self._find(verts[i : i + group], face_normals, normals[i : i + group])

    def _find(self, verts: torch.Tensor, face_normals: torch.Tensor, normals: torch.Tensor) -> None:
        (count, vert_count), device = verts.shape[:2], verts.device
        lanes = loop_lanes(device, len(self._faces))
        launch(find_face_normals, (count, lanes), [verts, self._faces, lanes, face_normals], device)
        lanes = loop_lanes(device, vert_count)
        inputs = [face_normals, self._first, self._adjacent, lanes, normals]
        launch(sum_face_normals, (count, lanes), inputs, device)
