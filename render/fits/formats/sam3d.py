"""SAM-3D-Body: vertices of MHR bodies under a pinhole, as its `process_one_image` returns them.

Yang et al., SAM 3D Body, facebookresearch/sam-3d-body. It writes no files itself: people keep a person's dict
by `np.savez(path, **out)`, or pickle the list of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from render.containers.columns import has_value, read_column
from render.containers.errors import ContainerError
from render.containers.json_values import RowFault
from render.containers.mapped_npz import map_npz
from render.containers.npz_rows import NpzRows
from render.fits.build import assemble, make_marks
from render.fits.cameras import PhotoCameras, pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_camera import PinholeFit, fit_photos
from render.fits.fit_file import FitFile
from render.fits.image_paths import find_images, relative_name
from render.fits.reader import FitFormat
from render.types.fits import Fits, RowProblem, Unit
from render.types.sources import Meshes

VERTS, JOINTS = 18439, 70
NEEDED = frozenset(("pred_vertices", "pred_cam_t"))
# What is read of a person beside the vertices, its shape, and what stands for it where it is not there.
SMALL: dict[str, tuple[tuple[int, ...], float]] = {
    "pred_cam_t": ((3,), np.nan),
    "focal_length": ((), 0.0),
    "pred_keypoints_2d": ((JOINTS, 2), np.nan),
    "pred_keypoints_3d": ((JOINTS, 3), np.nan),
    "bbox": ((4,), np.nan),
}
EXPECTED = "people of SAM-3D-Body, with pred_vertices and pred_cam_t"
AXES_NOTE = "vertices of MHR bodies in m, x right, y down, z away; people of one photo share true depth"
_LAST_NUMBER = re.compile(r"(?<!\d)\d{1,9}$")


class Person(NamedTuple):
    """Somebody in a file.

    Attributes:
        image: Name of the photo.
        number: Of the person, -1 where there is none.
        held: What the file holds of them, or the path of the file that is theirs alone.
    """

    image: str
    number: int
    held: Any


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads an npz file of a person, a folder of such, or a pickle of the people of one photo or of many.

    A pickle holds the list that `process_one_image` returns, or such lists by the paths of photos. The photo
    of a file without one is told from the file's name, see `find_images`.

    Raises:
        FitFileError: The file is missing or damaged, or holds no person.
    """
    is_folder = file.kind == "folder"
    people: dict[int, Person] = {}
    arrays: dict[str, list[np.ndarray]] = {}
    problems: list[RowProblem] = []
    # A list of a pickle may name one array a million times, of which the vertices would fill any memory.
    seen: set[int] = set()
    for row, person in enumerate(_list_files(file) if is_folder else _list_people(file)):
        try:
            found = _open_person(person.held) if is_folder else _read_person(person.held, seen)
        except RowFault as fault:
            problems.append(make_problem(row, person.image, str(fault)))
            continue
        people[row] = person
        for key, value in found.items():
            arrays.setdefault(key, []).append(value)
    if not people:
        file.refuse_rows(problems)
    columns = {key: np.array(arrays.pop(key), np.float64) for key in SMALL}
    verts = (
        NpzRows([person.held for person in people.values()], "pred_vertices", (VERTS, 3))
        if is_folder
        else np.array(arrays.pop("pred_vertices"), np.float32)
    )
    images = [person.image for person in people.values()]
    cameras, camera_notes = _make_cameras(images, columns)
    points_m = columns["pred_keypoints_3d"]
    fits = assemble(
        "sam3d",
        images,
        Meshes("mhr", np.zeros((0, 3), np.int32), verts),
        cameras,
        row=np.array(list(people)),
        marks=make_marks(
            "mhr70", columns["pred_keypoints_2d"], None if np.isnan(points_m).all() else points_m
        ),
        notes=(AXES_NOTE, *camera_notes),
        box_px=_make_squares(columns["bbox"]),
        person=np.array([person.number for person in people.values()]),
    )
    valid, faults = check_rows(fits)
    problems = sorted([*problems, *faults], key=lambda problem: problem.row)
    if len(valid) == 0:
        file.refuse_rows(problems)
    return valid, problems


