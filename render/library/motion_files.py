"""Motions of people as files that other programs read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from render.body.model import BodyModel, pose_all
from render.files.output_dir import OutputDir
from render.fits.build import make_poses
from render.fits.motion.codec import UP, VARIANTS, pack_codec
from render.fits.motion.tracks import JOINTS, Motion
from render.fits.motion.worlds import TO_WORLD
from render.library.given.handed import check_fits, check_kind, check_model, check_path
from render.types.fits import Fits
from render.types.sources import Poses

# Of the turn from the file's axes to those of the fits: what float32 rotations of cameras are off by.
_SAME_AXES = 1e-5
_ADVICE = "take the rows of one with fits.take"


def write_smpl(path: str | Path, fits: Fits, body: BodyModel | None = None) -> Path:
    """Writes the motion of a person as a `.smpl` file of Meshcapade's, in a world whose y axis is up.

    The rows become frames 0, 1, ...; the betas are their mean, since a file has one shape. Rotations are
    rounded to float32 axis-angles. A file that is there is replaced; a new one is there whole or not at all.

    Args:
        path: Of the file.
        fits: The rows of one person of one sequence, in the order of frames, with poses of SMPL, SMPL-H or
            SMPL-X and a known world, as AMASS, .smpl, .mcs and EMDB have it.
        body: The model that they are of. It is needed where the axes of the fits are others than the file's,
            as those of AMASS are, for SMPL turns about its pelvis, and where hands are given apart from the
            other joints.

    Returns:
        Where it is.

    Raises:
        TypeError: `fits` are none, or `body` is no body model.
        ValueError: The rows are of several people, frames are missing between them, they are meshes or poses
            of another model, their world is not known, or a body is needed.
        BodyModelError: The body is of another kind than the poses.
        OutputError: The file cannot be written.

    Examples:
        >>> import numpy as np
        >>> from render import read_fits, write_smpl
        >>> np.savez("rest.npz", poses=np.zeros((2, 165)), trans=np.zeros((2, 3)), mocap_frame_rate=30)
        >>> fits, _ = read_fits("amass", "rest.npz", options={"up": "y"})
        >>> write_smpl("rest.smpl", fits)
        PosixPath('rest.smpl')
    """
    target = check_path("path", path)
    if not len(check_kind("fits", fits, Fits)):
        raise ValueError("fits: expected the rows of a person, found none")
    check_fits(fits)
    if body is not None:
        check_model("body", body)
    _check_track(fits)
    OutputDir(target.parent).write(target.name, pack_codec(make_motion(fits, body)))
    return target


def make_motion(fits: Fits, body: BodyModel | None = None) -> Motion:
    """The motion of a person in a world whose y axis is up.

    Args:
        fits: The rows of one person, in the order of frames, whose world is known.
        body: The model that they are of, needed as `write_smpl` needs it.

    Raises:
        ValueError: They are meshes or poses of another model, or a body is needed.
        BodyModelError: The body is of another kind than the poses.
    """
    poses = _join_poses(fits, body)
    root, transl_m = _turn(fits, poses, body)
    rotmat = poses.rotmat.astype(np.float64)
    rotmat[:, 0] = root
    # Imported here: SciPy takes its time.
    from scipy.spatial.transform import Rotation

    angles_rad = Rotation.from_matrix(rotmat.reshape(-1, 3, 3)).as_rotvec().reshape(len(fits), -1, 3)
    return Motion(
        poses.kind,
        poses.variant,
        angles_rad,
        poses.betas.astype(np.float64).mean(0),
        poses.expression,
        transl_m,
        _find_rate(fits),
    )


def _check_track(fits: Fits) -> None:
    people = set(zip(fits.sequence.tolist(), fits.identity.tolist(), strict=True))
    if len(people) > 1:
        raise ValueError(f"fits: expected one person of one sequence, found {len(people)}; {_ADVICE}")
    gaps = np.flatnonzero(np.diff(fits.frame) != 1)
    if len(gaps):
        before, after = fits.frame[gaps[0]], fits.frame[gaps[0] + 1]
        raise ValueError(f"fits: expected frames one after the other, found {after} behind {before}")
    if np.isnan(fits.world_rotation).any():
        raise ValueError("fits: expected rows whose world is known, found others: their format has no up")
    missing = np.isnan(fits.world_m).any(1)
    if missing.any() and not missing.all():
        raise ValueError("fits: expected a place in the world in each row or in none, found some")


def _join_poses(fits: Fits, body: BodyModel | None) -> Poses:
    """The poses of the rows, with hands among the rotations."""
    parts: list[tuple[np.ndarray, Poses]] = []
    for source in np.unique(fits.source).tolist():
        rows = np.flatnonzero(fits.source == source)
        poses, place = fits.sources[source].bodies, fits.place[rows]
        if not isinstance(poses, Poses) or poses.kind not in JOINTS or poses.variant not in VARIANTS.values():
            found = f"those of {poses.kind}" if isinstance(poses, Poses) else "meshes"
            raise ValueError(f"fits: expected poses of {', '.join(JOINTS)}, found {found}")
        rotmat = poses.rotmat[place]
        if poses.hands.shape[2]:
            if body is None:
                raise ValueError("body: expected the model that hands are of, found none")
            rotmat = body.prepare(poses, place)[0]
        if rotmat.shape[1] != JOINTS[poses.kind]:
            raise ValueError(
                f"fits: expected rotations of {JOINTS[poses.kind]} joints, found {rotmat.shape[1]}"
            )
        betas, expression = poses.betas[place], poses.expression[place]
        part = make_poses(poses.kind, rotmat, betas, variant=poses.variant, expression=expression)
        parts.append((rows, part))
    if (
        len({(part.kind, part.variant, part.betas.shape[1], part.expression.shape[1]) for _, part in parts})
        > 1
    ):
        raise ValueError(f"fits: expected poses of one model, found several; {_ADVICE}")
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    first = parts[0][1]

    def join(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for _, part in parts])[order]

    return make_poses(
        first.kind, join("rotmat"), join("betas"), variant=first.variant, expression=join("expression")
    )


def _turn(fits: Fits, poses: Poses, body: BodyModel | None) -> tuple[np.ndarray, np.ndarray]:
    """Global orientations (M, 3, 3) and translations (M, 3) in the file's world.

    A vertex v = G (u - j) + j, with the pelvis j of the body at rest, goes to A v + t in the file's world:
    by A G about j, and then by t + A j - j.
    """
    to_file = TO_WORLD[UP].T
    axes = to_file @ fits.world_rotation @ fits.rotation
    transl_m = fits.world_m @ to_file.T
    root = poses.rotmat[:, 0].astype(np.float64)
    if (np.abs(axes - np.eye(3)) <= _SAME_AXES).all():
        return root, transl_m
    if body is None:
        raise ValueError(
            "body: expected the model that the fits are of, found none: they are turned about its pelvis, "
            "for y is up in the file"
        )
    pelvis_m = _find_pelvis(poses, body)
    return axes @ root, transl_m + (axes - np.eye(3)) @ pelvis_m


def _find_pelvis(poses: Poses, body: BodyModel) -> np.ndarray:
    """(3,) m of the body at rest, of the mean shape."""
    rest = make_poses(
        poses.kind,
        np.tile(np.eye(3), (1, poses.rotmat.shape[1], 1, 1)),
        poses.betas.astype(np.float64).mean(0, keepdims=True),
        variant=poses.variant,
    )
    inputs = tuple(torch.from_numpy(array).to(body.device) for array in body.prepare(rest, np.array([0])))
    joints = pose_all(body, inputs, 1).joints[0]
    return joints[body.joint_names.index("pelvis")].double().cpu().numpy()


def _find_rate(fits: Fits) -> float:
    """Frames a second, NaN where it is not known."""
    if len(fits) < 2:
        return float("nan")
    span_s = float(fits.time_s[-1] - fits.time_s[0])
    # Written so that NaN is none.
    return (len(fits) - 1) / span_s if span_s > 0 else float("nan")
