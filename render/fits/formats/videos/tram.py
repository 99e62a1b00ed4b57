"""Results of TRAM: a folder of a video with camera.npy and hps/hps_track_0.npy and so on.

Each track is a dictionary of tensors: pred_rotmat, pred_shape and pred_trans of its frames, whose numbers
are in frame (lib/models/hmr_vimo.py). TRAM poses all frames with the mean of the track's shapes, moves
vertices by pred_trans, and has one camera of img_focal and img_center (lib/pipeline/visualization.py). In
camera.npy, world_cam_R and world_cam_T lead from each frame's camera to a world whose y points up
(lib/camera/est_gravity.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column, read_whole
from render.containers.json_values import RowFault
from render.containers.read import ContainerError, read_container
from render.fits.build import assemble, make_poses
from render.fits.cameras import World, pinhole
from render.fits.checks import Fault
from render.fits.fit_file import FitFile
from render.fits.motion.worlds import TO_WORLD
from render.fits.reader import FitFormat
from render.fits.sequences.rows import check_sequence, name_rows, tell_sequence
from render.fits.sequences.worlds import SPACE, WORLD_NOTE, is_world, stand_in_world, turn
from render.types.fits import Fits, RowProblem

EXPECTED = "a folder of TRAM's, with camera.npy and hps/hps_track_0.npy, hps_track_1.npy, ..."
_AXES = "axes: x right, y down, z away, in metres"
_CAMERA = "camera: OpenCV pinhole of img_focal and img_center, which people share, so depth is true"
_SHAPE = "shape: the mean of each track's, as TRAM poses them"
_FRAMES = "photos: frame i is the i-th picture of the image folder in the order of names, from 0 on"
_TRACK = re.compile(r"hps_track_(\d{1,9})\.npy", re.ASCII)
_CAMERA_FILE, _TRACKS = "camera.npy", "hps"


def recognises(file: FitFile) -> bool:
    """Whether a folder has a camera and tracks by TRAM's names."""
    return file.kind == "folder" and (file.path / _CAMERA_FILE).is_file() and bool(_find_tracks(file.path))


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads such a folder; see `render.fits.reader.Read`. Rows are counted track by track."""
    if file.kind != "folder":
        file.refuse("it is no folder", EXPECTED, "Set dataset.fit_file to the folder that holds camera.npy")
    tracks = _find_tracks(file.path)
    if not tracks:
        file.refuse("found no tracks", EXPECTED)
    try:
        camera = _read_values(file.path / _CAMERA_FILE, _CAMERA_FILE)
        parts = [_read_track(path, number) for number, path in tracks]
        counts = {part["betas"].shape[1] for part in parts}
        if len(counts) > 1:
            raise RowFault("pred_shape", "as many numbers in each track", f"{sorted(counts)}")
        # A column at a time, or all of them would be there twice.
        columns = {key: np.concatenate([part.pop(key) for part in parts]) for key in list(parts[0])}
        fits, problems = _read_people(file, camera, columns)
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _find_tracks(folder: Path) -> list[tuple[int, Path]]:
    """Numbers and files of tracks, in the order of the numbers."""
    found = ((_TRACK.fullmatch(name), name) for name in FitFile(folder / _TRACKS).list_names())
    return sorted((int(match[1]), folder / _TRACKS / name) for match, name in found if match)


def _read_values(path: Path, what: str) -> Mapping[str, Any]:
    try:
        held = read_container(path)
    except FileNotFoundError:
        raise RowFault(what, "a dictionary that np.save wrote", "nothing") from None
    except (ContainerError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RowFault(what, "a dictionary that np.save wrote", str(reason)) from error
    if not isinstance(held, Mapping):
        raise RowFault(what, "a dictionary that np.save wrote", "another value")
    return held


def _read_track(path: Path, number: int) -> dict[str, np.ndarray]:
    what = f"{_TRACKS}/{path.name}"
    held = _read_values(path, what)
    try:
        rotmat = read_column(held, "pred_rotmat", (ANY, 24, 3, 3))
        count = len(rotmat)
        shape = read_column(held, "pred_shape", (count, ANY)).astype(np.float64)
        # A frame without a shape is not drawn, and takes no part in that of the others.
        is_known = np.isfinite(shape).all(1)
        if is_known.any():
            shape[is_known] = shape[is_known].mean(0)
        return {
            "rotmat": rotmat.astype(np.float32, copy=False),
            "betas": shape.astype(np.float32),
            "transl_m": read_column(held, "pred_trans", (count, 1, 3), (count, 3)).reshape(count, 3),
            "frame": read_whole(held, "frame", count),
            "person": np.full(count, number),
        }
    except RowFault as fault:
        raise RowFault(what, "a row for each frame", str(fault)) from fault


def _read_people(
    file: FitFile, camera: Mapping[str, Any], columns: Mapping[str, np.ndarray]
) -> tuple[Fits, list[RowProblem]]:
    frame, transl_m = columns["frame"], columns["transl_m"].astype(np.float64)
    told = tell_sequence(file.path, columns["person"], frame)
    names = name_rows(frame, file.image_dir)
    bodies = make_poses("smpl", columns["rotmat"], columns["betas"])
    faults: list[tuple[np.ndarray, Fault]] = []
    world = World.unknown(len(frame))
    if is_world(file.options) or has_value(camera, "world_cam_R"):
        turned = read_column(camera, "world_cam_R", (ANY, 3, 3))
        moved = read_column(camera, "world_cam_T", (len(turned), 3))
        is_filmed = (frame >= 0) & (frame < len(turned))
        expected = f"one of the {len(turned)} frames of {_CAMERA_FILE}"
        faults.append((is_filmed, lambda k: RowFault("frame", expected, str(frame[k]))))
        if is_filmed.any():
            at = np.where(is_filmed, frame, 0)
            rotation = TO_WORLD["y"] @ turned[at].astype(np.float64)
            world = World(rotation, turn(rotation, transl_m) + turn(TO_WORLD["y"], moved[at]))
    if is_world(file.options):
        cameras, world = stand_in_world(world.rotation, world.transl_m)
        notes: tuple[str, ...] = (_AXES, WORLD_NOTE, _SHAPE)
    else:
        focal = np.full(len(frame), float(read_column(camera, "img_focal", (), (1,)).reshape(())))
        cameras = pinhole(focal, read_column(camera, "img_center", (2,)), transl_m, is_metric=True)
        notes = (_AXES, _CAMERA, _SHAPE, _FRAMES)
    fits = assemble("tram", names, bodies, cameras, world=world, notes=notes, **told)
    return check_sequence(fits, faults, needs_place=is_world(file.options))


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True, options=(SPACE,))
