"""ROMP and BEV: SMPL bodies in the square around the photo, as both programs save them.

Sun et al., Monocular, One-stage, Regression of Multiple 3D People, 2021, and Putting People in their Place,
2022; Arthur151/ROMP. They save a dict of arrays over the people of a photo by `np.savez(path, results=dict)`,
and for a video such dicts by the names of its frames.

Both pad a photo to a square. They round the padding down, and so are half a pixel off where the two sides
differ by an odd number; files do not hold the photo's size, and this reader pads evenly.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from render.containers.columns import ANY, has_value, read_column, unwrap
from render.containers.json_values import RowFault
from render.containers.npz_rows import list_npz
from render.errors import FitFileError
from render.fits.build import assemble, check_rows, make_marks, make_poses, make_problem, merge_sources
from render.fits.cameras import pinhole, weak_in_box
from render.fits.fit_file import FitFile
from render.fits.image_paths import find_images
from render.fits.reader import FitFormat
from render.fits.rotations import axis_angle_to_rotmat
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
POSES_NOTE = "no vertices in the file: bodies are posed, as ROMP has them without root_align"
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
    has_verts: bool


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads the npz file of a photo, that of a video, or a folder of those of photos.

    Rows are people, in the order of the photos and of the people of each. A photo has the name of the file,
    or that of the frame; ROMP calls all frames PNG files.

    Raises:
        FitFileError: The file is missing or damaged, or nobody is in it.
    """
    photos = _list_folder(file) if file.kind == "folder" else _list_photos(file)
    people: dict[Kind, list[dict[str, np.ndarray]]] = {}
    problems: list[RowProblem] = []
    # A pickle may name one array a million times, and copies of it would fill any memory.
    seen: set[int] = set()
    row = 0
    for photo in photos:
        count = _count(photo.held)
        try:
            kind, columns = _read_people(photo.held, count, seen)
        except RowFault as fault:
            problems += [make_problem(row + k, photo.image, str(fault)) for k in range(count)]
        else:
            columns["row"] = np.arange(row, row + count)
            columns["image"] = np.full(count, photo.image, object)
            columns["frame"] = np.full(count, photo.frame)
            people.setdefault(kind, []).append(columns)
        row += count
    if row == 0:
        file.refuse("nobody is in it", EXPECTED)
    parts = []
    for kind, found in people.items():
        # A column at a time, or all of them would be there twice.
        together = {key: np.concatenate([columns.pop(key) for columns in found]) for key in list(found[0])}
        fits, faults = check_rows(_make_fits(kind, together))
        parts.append(fits)
        problems += faults
    ...


FORMAT = FitFormat(read=read, recognises=lambda file: False)
