"""Meshcapade's `.mcs` scenes: glTF 2.0 as JSON, with a `.smpl` file of each person and a moving camera.

The scene's extension MC_scene_description lists bodies, each with the buffer view of its `.smpl` and the
frames [first, end) in which it is there (smplcodec's mcs.py). The y axis is up; a scene knows the field of
view and the aspect ratio of its pictures, not their size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from render.containers.columns import MOST_WHOLE
from render.containers.contents.npz_members import read_npz_keys
from render.containers.errors import MOST_BYTES, ContainerError
from render.containers.json_values import RowFault, describe
from render.files.regular import open_regular
from render.fits.cameras import PhotoCameras, World, pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.motion.codec import KEYS, UP, note_codec, read_codec
from render.fits.motion.gltf import Gltf, whole
from render.fits.motion.gltf_camera import read_camera
from render.fits.motion.scene import EXTENSION
from render.fits.motion.tracks import Motion, Track, assemble_tracks, check_frames
from render.fits.motion.worlds import see, stand
from render.fits.reader import FitFormat
from render.types.fits import Fits, RowProblem, Unit

EXPECTED = "a .mcs scene, glTF 2.0 with MC_scene_description and a .smpl buffer of each body"
_AXES = "axes: x right, y up, in metres; turned to x right, y down, z away"
_NO_CAMERA = "camera: there is none, and bodies are shown whole"
_START_BYTES = 1 << 20
_MOST_BODIES = 256


def recognises(file: FitFile) -> bool:
    """Whether a file is JSON of glTF with the extension of such scenes."""
    if file.kind != "json" or "scenes" not in file.keys:
        return False
    with open_regular(file.path) as opened:
        return f'"{EXTENSION}"'.encode() in opened.read(_START_BYTES)


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a scene; see `render.fits.reader.Read`. Rows are frames, person by person; a body that cannot be
    drawn takes one row."""
    if file.kind != "json" or not isinstance(file.content, Mapping):
        file.refuse(f"found {file.kind} content", EXPECTED)
    try:
        return _read_scene(file, Gltf(file.content))
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)


class _Body(NamedTuple):
    """A body of a scene, and where it is in the file."""

    motion: Motion
    first_frame: int
    person: int
    row: int
    notes: tuple[str, ...]

    @property
    def frames(self) -> np.ndarray:
        return self.first_frame + np.arange(len(self.motion))


class _Files:
    """The .smpl files of a scene, which together may not unpack to more than one file may."""

    def __init__(self, scene: Gltf) -> None:
        self._scene, self._left_bytes = scene, MOST_BYTES

    def read(self, view: Any) -> dict[str, Any]:
        """The arrays in a buffer view."""
        arrays = read_npz_keys(self._scene.read_view(view), KEYS, self._left_bytes, only_numbers=True)
        self._left_bytes -= sum(array.nbytes for array in arrays.values())
        return arrays


def _read_scene(file: FitFile, scene: Gltf) -> tuple[Fits, list[RowProblem]]:
    where = f"scenes.{EXTENSION}"
    extensions = scene.item("scenes", scene.tree.get("scene", 0)).get("extensions")
    about = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    if not isinstance(about, dict):
        raise RowFault(where, "an object", describe(about))
    count = whole(about, where, "num_frames")
    listed = about.get("smpl_bodies")
    if not isinstance(listed, list) or len(listed) > _MOST_BODIES:
        raise RowFault(f"{where}.smpl_bodies", f"a list of up to {_MOST_BODIES}", describe(listed))
    files = _Files(scene)
    bodies: list[_Body] = []
    problems: list[RowProblem] = []
    row = frames = 0
    for person, held in enumerate(listed):
        try:
            body = _read_body(files, held, person, row, count)
        except RowFault as fault:
            problems.append(make_problem(row, "", f"smpl_bodies[{person}]: {fault}"))
            row += 1
            continue
        frames += len(body.motion)
        check_frames(frames)
        bodies.append(body)
        row += len(body.motion)
    if not bodies:
        file.refuse_rows(problems)
    tracks = _place(scene, bodies, file.path.stem, count)
    fits, unfit = check_rows(assemble_tracks("mcs", tracks))
    return fits, sorted([*problems, *unfit], key=lambda problem: problem.row)


def _read_body(files: _Files, held: Any, person: int, row: int, count: int) -> _Body:
    if not isinstance(held, dict):
        raise RowFault("body", "an object", describe(held))
    presence = held.get("frame_presence")
    is_pair = isinstance(presence, list) and len(presence) == 2 and all(type(x) is int for x in presence)
    first, end = presence if isinstance(presence, list) and is_pair else (0, 0)
    if not 0 <= first < end <= min(count, MOST_WHOLE):
        expected = f"the first frame and the end of frames, up to {count}"
        raise RowFault("frame_presence", expected, ascii(presence)[:60])
    try:
        arrays = files.read(held.get("bufferView"))
    except ContainerError as error:
        raise RowFault("bufferView", "a .smpl file", str(error)) from error
    motion = read_codec(arrays)
    if end - first > len(motion):
        raise RowFault("frame_presence", f"up to {len(motion)} frames, as its .smpl has", f"{end - first}")
    return _Body(_cut(motion, end - first), first, person, row, note_codec(arrays))


def _cut(motion: Motion, count: int) -> Motion:
    """The first frames; where a scene has no translation, a body is at its origin."""
    transl_m = motion.transl_m[:count]
    return Motion(
        motion.kind,
        motion.variant,
        motion.angles_rad[:count],
        motion.betas,
        motion.expression[:count],
        np.zeros((count, 3)) if np.isnan(transl_m).all() else transl_m,
        motion.rate_hz,
    )


def _place(scene: Gltf, bodies: list[_Body], sequence: str, count: int) -> list[Track]:
    """Puts bodies before the scene's camera; without one they are shown whole."""
    rates_hz = [body.motion.rate_hz for body in bodies if not np.isnan(body.motion.rate_hz)]
    frames = np.concatenate([body.frames for body in bodies])
    transl_m = np.concatenate([body.motion.transl_m for body in bodies])
    camera = read_camera(scene, frames, count, rates_hz[0] if rates_hz else np.nan)
    if camera is None:
        cameras, world = stand(UP, transl_m)
        about = _NO_CAMERA
    else:
        seen_m, world = see(UP, transl_m, camera.rotation, camera.transl_m)
        focal = np.full(len(frames), camera.focal)
        cameras = pinhole(focal, np.zeros(2), seen_m, camera.rotation, Unit.HEIGHT, is_metric=True)
        about = (
            "camera: OpenCV pinhole of the scene that people share, so depth is true; made for pictures of "
            f"{camera.aspect:.4g} times their height"
        )
    tracks, start = [], 0
    for body in bodies:
        rows = slice(start, start + len(body.motion))
        start = rows.stop
        tracks.append(
            Track(
                body.motion,
                sequence,
                body.person,
                body.row,
                body.first_frame,
                _take(cameras, rows),
                World(world.rotation[rows], world.transl_m[rows]),
                (_AXES, about, *body.notes),
            )
        )
    return tracks


def _take(cameras: PhotoCameras, rows: slice) -> PhotoCameras:
    return PhotoCameras(**{name: column[rows] for name, column in vars(cameras).items()})


FORMAT = FitFormat(read=read, recognises=recognises)
