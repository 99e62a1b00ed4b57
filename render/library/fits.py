"""Fits from arrays instead of files, as a network or an optimizer gives them, and the bodies of fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike

from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.body.model import BodyModel
from render.compute.device import open_device
from render.compute.transfer import DeviceQueue
from render.files.image_names import image_name_fault
from render.fits.checks import LARGEST_NUMBER
from render.fits.eft_rows import make_eft_fits
from render.fits.rotations import ROTATION_TOLERANCE, are_rotations, measure_skew
from render.library.given.arrays import as_tensor
from render.library.given.handed import check_fits, check_kind, check_model
from render.types.bodies import Bodies
from render.types.fits import Fits
from render.types.sources import Meshes, Poses

_SHAPES: dict[str, tuple[int, ...]] = {
    "pose_rotmat": (24, 3, 3),
    "betas": (10,),
    "cam": (3,),
    "bbox_center_px": (2,),
    "bbox_scale": (),
}


def make_fits(
    pose_rotmat: ArrayLike | torch.Tensor,
    betas: ArrayLike | torch.Tensor,
    cam: ArrayLike | torch.Tensor,
    bbox_center_px: ArrayLike | torch.Tensor,
    bbox_scale: ArrayLike | torch.Tensor,
    image_name: Sequence[str] | None = None,
) -> Fits:
    """Fits as EFT has them, one row a person.

    Args:
        pose_rotmat: (N, 24, 3, 3), joint 0 the global orientation, with the picture's y down.
        betas: (N, 10) shape coefficients.
        cam: (N, 3) s, tx, ty, weak perspective s * X + t in the square crop.
        bbox_center_px: (N, 2), of the crop in the photo.
        bbox_scale: (N,), side of the crop / 200 px.
        image_name: Of the photos, which name the sheets; numbers if left out.

    Returns:
        The fits, as `read_fits` gives those of a file.

    Raises:
        TypeError: The arrays are of no real numbers, or `image_name` is no list.
        ValueError: Arrays have other shapes, numbers are out of range, matrices are no rotations, or names
            leave their folder.

    Examples:
        >>> from render import make_fits
        >>> import numpy as np
        >>> pose_rotmat, betas = np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10))
        >>> fits = make_fits(pose_rotmat, betas, [[0.9, 0, 0.3]], [[320, 240]], [2.0])
        >>> fits.scale, fits.box_px
        (array([180.]), array([[120.,  40., 400.]]))
    """
    given = {
        "pose_rotmat": pose_rotmat,
        "betas": betas,
        "cam": cam,
        "bbox_center_px": bbox_center_px,
        "bbox_scale": bbox_scale,
    }
    numbers = {name: as_tensor(name, value).double().cpu().numpy() for name, value in given.items()}
    # A single number has no length; its shape is refused below.
    count = len(np.atleast_1d(numbers["betas"]))
    if not count:
        raise ValueError(f"betas: expected shape (N, 10), found {numbers['betas'].shape}")
    for name, array in numbers.items():
        shape = (count, *_SHAPES[name])
        if array.shape != shape:
            raise ValueError(f"{name}: expected shape {shape}, found {array.shape}")
        # Written so that NaN fails.
        if not (np.abs(array) <= LARGEST_NUMBER).all():
            raise ValueError(f"{name}: expected finite numbers up to {LARGEST_NUMBER:g}, found others")
    off_by, determinant = measure_skew(numbers["pose_rotmat"])
    strange = np.argwhere(~are_rotations(off_by, determinant))
    if len(strange):
        person, joint = strange[0]
        raise ValueError(
            f"pose_rotmat: expected rotations (R R^T = I within {ROTATION_TOLERANCE}, determinant > 0), "
            f"found R R^T off by {off_by[person, joint]:.3g} and determinant "
            f"{determinant[person, joint]:.3g} at joint {joint} of person {person}"
        )
    if image_name is not None and not isinstance(image_name, Sequence | np.ndarray):
        raise TypeError(f"image_name: expected a list of {count} names, found {image_name!r}")
    names = [f"{i:06d}" for i in range(count)] if image_name is None else list(image_name)
    if isinstance(image_name, str) or len(names) != count or not all(isinstance(name, str) for name in names):
        raise ValueError(f"image_name: expected a list of {count} names, found {image_name!r}")
    for name, array in (("cam: s", numbers["cam"][:, 0]), ("bbox_scale", numbers["bbox_scale"])):
        if not (array > 0).all():
            raise ValueError(f"{name}: expected numbers above 0, found {array.min()}")
    for name in names:
        fault = image_name_fault(name)
        if fault is not None:
            raise ValueError(f"image_name: expected a path below the image folder, found {fault}: {name!r}")
    return make_eft_fits(
        {
            "row": np.arange(count),
            "image_name": np.array(names, object),
            **numbers,
            "annot_id": np.full(count, -1),
            "joint_validity": np.ones((count, 18), bool),
            "keypoints_px": np.zeros((count, 49, 3), np.float32),
        }
    )


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
    if not len(check_kind("fits", fits, Fits)):
        raise ValueError("fits: expected at least one, found none")
    check_fits(fits)
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
