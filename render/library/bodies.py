"""Bodies of a model, or any meshes."""

from __future__ import annotations

from pathlib import Path

import torch
from numpy.typing import ArrayLike

from render.body.charts import read_charts
from render.body.model import BODY_MODELS, BodyModel
from render.body.normals import VertexNormals
from render.compute.device import open_device
from render.library.given.arrays import as_tensor, check_faces, check_finite, check_shape
from render.library.given.handed import check_model, check_path
from render.library.given.turning import check_up, turn_upright
from render.library.surface.colors import take_colors
from render.library.surface.values import take_values
from render.resources import DEMO_BODY_FILE
from render.types.bodies import Bodies, Charts


def load_body(
    path: str | Path | None = None,
    device: str | torch.device = "auto",
    *,
    model: str = "smpl",
    name: str | None = None,
) -> BodyModel:
    """A body model; without a path the demo body, or one that has no file.

    Args:
        path: The model's file, .pkl or .npz; the mannequin has none.
        device: auto, cpu, cuda or cuda:1; what is made from it stays there.
        model: The kind of model: smpl, smplh, smplx, mano, flame, mesh or mannequin.
        name: What to call it, by default as the file is called, or the model where there is none.

    Returns:
        The model, for `pose_bodies` and `pose_fits`.

    Raises:
        TypeError: `path` is no path, or `model` or `name` no text.
        RenderError: There is no such model or device.
        BodyModelError: The file cannot be used, or a package is missing.

    Examples:
        >>> from render import load_body
        >>> len(load_body().faces)
        13776
    """
    file = None if path is None else check_path("path", path)
    if file is None and model == "smpl":
        file = DEMO_BODY_FILE
    called = model if file is None else file.stem
    for key, value in (("model", model), ("name", called if name is None else name)):
        if not isinstance(value, str):
            raise TypeError(f"{key}: expected a name, found a {type(value).__name__}")
    return BODY_MODELS.load(model)(file, name or called, open_device(device))


def load_charts(path: str | Path, body: BodyModel) -> Charts:
    """DensePose's charts of a body, from UV_Processed.mat; needed by densepose, uv, iuv and parts.

    Args:
        path: The file.
        body: Whose faces the charts are for.

    Returns:
        The charts, for `build_sheets` and `load_texture`, on the body's device.

    Raises:
        TypeError: `path` is no path, or `body` no body model.
        BodyModelError: The file cannot be used or is made for another topology.

    Examples:
        >>> from render import load_body, load_charts
        >>> from render.resources import DEMO_BODY_FILE
        >>> load_charts(DEMO_BODY_FILE.with_name("demo_charts.mat"), load_body())
        Charts(part[13776], uv[13776, 3, 2], corner_count[6890])
    """
    check_model("body", body)
    return read_charts(check_path("path", path), body.faces, body.vert_count)


