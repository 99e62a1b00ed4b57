"""ROMP and BEV: SMPL bodies in the square around the photo, as both programs save them.

Sun et al., Monocular, One-stage, Regression of Multiple 3D People, 2021, and Putting People in their Place,
2022; Arthur151/ROMP. They save a dict of arrays over the people of a photo by `np.savez(path, results=dict)`,
and for a video such dicts by the names of its frames.

Both pad a photo to a square. They round the padding down, and so are half a pixel off where the two sides
differ by an odd number; files do not hold the photo's size, and this reader pads evenly.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from render.containers.columns import has_value, read_column, read_whole
from render.containers.json_values import RowFault
from render.errors import FitFileError
from render.fits.build import assemble, make_marks, make_poses, merge_sources
from render.fits.cameras import pinhole, weak_in_box
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.image_paths import find_images
from render.fits.reader import FitFormat
from render.fits.rotations import axis_angle_to_rotmat
from render.fits.sequences.rows import tell_sequence
from render.types.fits import Fits, RowProblem, Unit
from render.types.sources import Meshes, Poses

VERTS, JOINTS, POSE = 6890, 71, 72
# The last of BEV's, of age, leads from SMPL's adult to its infant.
BETAS, BEV_BETAS = 10, 11
# Of a photo padded to a square, whose field of view is 60 degrees then.
FOCAL_IN_SIDES = 443.4 / 512
TAN_HALF_FOV = float(np.tan(np.radians(60 / 2)))
VIDEO_FILE = "video_results.npz"
NEEDED = frozenset(("cam", "smpl_thetas"))
EXPECTED = "results of ROMP or BEV, with cam and smpl_thetas"

AXES_NOTE = "SMPL bodies in m, x right, y down, z away"
WEAK_NOTE = (
    "weak perspective in the square around the photo, as ROMP projects its joints; its own pictures have "
    "another camera, a pinhole of 60 degrees; people share no depth"
)
# SMPL's is 0.2 m from its origin.
LEAST_PELVIS_M = 0.1
BEV_NOTE = "OpenCV pinhole of 60 degrees over the photo's longer side; people of one photo share true depth"


class Photo(NamedTuple):
    """What a file holds of a photo.

    Attributes:
        image: Name of the photo.
        frame: Its number in a video, -1 where it is of none.
        held: Arrays over its people; text for what is wrong with the file that should hold them.
    """

    image: str
    frame: int
    held: Any


class Kind(NamedTuple):
    """How bodies and cameras of people are given."""

    is_bev: bool
    uses_verts: bool


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads the npz file of a photo, that of a video, or a folder of those of photos.

    Rows are people, in the order of the photos and of the people of each. A photo has the name of the file,
    or that of the frame; ROMP calls all frames PNG files. People without tracks are numbered anew in each.

    Raises:
        FitFileError: The file is missing or damaged, or nobody is in it who can be drawn.
    """
    groups: dict[Kind, list[dict[str, np.ndarray]]] = {}
    problems: list[RowProblem] = []
    # Frames of a pickle may name one array a million times, and copies of it would fill any memory.
    seen: set[int] = set()
    row = 0
    for photo in _list_folder(file) if file.kind == "folder" else _list_photos(file):
        count = _count(photo.held)
        try:
            kind, columns = _read_people(photo.held, count)
            ids = {id(value) for value in photo.held.values() if isinstance(value, np.ndarray | list)}
            if photo.frame >= 0 and not seen.isdisjoint(ids):
                raise RowFault("results", "arrays of each frame", "those of an earlier frame again")
        except RowFault as fault:
            problems += [make_problem(row + k, photo.image, str(fault)) for k in range(count)]
        else:
            seen |= ids
            columns["row"] = np.arange(row, row + count)
            columns["image"] = np.full(count, photo.image, object)
            columns["frame"] = np.full(count, photo.frame)
            groups.setdefault(kind, []).append(columns)
        row += count
    if row == 0:
        file.refuse("nobody is in it", EXPECTED)
    parts = []
    persons = [columns["person"] for found in groups.values() for columns in found]
    people = np.unique(np.concatenate([np.zeros(0, np.int64), *persons]))
    for kind, found in groups.items():
        # A column at a time, or all of them would be there twice.
        together = {key: np.concatenate([each.pop(key) for each in found]) for key in list(found[0])}
        told = {"person": together["person"], "frame": together["frame"]}
        # Files hold either the frames of one video, or photos.
        if (told["frame"] >= 0).all():
            told = tell_sequence(file.path, **told, people=people)
        fits, faults = check_rows(_make_fits(kind, together, told))
        parts.append(fits)
        problems += faults
    problems.sort(key=lambda problem: problem.row)
    if len(problems) == row:
        file.refuse_rows(problems)
    return merge_sources(parts), problems


def recognises(file: FitFile) -> bool:
    """Whether there are results of ROMP or BEV in a file, or in the first npz file of a folder."""
    if file.kind == "folder":
        paths = file.list_npz()
        return bool(paths) and recognises(FitFile(paths[0]))
    if file.kind not in ("npz", "pickle", "joblib") or not (
        "results" in file.keys or set(file.keys) >= NEEDED
    ):
        return False
    results = _find_results(file.content)
    return any(isinstance(held, Mapping) and set(held) >= NEEDED for _, held in results[:1])


