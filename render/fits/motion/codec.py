"""Meshcapade's codec: a person's motion as an npz of numbers, without names and objects.

Its keys and shapes are those of smplcodec (codec.py). A `.smpl` file is one, and a `.mcs` scene holds
several. What is missing is zero. Angles are axis times angle, and hands are added to flat ones.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column
from render.containers.json_values import RowFault
from render.fits.motion.tracks import JOINTS, MOST_COEFFICIENTS, Motion, check_frames

UP = "y"
_CODEC_VERSION = 2
# By the numbers that a file has for them.
KINDS = {0: "smpl", 1: "smplh", 2: "smplx"}
_OTHER_MODELS = {3: "SUPR", 4: "SMPL++", 5: "SKEL", 6: "SMIL", 7: "SMPL-XS"}
VARIANTS = {0: "neutral", 1: "male", 2: "female"}
# Joints of each part, in the order of the model's.
PARTS = {
    "smpl": {"bodyPose": 24},
    "smplh": {"bodyPose": 22, "leftHandPose": 15, "rightHandPose": 15},
    "smplx": {"bodyPose": 22, "headPose": 3, "leftHandPose": 15, "rightHandPose": 15},
}
KEYS = (
    *("codecVersion", "smplVersion", "gender", "shapeParameters", "frameCount", "frameRate"),
    *("bodyTranslation", "bodyPose", "headPose", "leftHandPose", "rightHandPose"),
    *("expressionParameters", "vertexOffsets"),
)
_NOTES = ("hands: added to flat hands",)
_OFFSETS_NOTE = "vertexOffsets: not drawn; the body has the shape of its shapeParameters alone"


def read_codec(held: Mapping[str, Any]) -> Motion:
    """The motion that an npz of the codec holds.

    Args:
        held: Its arrays by their keys.

    Raises:
        RowFault: It is of another model, or arrays are missing or of other shapes.
    """
    version = read_number(held, "smplVersion", 2)
    if version not in KINDS:
        found = _OTHER_MODELS.get(int(version), "") if version == version // 1 else ""
        raise RowFault("smplVersion", "0 (SMPL), 1 (SMPL-H) or 2 (SMPL-X)", f"{version:g} {found}".strip())
    gender = read_number(held, "gender", 0)
    if gender not in VARIANTS:
        raise RowFault("gender", "0 (neutral), 1 (male) or 2 (female)", f"{gender:g}")
    kind = KINDS[int(version)]
    count = _count_frames(held, kind)
    angles_rad = np.zeros((count, JOINTS[kind], 3), np.float32)
    first = 0
    for key, joints in PARTS[kind].items():
        if has_value(held, key):
            angles_rad[:, first : first + joints] = read_column(held, key, (count, joints, 3))
        first += joints
    transl_m = np.full((count, 3), np.nan)
    if has_value(held, "bodyTranslation"):
        transl_m[:] = read_column(held, "bodyTranslation", (count, 3))
    expression = np.zeros((count, 0), np.float32)
    if has_value(held, "expressionParameters"):
        expression = read_column(held, "expressionParameters", (count, ANY))
        check_coefficients("expressionParameters", expression.shape[1])
    betas = np.zeros(0, np.float32)
    if has_value(held, "shapeParameters"):
        betas = read_column(held, "shapeParameters", (ANY,))
        check_coefficients("shapeParameters", len(betas))
    rate_hz = np.nan
    # A rate of one frame means nothing.
    if count > 1 and has_value(held, "frameRate"):
        rate_hz = check_rate("frameRate", read_number(held, "frameRate", 0))
    return Motion(kind, VARIANTS[int(gender)], angles_rad, betas, expression, transl_m, rate_hz)


def note_codec(held: Mapping[str, Any]) -> tuple[str, ...]:
    """What the user is told of an npz of the codec."""
    offsets = held.get("vertexOffsets")
    return (*_NOTES, _OFFSETS_NOTE) if isinstance(offsets, np.ndarray) and offsets.any() else _NOTES


def check_coefficients(key: str, count: int) -> None:
    """Raises RowFault where there are more coefficients than any model has."""
    if count > MOST_COEFFICIENTS:
        raise RowFault(key, f"up to {MOST_COEFFICIENTS} numbers", f"{count}")


def read_number(held: Mapping[str, Any], key: str, default: float) -> float:
    """A number, which may have an axis; `default` where there is none."""
    if not has_value(held, key):
        return default
    shape = (1,) if np.shape(held[key]) == (1,) else ()
    return float(read_column(held, key, shape).reshape(-1)[0])


def check_rate(key: str, rate_hz: float) -> float:
    """The rate of frames, or RowFault where it is none."""
    # Written so that NaN is none.
    if not 1e-3 <= rate_hz <= 1e6:
        raise RowFault(key, "frames a second, 0.001 to 1e+06", f"{rate_hz:g}")
    return rate_hz


def _count_frames(held: Mapping[str, Any], kind: str) -> int:
    """How many frames there are, as the arrays have them: no number alone makes a file long."""
    if not has_value(held, "frameCount"):
        return 1
    claimed = read_number(held, "frameCount", 1)
    for key in (*PARTS[kind], "bodyTranslation"):
        if has_value(held, key):
            found = len(read_column(held, key, *((ANY, *(ANY,) * axes) for axes in (1, 2))))
            if found != claimed or not found:
                raise RowFault(key, f"frameCount rows, {claimed:g}", f"{found}")
            check_frames(found)
            return found
    if claimed != 1:
        raise RowFault("frameCount", "1 in a file without poses", f"{claimed:g}")
    return 1


def pack_codec(motion: Motion) -> bytes:
    """A .smpl file of a motion, whose `transl_m` is in a world with y up; see `read_codec`."""
    number = {name: number for number, name in (*KINDS.items(), *VARIANTS.items())}
    arrays: dict[str, Any] = {
        "codecVersion": np.array(_CODEC_VERSION, np.int32),
        "smplVersion": np.array(number[motion.kind], np.int32),
        "gender": np.array(number[motion.variant], np.int32),
        "frameCount": np.array(len(motion), np.int32),
    }
    first = 0
    for key, joints in PARTS[motion.kind].items():
        arrays[key] = motion.angles_rad[:, first : first + joints].astype(np.float32)
        first += joints
    if not np.isnan(motion.rate_hz):
        arrays["frameRate"] = np.array(motion.rate_hz, np.float32)
    if not np.isnan(motion.transl_m).any():
        arrays["bodyTranslation"] = motion.transl_m.astype(np.float32)
    for key, held in (("shapeParameters", motion.betas), ("expressionParameters", motion.expression)):
        if held.shape[-1]:
            arrays[key] = held.astype(np.float32)
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()
