"""Bodies of a model, or any meshes."""

from __future__ import annotations

from pathlib import Path

import torch
from numpy.typing import ArrayLike

from render.body.charts import read_charts
from render.body.model import BODY_MODELS, BodyModel
from render.body.normals import VertexNormals
from render.compute.device import open_device
from render.library.arrays import as_tensor, check_faces, check_shape
from render.resources import DEMO_BODY_FILE
from render.types.bodies import Bodies, Charts


def load_body(
    path: str | Path | None = None,
    device: str | torch.device = "auto",
    *,
    model: str = "smpl",
    name: str | None = None,
) -> BodyModel:
    """A body model; without a path the demo body.

    Args:
        path: The model's file; of SMPL .pkl or .npz.
        device: auto, cpu, cuda or cuda:1; what is made from it stays there.
        model: The kind of model.
        name: What to call it, by default as the file is called.

    Raises:
        BodyModelError: The file cannot be used.

    Example:
        >>> from render import load_body
        >>> len(load_body().faces)
        13776
    """
    file = DEMO_BODY_FILE if path is None else Path(path)
    return BODY_MODELS.load(model)(file, name or file.stem, open_device(device))


def load_charts(path: str | Path, body: BodyModel) -> Charts:
    """DensePose's charts of a body, from UV_Processed.mat; needed by densepose, uv, iuv and parts.

    Args:
        path: The file.
        body: Whose faces the charts are for.

    Raises:
        BodyModelError: The file cannot be used or is made for another topology.

    Example:
        >>> from render import load_body, load_charts
        >>> from render.resources import DEMO_BODY_FILE
        >>> load_charts(DEMO_BODY_FILE.with_name("demo_charts.mat"), load_body())
        Charts(part[13776], uv[13776, 3, 2], corner_count[6890])
    """
    return read_charts(Path(path), body.faces, body.vert_count)


def pose_bodies(
    body: BodyModel, pose_rotmat: ArrayLike | torch.Tensor, betas: ArrayLike | torch.Tensor
) -> Bodies:
    """Posed bodies with vertices, normals and joints, metres.

    Args:
        body: The body model.
        pose_rotmat: (M, 24, 3, 3), joint 0 the global orientation; the picture's y is down, so a pose of
            another convention is turned by diag(1, -1, -1) first.
        betas: (M, 10) shape coefficients.

    Raises:
        ValueError: The arrays have other shapes.

    Example:
        >>> from render import load_body, pose_bodies
        >>> import numpy as np
        >>> pose_rotmat = np.tile(np.eye(3), (2, 24, 1, 1))
        >>> pose_rotmat[:, 0] = np.diag([1, -1, -1])
        >>> pose_bodies(load_body(), pose_rotmat, np.zeros((2, 10)))
        Bodies(verts[2, 6890, 3], normals[2, 6890, 3], joints[2, 45, 3], faces[13776, 3])
    """
    pose_rotmat, betas = as_tensor(pose_rotmat).float(), as_tensor(betas).float()
    check_shape("betas", betas, (-1, 10))
    check_shape("pose_rotmat", pose_rotmat, (len(betas), 24, 3, 3))
    return body.pose(pose_rotmat, betas)


def make_bodies(
    verts: ArrayLike | torch.Tensor, faces: ArrayLike | torch.Tensor, device: str | torch.device = "auto"
) -> Bodies:
    """Meshes of one topology, with vertex normals.

    Args:
        verts: (M, V, 3) m; copied.
        faces: (F, 3), counterclockwise seen from outside; copied.
        device: auto, cpu, cuda or cuda:1; auto leaves tensors where they are.

    Raises:
        ValueError: The arrays have other shapes, or faces have vertices that there are not.

    Example:
        >>> from render import make_bodies
        >>> make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
        Bodies(verts[1, 4, 3], normals[1, 4, 3], joints[1, 0, 3], faces[2, 3])
    """
    # Opened even where a tensor names it, for that starts the kernels' runtime.
    place = open_device(verts.device if isinstance(verts, torch.Tensor) and device == "auto" else device)
    verts, faces = as_tensor(verts), as_tensor(faces)
    check_shape("verts", verts, (-1, -1, 3))
    check_shape("faces", faces, (-1, 3))
    # Copies: arrays that change later would change the bodies too, and lead kernels out of their memory.
    verts = verts.to(place, torch.float32, copy=True, memory_format=torch.contiguous_format)
    faces = check_faces(faces, verts.shape[1]).to(place, copy=True)
    normals = torch.empty_like(verts)
    VertexNormals(faces, verts.shape[1])(verts, normals)
    return Bodies(verts=verts, normals=normals, joints=verts.new_empty(len(verts), 0, 3), faces=faces)
