"""The poses of a sequence in a world, and the camera that moves there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from render.body.fit_bodies import FitBodies
from render.errors import BodyModelError, SheetError
from render.fits.motion.scene import MotionScene, MovingCamera, SceneBody
from render.fits.motion.worlds import TO_WORLD
from render.library.motion_files import make_motion
from render.run.clips.survey import FoundClip
from render.run.clips.timeline import ClipPlan
from render.sheet.photo_cameras import SAME_CAMERA, find_cameras
from render.types.fits import Fits

# Scenes have their y up.
_FROM_WORLD = TO_WORLD["y"].T


def make_scene(fits: Fits, bodies: FitBodies, found: FoundClip) -> MotionScene:
    """The scene of a clip.

    Its world is that of the sequence where all rows know theirs; else it is the frame of the camera, turned
    until y is up, and the camera stands still. A person is a body for each stretch of frames that follow one
    another, of one shape: the mean of the rows'.

    Args:
        fits: The people of the run.
        bodies: Of them.
        found: The clip, which has a plan.

    Raises:
        SheetError: Its bodies are no poses of SMPL, SMPL-H or SMPL-X.
    """
    plan = found.plan
    assert plan is not None
    rate_hz = plan.count / float(plan.starts_s[-1])
    frame_of = {row: k for k, rows in enumerate(plan.fits) for row in rows}
    rows = np.array(sorted(frame_of, key=lambda row: (frame_of[row], row)), np.int64)
    frames = np.array([frame_of[row] for row in rows.tolist()])
    placed = _place(fits.take(rows))
    made = []
    for stretch in _list_stretches(placed, frames):
        of_body = placed.take(stretch)
        source = int(of_body.source[0])
        try:
            motion = make_motion(of_body, bodies.models[source])
        except (ValueError, BodyModelError) as error:
            said = str(error).removeprefix("fits: ")
            raise SheetError(f"{said}; use output=glb, which takes all bodies") from error
        if not np.isfinite(motion.transl_m).all():
            raise SheetError(f"row {of_body.row[0]}: its place is not known; use output=glb")
        known = replace(motion, rate_hz=rate_hz)
        ends = int(of_body.row[0]), int(of_body.row[-1])
        made.append(SceneBody(known, int(frames[stretch[0]]), ends))
    return MotionScene(plan.count, rate_hz, made, _find_camera(placed, frames, plan, found.photo_hw))


def _place(fits: Fits) -> Fits:
    """The people in a world that they share."""
    if np.isfinite(fits.world_rotation).all() and np.isfinite(fits.world_m).all():
        return fits
    still = np.tile(np.eye(3), (len(fits), 1, 1))
    return replace(fits, world_rotation=still, world_m=fits.transl_m.astype(np.float64))


def _list_stretches(fits: Fits, frames: np.ndarray) -> list[np.ndarray]:
    """The rows of each person, cut where frames are missing and where files or their models change."""
    of_person: dict[tuple[int, int], list[int]] = {}
    for k, key in enumerate(zip(fits.identity.tolist(), fits.source.tolist(), strict=True)):
        of_person.setdefault(key, []).append(k)
    found = []
    for people in of_person.values():
        index = np.array(people)
        cuts = np.flatnonzero(np.diff(frames[index]) != 1) + 1
        found += np.split(index, cuts)
    return found


def _find_camera(
    fits: Fits, frames: np.ndarray, plan: ClipPlan, photo_hw: tuple[int, int]
) -> MovingCamera | None:
    """The pinhole of all frames; None where they have none or several."""
    first = np.array([0, len(fits)])
    cameras = find_cameras(fits, first, np.array([photo_hw]))
    lens = np.hstack([cameras.focal, cameras.center])
    is_one = np.ptp(lens, axis=0) <= SAME_CAMERA * np.abs(lens).max(0)
    if not photo_hw[0] or not cameras.is_pinhole.all() or not is_one.all():
        return None
    # Where nobody is, the camera is where it was last, or will be first.
    at = np.maximum(np.searchsorted(frames, np.arange(plan.count), "right") - 1, 0)
    rotation = _FROM_WORLD @ fits.world_rotation
    seen_m = np.einsum("nij,nj->ni", fits.world_rotation, fits.transl_m)
    position_m = (fits.world_m - seen_m) @ _FROM_WORLD.T
    height, width = photo_hw
    fx, fy, cx, cy = lens[0].tolist()
    return MovingCamera((width, height), (fx, fy), (cx, cy), rotation[at], position_m[at])
