"""The faces of a topology, from an OBJ, PLY or GLB file, for fits that hold vertices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from render.body.mesh_body import MeshBody
from render.containers.errors import ContainerError
from render.containers.meshes import read_mesh
from render.errors import BodyModelError

SET = "Set body.files.{name} to one"
# Where the free ones are to be had.
WHERE = {
    "mhr": "MHR's are in assets/mhr_face_mask.ply of https://github.com/facebookresearch/MHR (Apache-2.0); "
    "put it there, or set body.files.mhr to it"
}


def open_body(path: Path | None, name: str, device: torch.device) -> MeshBody:
    """What finds the normals of meshes of the topology in a file; its own vertices are not used.

    Args:
        path: Of the file.
        name: Of the topology, as fits name it, such as mhr.
        device: Where bodies are to be.

    Raises:
        BodyModelError: No file is named, or it is missing or damaged, or no mesh.
    """
    if path is None:
        raise BodyModelError(f"{name}: expected a file with its faces, found none. {SET.format(name=name)}.")
    try:
        mesh = read_mesh(path)
    except FileNotFoundError:
        where = WHERE.get(name, SET).format(name=name)
        raise BodyModelError(f"{path}: there is no such file with the faces of {name}. {where}.") from None
    except (ContainerError, OSError) as error:
        raise BodyModelError(f"{path}: expected a mesh with the faces of {name}; {error}.") from error
    faces = torch.from_numpy(np.ascontiguousarray(mesh.faces, np.int32)).to(device)
    return MeshBody(name, faces, len(mesh.verts), is_closed=_is_closed(mesh.faces))


def _is_closed(faces: np.ndarray) -> bool:
    """Whether each edge is passed once in either direction."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    forth, back = (a << 32 | b for a, b in (edges.T, edges[:, ::-1].T))
    return len(np.unique(forth)) == len(forth) and bool(np.isin(forth, back).all())
