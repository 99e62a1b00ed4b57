"""Vertex normals: the unweighted sum of the unit normals of a vertex's faces, normalised."""

from typing import NamedTuple

import numpy as np
import torch
import warp as wp

from render.body.abreast.width import file_out, line_up, open_module
from render.compute.kernels import build_once, launch, loop_lanes, natural

# Ranks of bodies whose normals of faces are there at once: on the CPU those of one stay in a core's cache.
RANKS = {"cpu": 1, "cuda": 512}


class NormalKernels(NamedTuple):
    """Kernels of one width; see their own comments."""

    find_face_normals: wp.Kernel
    sum_face_normals: wp.Kernel


@build_once
def make_kernels(width: int) -> NormalKernels:
    """The kernels that find normals of so many bodies abreast."""
    row = wp.types.vector(length=width, dtype=wp.float32)
    module = open_module(__name__, width)

    @wp.func(module=module)
    def find_lengths(x: row, y: row, z: row):
        length = wp.cw_mul(x, x) + wp.cw_mul(y, y) + wp.cw_mul(z, z)
        for place in range(width):
            length[place] = wp.sqrt(length[place])
        return length

    # What has no length stays 0: a face without area has no normal.
    @wp.func(module=module)
    def shorten(part: row, length: row):
        for place in range(width):
            part[place] = wp.where(length[place] > 0.0, part[place] / length[place], 0.0)
        return part

    @wp.kernel(module=module)
    def find_face_normals(
        verts: wp.array2d(dtype=row),
        faces: wp.array(dtype=wp.vec3i),
        lanes: wp.int32,
        face_normals: wp.array2d(dtype=row),
    ):
        rank, lane = wp.tid()
        for f in range(lane, faces.shape[0], lanes):
            a, b, c = natural(3 * faces[f][0]), natural(3 * faces[f][1]), natural(3 * faces[f][2])
            ux = verts[rank, b] - verts[rank, a]
            uy = verts[rank, b + 1] - verts[rank, a + 1]
            uz = verts[rank, b + 2] - verts[rank, a + 2]
            vx = verts[rank, c] - verts[rank, a]
            vy = verts[rank, c + 1] - verts[rank, a + 1]
            vz = verts[rank, c + 2] - verts[rank, a + 2]
            x = wp.cw_mul(uy, vz) - wp.cw_mul(uz, vy)
            y = wp.cw_mul(uz, vx) - wp.cw_mul(ux, vz)
            z = wp.cw_mul(ux, vy) - wp.cw_mul(uy, vx)
            length = find_lengths(x, y, z)
            face_normals[rank, 3 * f] = shorten(x, length)
            face_normals[rank, 3 * f + 1] = shorten(y, length)
            face_normals[rank, 3 * f + 2] = shorten(z, length)

    # A vertex gathers the normals of its faces. If faces added theirs to their vertices, the order of the
    # sums, and so their rounding, would be left to chance on a GPU.
    @wp.kernel(module=module)
    def sum_face_normals(
        face_normals: wp.array2d(dtype=row),
        first: wp.array(dtype=wp.int32),
        adjacent: wp.array(dtype=wp.int32),
        lanes: wp.int32,
        normals: wp.array2d(dtype=row),
    ):
        rank, lane = wp.tid()
        for vertex in range(lane, first.shape[0] - 1, lanes):
            x = row()
            y = row()
            z = row()
            for i in range(first[vertex], first[vertex + 1]):
                f = natural(3 * adjacent[i])
                x += face_normals[rank, f]
                y += face_normals[rank, f + 1]
                z += face_normals[rank, f + 2]
            length = find_lengths(x, y, z)
            normals[rank, 3 * vertex] = shorten(x, length)
            normals[rank, 3 * vertex + 1] = shorten(y, length)
            normals[rank, 3 * vertex + 2] = shorten(z, length)

    return NormalKernels(find_face_normals, sum_face_normals)


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
        self.find(line_up(verts.flatten(1)), normals)

    def find(self, abreast: torch.Tensor, normals: torch.Tensor) -> None:
        """Writes the normals of bodies that are abreast; on the CPU their vertices are lost.

        Args:
            abreast: (ranks, 3 V, width) or longer, in the order of `line_up`.
            normals: (M, V, 3), written to.
        """
        (ranks, _, width), step = abreast.shape, RANKS[abreast.device.type]
        face_normals = abreast.new_empty(min(step, ranks), 3 * len(self._faces), width)
        # Each group overwrites the face normals of the one before, so that they stay few.
        for i in range(0, ranks, step):
            self._find(abreast[i : i + step], face_normals, normals[i * width : (i + step) * width])

    def _find(self, abreast: torch.Tensor, face_normals: torch.Tensor, normals: torch.Tensor) -> None:
        (ranks, _, width), device = abreast.shape, abreast.device
        kernels = make_kernels(width)
        lanes = loop_lanes(device, len(self._faces))
        launch(kernels.find_face_normals, (ranks, lanes), [abreast, self._faces, lanes, face_normals], device)
        # Abreast they take the place of the vertices, which nobody needs any more.
        found = normals.view(ranks, -1, 1) if width == 1 else abreast
        lanes = loop_lanes(device, normals.shape[1])
        inputs = [face_normals, self._first, self._adjacent, lanes, found]
        launch(kernels.sum_face_normals, (ranks, lanes), inputs, device)
        if width > 1:
            file_out(abreast, normals.flatten(1))
