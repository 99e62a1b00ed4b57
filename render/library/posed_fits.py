"""The bodies of fits, whatever their file gives: poses of a model, or vertices."""

from __future__ import annotations

import numpy as np
import torch

from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.body.model import BodyModel
from render.compute.device import open_device
from render.compute.transfer import DeviceQueue
from render.library.given.handed import check_fits, check_model
from render.types.bodies import Bodies
from render.types.fits import Fits
from render.types.sources import Meshes, Poses


def pose_fits(fits: Fits, body: BodyModel | None = None) -> Bodies:
    """The bodies of fits, as `build_sheets(fits=...)` places them over their photos.

    Args:
        fits: M people, from `read_fits`, `make_fits` or `Fits.take`.
        body: The model that poses are of, or whose faces vertices have. Meshes that have faces of their own
            need none.

    Returns:
        M bodies in the order of the fits, metres, in the cameras' frame without its translation: x right, y
        down, z away.

    Raises:
        TypeError: `fits` are none, or `body` is no body model.
        ValueError: There are no fits, they are altered and no longer sound, or a body is needed.
        BodyModelError: The body is of another kind than the poses, or of other vertices.
        RenderError: A file of vertices, which is read now, cannot be.

    Examples:
        >>> from render import load_body, pose_fits, read_fits
        >>> fits, _ = read_fits("eft", "demo_EFT.json")
        >>> pose_fits(fits.take(slice(0, 3)), load_body())
        Bodies(verts[3, 6890, 3], normals[3, 6890, 3], joints[3, 45, 3], faces[13776, 3])
    """
    check_fits(fits)
    if not len(fits):
        raise ValueError("fits: expected at least one, found none")
    if body is not None:
        check_model("body", body)
    used = set(fits.source.tolist())
    models = {source: _choose_model(fits.sources[source].bodies, body) for source in used}
    # Sources of other rows are never asked for.
    some = next(iter(models.values()))
    held = FitBodies([models.get(source, some) for source in range(len(fits.sources))])
    # A queue of the CPU's calls at once: on a GPU all goes to the caller's own stream.
    groups = held.prepare(fits, DeviceQueue(torch.device("cpu")))
    for group in groups:
        group.pose(group.model.list_chunks(len(group.index)))
    return held.join(groups, fits)


def _choose_model(source: Poses | Meshes, body: BodyModel | None) -> BodyModel:
    if isinstance(source, Meshes) and not source.topology:
        device = open_device("auto") if body is None else body.device
        faces = torch.from_numpy(np.ascontiguousarray(source.faces, np.int32)).to(device)
        return MeshBody("mesh", faces, int(source.verts.shape[1]))
    if body is None:
        needed = f"meshes of {source.topology}" if isinstance(source, Meshes) else f"poses of {source.kind}"
        raise ValueError(f"body: expected the model that the fits, {needed}, are of, found none")
    model = body
    if isinstance(source, Meshes):
        joints = body.joint_names[: body.weights.shape[1]]
        model = MeshBody(source.topology, body.faces, body.vert_count, body.weights, joints, body.is_closed)
    model.check(source)
    return model