def pose_bodies(
    body: BodyModel,
    pose_rotmat: ArrayLike | torch.Tensor,
    betas: ArrayLike | torch.Tensor,
    *,
    up: str = "-y",
) -> Bodies:
    """Posed bodies with vertices, normals and joints, metres.

    Args:
        body: The body model.
        pose_rotmat: (M, J, 3, 3), joint 0 the global orientation; J is 24 of SMPL and 55 of SMPL-X.
        betas: (M, B) shape coefficients; behind all that the model has those of the expression.
        up: Which axis points up in the frame that the poses are given in: `-y`, as in a camera's frame (EFT,
            HMR and their like), `y` (SMPL's own frame, so also its rest pose; most mesh files) or `z` (AMASS,
            Blender). With `y` the viewer looks along -z and with `z` along y, which shows SMPL's front.

    Returns:
        M bodies on the model's device, x right, y down, z away.

    Raises:
        TypeError: They are no real numbers, or `body` is no body model.
        ValueError: The arrays have other shapes or hold numbers that are not finite, or `up` is no such axis.

    Examples:
        >>> from render import load_body, pose_bodies
        >>> import numpy as np
        >>> rest = np.tile(np.eye(3), (2, 24, 1, 1))
        >>> pose_bodies(load_body(), rest, np.zeros((2, 10)), up="y")
        Bodies(verts[2, 6890, 3], normals[2, 6890, 3], joints[2, 45, 3], faces[13776, 3])
    """
    check_model("body", body)
    check_up(up)
    pose_rotmat = as_tensor("pose_rotmat", pose_rotmat).float()
    betas = as_tensor("betas", betas).float()
    check_shape("betas", betas, (-1, -1))
    check_shape("pose_rotmat", pose_rotmat, (len(betas), body.weights.shape[1], 3, 3))
    check_finite("betas", betas)
    check_finite("pose_rotmat", pose_rotmat)
    # After posing, as a whole: the global orientation turns about the root joint, which is not the origin.
    posed = body.pose(pose_rotmat, betas)
    return Bodies(
        verts=turn_upright(posed.verts, up),
        normals=turn_upright(posed.normals, up),
        joints=turn_upright(posed.joints, up),
        faces=posed.faces,
    )


def make_bodies(
    verts: ArrayLike | torch.Tensor,
    faces: ArrayLike | torch.Tensor,
    device: str | torch.device = "auto",
    *,
    up: str = "-y",
    colors: ArrayLike | torch.Tensor | None = None,
    values: ArrayLike | torch.Tensor | None = None,
) -> Bodies:
    """Meshes of one topology, with vertex normals.

    Args:
        verts: (M, V, 3) m; copied.
        faces: (F, 3), counterclockwise seen from outside; copied.
        device: auto, cpu, cuda or cuda:1; auto leaves tensors where they are.
        up: Which axis points up in the frame that the vertices are given in: `-y`, as in a camera's frame
            (EFT, HMR and their like), `y` (SMPL's own frame, so also its rest pose; most mesh files) or `z`
            (AMASS, Blender). With `y` the viewer looks along -z and with `z` along y, which shows SMPL's
            front.
        colors: (M, V, 3), or (V, 3) for all, RGB of the vertices, for the mode vertexcolor: integers from 0
            to 255, or floats from 0 to 1.
        values: (M, V), or (V,) for all, a number of each vertex, such as its error in mm, for the mode error.

    Returns:
        M bodies without joints, x right, y down, z away.

    Raises:
        TypeError: The arrays are of no real numbers.
        ValueError: The arrays have other shapes or hold numbers that are not finite, faces have vertices that
            there are not, or `up` is no such axis.

    Examples:
        >>> from render import make_bodies
        >>> make_bodies([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])
        Bodies(verts[1, 4, 3], normals[1, 4, 3], joints[1, 0, 3], faces[2, 3])
    """
    check_up(up)
    held, faces = as_tensor("verts", verts), as_tensor("faces", faces)
    # Opened even where a tensor names it, for that starts the kernels' runtime.
    place = open_device(verts.device if isinstance(verts, torch.Tensor) and device == "auto" else device)
    check_shape("verts", held, (-1, -1, 3))
    check_shape("faces", faces, (-1, 3))
    # Copies: arrays that change later would change the bodies too, and lead kernels out of their memory.
    held = held.to(place, torch.float32, copy=True, memory_format=torch.contiguous_format)
    check_finite("verts", held)
    verts = turn_upright(held, up)
    faces = check_faces(faces, verts.shape[1]).to(place, copy=True)
    normals = torch.empty_like(verts)
    VertexNormals(faces, verts.shape[1])(verts, normals)
    joints = verts.new_empty(len(verts), 0, 3)
    painted = None if colors is None else take_colors("colors", colors, verts)
    told = None if values is None else take_values("values", values, verts)
    return Bodies(verts=verts, normals=normals, joints=joints, faces=faces, colors=painted, values=told)
