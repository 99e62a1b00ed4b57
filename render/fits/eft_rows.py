"""What one entry of an EFT fit file must hold, what to say of one that does not, and what it means.

Types and shapes are checked entry by entry, as they come out of JSON; values are checked over the whole file
at once, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from render.containers.json_values import RowFault, describe, read_numbers, shown
from render.files.image_names import image_name_fault
from render.fits.build import assemble, make_poses
from render.fits.cameras import weak_perspective
from render.fits.checks import LARGEST_NUMBER
from render.fits.rotations import ROTATION_TOLERANCE, are_rotations, measure_skew
from render.types.fits import BOX_UNIT_PX, Fits
from render.types.sources import Marks

LARGEST_BOX_PX = 1e6
NOTES = ("weak perspective s X + t in a square crop of the photo, y down; who is nearer is an estimate",)

# Not None, which is what null is read as.
_MISSING = object()
_INT64 = np.iinfo(np.int64)


class EftRow(NamedTuple):
    """One entry, values not yet checked, numbers in float64.

    Attributes:
        image_name: As in the file, relative to the image folder.
        pose_rotmat: (24, 3, 3) relative to the parent joint; joint 0 is the global orientation, with the
            picture's y down.
        betas: (10,) shape coefficients.
        cam: (3,) s, tx, ty, weak perspective s X + t in the square crop.
        bbox_center_px: (2,) of the crop, x and y in the photo.
        bbox_scale: Side of the crop / 200 px of the photo.
        annot_id: COCO annotation id, -1 where there is none.
        joint_validity: (18,) in OpenPose's order.
        keypoints_px: (49, 3) in SPIN's order, x, y in the photo and confidence, 0 where there are none.
    """

    image_name: str
    pose_rotmat: np.ndarray
    betas: np.ndarray
    cam: np.ndarray
    bbox_center_px: np.ndarray
    bbox_scale: float
    annot_id: int
    joint_validity: np.ndarray
    keypoints_px: np.ndarray


def make_eft_fits(columns: dict[str, np.ndarray]) -> Fits:
    """Fits out of EFT's columns.

    The crop's corners are truncated towards zero to whole pixels and its height serves both axes, as in the
    original renderer. The camera is s X + t, not SPIN's s (X + t).

    Args:
        columns: The fields of EftRow, stacked, and `row`.
    """
    upper_left, side_px = _find_crops(columns)
    scale, translation = columns["cam"][:, 0], columns["cam"][:, 1:]
    # The camera gives -1 to 1 from one side of the crop to the other. Written out, because each rounding
    # is that of the pictures that are there.
    cameras = weak_perspective(scale * side_px / 2, upper_left + (1 + translation) * side_px[:, None] / 2)
    keypoints_px = columns["keypoints_px"]
    return assemble(
        "eft",
        columns["image_name"],
        make_poses("smpl", columns["pose_rotmat"], columns["betas"]),
        cameras,
        row=columns["row"],
        marks=Marks(
            "spin49",
            np.asarray(keypoints_px, np.float32),
            np.zeros((len(keypoints_px), 0, 3), np.float32),
            np.asarray(columns["joint_validity"], bool),
        ),
        notes=NOTES,
        box_px=np.column_stack([upper_left, side_px]),
        annot_id=columns["annot_id"],
    )


def _find_crops(columns: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Upper left corners (N, 2) and sides (N,) of the square crops."""
    # Numbers that are too large have been refused by then, or are.
    with np.errstate(over="ignore", invalid="ignore"):
        half_px = columns["bbox_scale"][:, None] * BOX_UNIT_PX / 2
        upper_left = np.trunc(columns["bbox_center_px"] - half_px)
        return upper_left, np.trunc(columns["bbox_center_px"] + half_px)[:, 1] - upper_left[:, 1]


def parse_row(entry: Any) -> EftRow:
    """Reads one entry of "data".

    Args:
        entry: As it comes out of JSON.

    Raises:
        RowFault: A field is missing or of the wrong kind.
    """
    if not isinstance(entry, dict):
        raise RowFault("entry", "an object", describe(entry))
    smpltype = entry.get("smpltype", "smpl")
    if smpltype != "smpl":
        raise RowFault("smpltype", '"smpl" or no such key', describe(smpltype))
    # A list of one number is taken as the number.
    scale_shape = (1,) if isinstance(entry.get("bbox_scale"), list) else ()
    return EftRow(
        image_name=_image_name(entry),
        pose_rotmat=read_numbers(entry, "parm_pose", (24, 3, 3)),
        betas=read_numbers(entry, "parm_shape", (10,)),
        cam=read_numbers(entry, "parm_cam", (3,)),
        bbox_center_px=read_numbers(entry, "bbox_center", (2,)),
        bbox_scale=read_numbers(entry, "bbox_scale", scale_shape).item(),
        annot_id=_annot_id(entry),
        joint_validity=_optional_numbers(entry, "joint_validity_openpose18", np.ones(18)),
        keypoints_px=_optional_numbers(entry, "gt_keypoint_2d", np.zeros((49, 3))),
    )


def value_checks(
    rows: dict[str, np.ndarray],
) -> Iterator[tuple[np.ndarray, Callable[[int], RowFault]]]:
    """Checks the values of N rows. Comparisons are written so that NaN fails them.

    Args:
        rows: The fields of EftRow, stacked.

    Yields:
        For each rule the mask of the rows that pass (N,), and the fault of a row k that does not.
    """
    rotmat = rows["pose_rotmat"]
    off_by, determinant = measure_skew(rotmat)
    is_rotation = are_rotations(off_by, determinant)

    def rotation_fault(k: int) -> RowFault:
        joint = int(np.flatnonzero(~is_rotation[k])[0])
        found = f"R R^T off by {off_by[k, joint]:.3g} and determinant {determinant[k, joint]:.3g}"
        expected = f"rotations (R R^T = I within {ROTATION_TOLERANCE}, determinant > 0)"
        return RowFault("parm_pose", expected, f"{found} at joint {joint}")

    yield np.all(is_rotation, -1), rotation_fault
    for key, column in {
        "parm_shape": "betas",
        "parm_cam": "cam",
        "bbox_center": "bbox_center_px",
        "gt_keypoint_2d": "keypoints_px",
    }.items():
        fits = (np.abs(rows[column]) <= LARGEST_NUMBER).reshape(len(rotmat), -1)
        values = rows[column].reshape(len(rotmat), -1)
        yield fits.all(-1), _fault_of_numbers(key, values, fits)
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
    side_px = _find_crops(rows)[1]
    yield side_px > 0, lambda k: RowFault("bbox_scale", "a box that a whole pixel is in", str(scale[k]))
    validity = rows["joint_validity"]
    yield (
        ((validity == 0) | (validity == 1)).all(-1),
        lambda k: RowFault("joint_validity_openpose18", "18 of 0 or 1", str(validity[k].tolist())),
    )


def _fault_of_numbers(key: str, values: np.ndarray, fits: np.ndarray) -> Callable[[int], RowFault]:
    """The fault of row k, by the first of its `values` (N, ...) that does not fit."""

    def number_fault(k: int) -> RowFault:
        return RowFault(key, f"finite numbers up to {LARGEST_NUMBER:g}", str(values[k][~fits[k]][0]))

    return number_fault


def _optional_numbers(entry: dict, key: str, default: np.ndarray) -> np.ndarray:
    return default if entry.get(key) is None else read_numbers(entry, key, default.shape)


def _annot_id(entry: dict) -> int:
    annot_id = entry.get("annotId")
    if annot_id is None:
        return -1
    # Python counts true and false among the integers.
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