def recognises(file: FitFile) -> bool:
    """Whether there is a person of SAM-3D-Body in a file, or in the first npz file of a folder."""
    if file.kind == "folder":
        paths = file.list_npz()
        return bool(paths) and is_person(FitFile(paths[0]).keys)
    if set(file.keys) >= NEEDED:
        return is_person(file.keys)
    if file.kind not in ("pickle", "joblib"):
        return False
    return any(isinstance(held, Mapping) and set(held) >= NEEDED for _, _, held in _walk(file.content)[:1])


def is_person(keys: Mapping[str, tuple[int, ...] | None]) -> bool:
    """Whether these keys and shapes are of a person of SAM-3D-Body; others have such keys, too."""
    # 4D-Humans has a crop's camera beside these.
    return set(keys) >= NEEDED and "pred_cam" not in keys and keys["pred_vertices"] == (VERTS, 3)


def _list_files(file: FitFile) -> list[Person]:
    """Of a folder: the files in the order of their names."""
    paths = file.list_npz()
    if not paths:
        file.refuse("no npz file is in it", f"a folder with {EXPECTED}, an npz file a person")
    stems = [path.stem for path in paths]
    images = find_images(stems, file.image_dir)
    return [
        Person(image, _number(stem, image), path)
        for stem, image, path in zip(stems, images, paths, strict=True)
    ]


def _list_people(file: FitFile) -> list[Person]:
    """Of a file: everybody in it, in its order."""
    entries = _walk(file.content)
    if not any(isinstance(held, Mapping) for _, _, held in entries):
        file.refuse("it holds none", EXPECTED)
    # Names in an npz file are those of its arrays.
    keys = ["" if file.kind == "npz" else key for key, _, _ in entries]
    (image_of_file,) = find_images([file.path.stem], file.image_dir)
    people = []
    for key, (_, number, held) in zip(keys, entries, strict=True):
        named = _read_text(held.get("image")) if isinstance(held, Mapping) else None
        path = named or key
        image = relative_name(path, file.image_dir) if path else image_of_file
        people.append(Person(image, _number(file.path.stem, image) if number < 0 else number, held))
    return people


def _walk(content: Any) -> list[tuple[str, int, Any]]:
    """A key of the content, number of the person below it, and what there is of the person."""
    if isinstance(content, Mapping) and not NEEDED.isdisjoint(content):
        return [("", -1, content)]
    by_key = content.items() if isinstance(content, Mapping) else [("", content)]
    found = []
    for key, value in by_key:
        if isinstance(value, np.ndarray) and value.dtype == object:
            value = value.tolist()
        several = value if isinstance(value, list | tuple) else [value]
        found += [(str(key), number, held) for number, held in enumerate(several)]
    return found


def _read_person(held: Any, seen: set[int]) -> dict[str, np.ndarray]:
    """Of a person all arrays; `seen` has those vertices that are taken."""
    if not isinstance(held, Mapping):
        raise RowFault("person", "a dict as process_one_image returns it", f"a {type(held).__name__}")
    verts = read_column(held, "pred_vertices", (VERTS, 3))
    if id(verts) in seen:
        raise RowFault("pred_vertices", "vertices of their own", "those of an earlier person again")
    found = _read_small(held)
    seen.add(id(verts))
    return {**found, "pred_vertices": verts}


def _open_person(path: Path) -> dict[str, np.ndarray]:
    """Of a file of one person all but the vertices, of which only the shape is looked at."""
    expected = "an npz file of a person"
    try:
        with map_npz(path) as arrays:
            keys = set(arrays.keys())
            found = "nothing"
            if "pred_vertices" in keys:
                shape, dtype = arrays.shape("pred_vertices"), arrays.dtype("pred_vertices")
                found = "" if shape == (VERTS, 3) and dtype.kind in "fiu" else f"{shape} of {dtype}"
            if found:
                raise RowFault(f"{path.name}: pred_vertices", f"{VERTS}x3 numbers", found)
            return _read_small({key: arrays.read(key) for key in SMALL if key in keys})
    except ContainerError as error:
        raise RowFault(path.name, expected, str(error)) from error
    except OSError as error:
        raise RowFault(path.name, expected, f"it cannot be read ({error.strerror})") from error