def _list_folder(file: FitFile) -> Iterator[Photo]:
    """The video's file where there is one: the frames' own files hold the same."""
    paths = file.list_npz()
    if not paths:
        file.refuse("no npz file is in it", f"a folder with {EXPECTED}")
    video = [path for path in paths if path.name == VIDEO_FILE]
    if video:
        yield from _list_photos(replace(file, path=video[0]))
        return
    images = find_images([path.stem for path in paths], file.image_dir)
    for path, image in zip(paths, images, strict=True):
        try:
            held = [held for _, held in _find_results(FitFile(path).content)]
        except FitFileError as error:
            held = [str(error)]
        for each in held or ["no results"]:
            yield Photo(image, -1, each)


def _list_photos(file: FitFile) -> Iterator[Photo]:
    results = _find_results(file.content)
    if not results:
        file.refuse("it has none", EXPECTED)
    is_video = results[0][0] is not None
    names = [str(key) for key, _ in results] if is_video else [file.path.name]
    stems = [os.path.splitext(os.path.basename(name))[0] for name in names]
    images = find_images(stems, file.image_dir)
    for frame, (stem, image, name, (_, held)) in enumerate(zip(stems, images, names, results, strict=True)):
        # The frame's own name says more of a photo that is not there.
        found = os.path.basename(name) if is_video and image == stem else image
        yield Photo(found, frame if is_video else -1, held)


def _find_results(content: Any) -> list[tuple[Any, Any]]:
    """Dicts of arrays by the names of frames; of a photo one, without a name."""
    results = content.get("results", content) if isinstance(content, Mapping) else None
    if not isinstance(results, Mapping):
        return []
    return [(None, results)] if "cam" in results else list(results.items())


def _count(held: Any) -> int:
    """How many people a photo has, as far as its first column tells."""
    cam = held.get("cam") if isinstance(held, Mapping) else None
    return len(cam) if isinstance(cam, np.ndarray) and cam.shape[1:] == (3,) else 1


def _read_people(held: Any, count: int) -> tuple[Kind, dict[str, np.ndarray]]:
    if isinstance(held, str):
        raise RowFault("results", EXPECTED, held)
    if not isinstance(held, Mapping):
        raise RowFault("results", EXPECTED, f"a {type(held).__name__}")
    columns = {"cam": read_column(held, "cam", (count, 3))}
    betas = read_column(held, "smpl_betas", (count, BETAS), (count, BEV_BETAS))
    is_bev = betas.shape[1] == BEV_BETAS
    # Poses can be drawn with any body, but there is no telling where bodies are that have been moved to hips
    # of their own, as all of BEV's are.
    is_moved = is_bev or _are_moved(held)
    uses_verts = is_moved or not has_value(held, "smpl_thetas")
    if uses_verts:
        columns["verts"] = read_column(held, "verts", (count, VERTS, 3)).astype(np.float32, copy=False)
    else:
        columns["betas"] = betas
        columns["pose"] = read_column(held, "smpl_thetas", (count, POSE))
    for key, axes in (("pj2d_org", 2), ("joints", 3)):
        there = has_value(held, key)
        shape = (count, JOINTS, axes)
        columns[key] = read_column(held, key, shape) if there else np.full(shape, np.nan, np.float32)
    there = has_value(held, "track_ids")
    columns["person"] = read_whole(held, "track_ids", count) if there else np.arange(count)
    return Kind(is_bev, uses_verts), columns


def _are_moved(held: Mapping) -> bool:
    """Whether the pelvis is not where SMPL has it, a hand's breadth or two below the origin in any pose."""
    if not (has_value(held, "joints") and has_value(held, "verts")):
        return False
    joints = held["joints"]
    is_known = isinstance(joints, np.ndarray) and joints.ndim == 3 and joints.shape[2] == 3 and joints.size
    return bool(is_known and not (np.linalg.norm(joints[:, 0], axis=1) > LEAST_PELVIS_M).all())


def _make_fits(kind: Kind, columns: dict[str, np.ndarray], told: dict[str, Any]) -> Fits:
    bodies: Poses | Meshes
    if "verts" in columns:
        bodies = Meshes("smpl", np.zeros((0, 3), np.int32), columns["verts"])
    else:
        rotmat = axis_angle_to_rotmat(columns["pose"].reshape(len(columns["pose"]), -1, 3))
        bodies = make_poses("smpl", rotmat, columns["betas"])
    points_m = None if np.isnan(columns["joints"]).all() else columns["joints"]
    cam = columns["cam"].astype(np.float64)
    center = np.zeros((len(cam), 2))
    if kind.is_bev:
        focal = np.full(len(cam), FOCAL_IN_SIDES)
        cameras = pinhole(focal, center, _find_transl(cam), unit=Unit.SIDE, is_metric=True)
    else:
        cameras = weak_in_box(cam, center, np.ones(len(cam)), Unit.SIDE, adds_before_scaling=False)
    return assemble(
        "romp",
        columns["image"],
        bodies,
        cameras,
        row=columns["row"],
        marks=make_marks("romp71", columns["pj2d_org"], points_m),
        notes=(
            AXES_NOTE,
            BEV_NOTE if kind.is_bev else WEAK_NOTE,
        ),
        **told,
    )


def _find_transl(cam: np.ndarray) -> np.ndarray:
    """BEV's translations, m, from its s, ty and tx, the middle of the body in half sides of the square.

    As bev/post_parser.py has it: the depth is 1 / (s tan 30 deg + 0.001).
    """
    with np.errstate(all="ignore"):
        depth = 1 / (cam[:, 0] * TAN_HALF_FOV + 1e-3)
        # Behind the camera: no translation at all, which the check of values refuses.
        depth[depth <= 0] = np.nan
        return depth[:, None] * np.column_stack([cam[:, 2:0:-1] * TAN_HALF_FOV, np.ones(len(cam))])


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True)
