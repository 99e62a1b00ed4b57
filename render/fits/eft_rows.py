"""What one entry of an EFT fit file must hold, and what to say of one that does not.

Types and shapes are checked entry by entry, as they come out of JSON; values are checked over the whole file
at once, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from render.fits.image_name import image_name_fault

ROTATION_TOLERANCE = 1e-3
LARGEST_BOX_PX = 1e6
# No fit comes near it, and what is computed from numbers below it stays far inside float32.
LARGEST_NUMBER = 1e6
BOX_UNIT_PX = 200.0

_MISSING = object()
_INT64 = np.iinfo(np.int64)


class RowFault(Exception):
    """Why an entry is rejected: key, expected, found."""

    def __init__(self, key: str, expected: str, found: str) -> None:
        super().__init__(f"{key}: expected {expected}, found {found}")


class EftRow(NamedTuple):
    """One entry in the types and shapes of a FitTable row, values not yet checked, numbers in float64."""

    image_name: str
    pose_rotmat: np.ndarray
    betas: np.ndarray
    cam: np.ndarray
    bbox_center_px: np.ndarray
    bbox_scale: float
    annot_id: int
    joint_validity: np.ndarray
    keypoints_px: np.ndarray


def parse_row(entry: Any) -> EftRow:
    """The fields of one entry of "data"; raises RowFault where one is missing or of the wrong kind."""
    if not isinstance(entry, dict):
        raise RowFault("entry", "an object", describe(entry))
    smpltype = entry.get("smpltype", "smpl")
    if smpltype != "smpl":
        raise RowFault("smpltype", '"smpl" or no such key', describe(smpltype))
    scale_shape = (1,) if isinstance(entry.get("bbox_scale"), list) else ()
    return EftRow(
        image_name=_image_name(entry),
        pose_rotmat=_numbers(entry, "parm_pose", (24, 3, 3)),
        betas=_numbers(entry, "parm_shape", (10,)),
        cam=_numbers(entry, "parm_cam", (3,)),
        bbox_center_px=_numbers(entry, "bbox_center", (2,)),
        bbox_scale=_numbers(entry, "bbox_scale", scale_shape).item(),
        annot_id=_annot_id(entry),
        joint_validity=_optional_numbers(entry, "joint_validity_openpose18", np.ones(18)),
        keypoints_px=_optional_numbers(entry, "gt_keypoint_2d", np.zeros((49, 3))),
    )


def value_checks(rows: dict[str, np.ndarray]) -> Iterator[tuple[np.ndarray, Callable[[int], RowFault]]]:
    """One (N,) mask of the rows that pass for each rule, and the fault of a row k that does not.

    rows: the fields of EftRow, stacked. Comparisons are written so that NaN fails them.
    """
    rotmat = rows["pose_rotmat"]
    # Numbers too large to be rotations overflow here, to infinities and NaN that fail the comparison.
    with np.errstate(over="ignore", invalid="ignore"):
        off_by = np.abs(np.einsum("njab,njcb->njac", rotmat, rotmat) - np.eye(3)).max((-1, -2))
        determinant = np.einsum("nja,nja->nj", np.cross(rotmat[:, :, 0], rotmat[:, :, 1]), rotmat[:, :, 2])
    is_rotation = (off_by <= ROTATION_TOLERANCE) & (determinant > 0)

    def rotation_fault(k: int) -> RowFault:
        joint = int(np.flatnonzero(~is_rotation[k])[0])
        found = f"R R^T off by {off_by[k, joint]:.3g} and determinant {determinant[k, joint]:.3g}"
        expected = f"rotations (R R^T = I within {ROTATION_TOLERANCE}, determinant > 0)"
        return RowFault("parm_pose", expected, f"{found} at joint {joint}")

    yield is_rotation.all(-1), rotation_fault
    within = f"finite numbers up to {LARGEST_NUMBER:g}"
    for key, column in {
        "parm_shape": "betas",
        "parm_cam": "cam",
        "bbox_center": "bbox_center_px",
        "gt_keypoint_2d": "keypoints_px",
    }.items():
        fits = (np.abs(rows[column]) <= LARGEST_NUMBER).reshape(len(rotmat), -1)
        values = rows[column].reshape(len(rotmat), -1)
        yield (
            fits.all(-1),
            lambda k, key=key, fits=fits, values=values: RowFault(key, within, str(values[k][~fits[k]][0])),
        )
    cam_s, scale = rows["cam"][:, 0], rows["bbox_scale"]
    yield cam_s > 0, lambda k: RowFault("parm_cam", "s > 0", f"s = {cam_s[k]}")
    largest_scale = LARGEST_BOX_PX / BOX_UNIT_PX
    yield (
        (scale > 0) & (scale <= largest_scale),
        lambda k: RowFault(
            "bbox_scale",
            f"a number above 0 and up to {largest_scale:g} (of {BOX_UNIT_PX:g} px)",
            str(scale[k]),
        ),
    )
    validity = rows["joint_validity"]
    yield (
        ((validity == 0) | (validity == 1)).all(-1),
        lambda k: RowFault("joint_validity_openpose18", "18 of 0 or 1", str(validity[k].tolist())),
    )


def describe(value: Any) -> str:
    """A short description of a JSON value for an error, safe to print whatever it holds."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case str():
            return f'the string "{shown(value)}"'
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}"
        case int() | float():
            return f"the number {value!r:.40}"
        case _:
            return "nothing"


def shown(name: str) -> str:
    """`name` on one line of printable ASCII, shortened."""
    text = ascii(name)[1:-1]
    return text if len(text) <= 200 else f"{text[:200]}..."


def _numbers(entry: dict, key: str, shape: tuple[int, ...]) -> np.ndarray:
    value = entry.get(key, _MISSING)
    expected = "a number" if shape in ((), (1,)) else f"{'x'.join(map(str, shape))} numbers"
    try:
        flat = value if shape else (value,)
        for _ in shape[1:]:
            flat = chain.from_iterable(flat)
        # numpy would take true, "1.0" and null for numbers.
        strangers = [x for x in flat if type(x) is not float and type(x) is not int]
        if strangers:
            raise RowFault(key, expected, describe(strangers[0] if shape else value))
        numbers = np.array(value, dtype=np.float64)
    except OverflowError:
        raise RowFault(key, expected, "an integer beyond the range of a double") from None
    except (TypeError, ValueError):
        raise RowFault(key, expected, describe(value)) from None
    if numbers.shape != shape:
        raise RowFault(key, expected, "x".join(map(str, numbers.shape)))
    return numbers


def _optional_numbers(entry: dict, key: str, default: np.ndarray) -> np.ndarray:
    return _numbers(entry, key, default.shape) if key in entry else default


def _annot_id(entry: dict) -> int:
    annot_id = entry.get("annotId")
    if annot_id is None:
        return -1
    if type(annot_id) is not int or not _INT64.min <= annot_id <= _INT64.max:
        raise RowFault("annotId", "a 64-bit integer", describe(annot_id))
    return annot_id


def _image_name(entry: dict) -> str:
    name = entry.get("imageName", _MISSING)
    if not isinstance(name, str):
        raise RowFault("imageName", "a file name", describe(name))
    fault = image_name_fault(name)
    if fault:
        raise RowFault("imageName", "a path below the image folder", f'{fault} in "{shown(name)}"')
    return name