def _read_small(held: Mapping[str, Any]) -> dict[str, np.ndarray]:
    found = {}
    for key, (shape, missing) in SMALL.items():
        if key == "pred_cam_t" or has_value(held, key):
            # A focal length is kept with an axis or without.
            found[key] = read_column(held, key, shape or (), *([] if shape else [(1,)])).reshape(shape)
        else:
            found[key] = np.full(shape, missing)
    return found


def _read_text(value: Any) -> str | None:
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind == "U":
        value = value.item()
    return value if isinstance(value, str) else None


def _number(stem: str, image: str) -> int:
    """The number that a file's name has behind that of its photo."""
    photo = image.rpartition(".")[0]
    found = _LAST_NUMBER.search(stem[len(photo) :]) if photo and stem.startswith(photo) else None
    return int(found[0]) if found else -1


def _make_squares(box_px: np.ndarray) -> np.ndarray:
    """Left, top and side of the squares around (N, 4) boxes x1, y1, x2, y2."""
    low, high = box_px[:, :2], box_px[:, 2:]
    side = (high - low).max(1, keepdims=True)
    return np.concatenate([(low + high - side) / 2, side], 1)


def _make_cameras(images: list[str], columns: dict[str, np.ndarray]) -> tuple[PhotoCameras, list[str]]:
    """The cameras, and what is said of where they are from."""
    focal = columns["focal_length"].copy()
    center = np.zeros((len(focal), 2))
    unit = np.full(len(focal), Unit.CENTRED, np.int8)
    is_metric = np.ones(len(focal), bool)
    notes = []
    if (focal != 0).any():
        notes.append("OpenCV pinhole: focal length of the file, principal point in the middle of the photo")
    unknown = np.flatnonzero(focal == 0)
    # The photo's diagonal, as SAM-3D-Body has it where nothing estimates the field of view.
    unit[unknown], focal[unknown] = Unit.DIAGONAL, 1
    found = fit_photos(
        [images[k] for k in unknown],
        columns["pred_keypoints_3d"][unknown],
        columns["pred_cam_t"][unknown],
        columns["pred_keypoints_2d"][unknown],
    )
    for members, fit, is_shared in found:
        rows = unknown[members]
        unit[rows], focal[rows], center[rows], is_metric[rows] = Unit.PIXELS, fit.focal, fit.center, is_shared
    if found:
        notes.append(_describe_recovered([fit for _, fit, _ in found]))
    if (unit == Unit.DIAGONAL).any():
        count = int((unit == Unit.DIAGONAL).sum())
        notes.append(
            f"OpenCV pinhole: no focal length and no joints that tell it in {count} of {len(focal)} rows; "
            "assumed the photo's diagonal, as SAM-3D-Body does"
        )
    cameras = pinhole(focal, center, columns["pred_cam_t"], is_metric=True)
    return replace(cameras, unit=unit, is_metric=is_metric), notes


def _describe_recovered(found: list[PinholeFit]) -> str:
    off_by = max(fit.residual_px for fit in found)
    lowest, highest = min(fit.focal for fit in found), max(fit.focal for fit in found)
    focal = f"{lowest:.2f}" if highest - lowest < 0.01 else f"{lowest:.2f} to {highest:.2f}"
    center = f", centre ({found[0].center[0]:.2f}, {found[0].center[1]:.2f})" if len(found) == 1 else ""
    return (
        f"OpenCV pinhole: no focal length in the file, recovered from its 2D and 3D joints: f = {focal} px"
        f"{center}, off by at most {off_by:.2g} px"
    )


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True)
