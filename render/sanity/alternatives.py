"""The usual mistakes with cameras and bodies of this field, and what is said of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from render.review.camera_mistakes import FOCAL_LENGTH, PHOTO_SIZE, PRINCIPAL_POINT, CameraMistake
from render.sanity.placed import Placed
from render.sanity.undo import (
    add_after_scaling,
    add_before_scaling,
    count_from_corner,
    count_from_middle,
    leave_crop,
    leave_scaled_crop,
    move,
    rescale_focal,
    rescale_picture,
    shrink_points,
    shrink_transl,
    swap_shift,
    turn_frame,
    turn_points,
)

# Sides of the crops that networks of this field look at, px.
CROP_SIDES_PX = (224.0, 256.0)

_OPENGL = np.array([1.0, -1.0, -1.0])
_PYTORCH3D = np.array([-1.0, -1.0, 1.0])


class Alternative(NamedTuple):
    """A mistake, undone.

    Attributes:
        name: Of the mistake, for who asks for it by name.
        condition: Ends the sentence "it would be 4 px if"; {factor} is what is fitted.
        advice: What is likely, and what to do.
        axes: The frame that the file has where it was read as OpenCV's, or the reverse, a word of the option
            `axes`; empty where that does not help.
        apply: Undoes it. It takes the joints on the photo too, (M, K, 2), which few need.
    """

    name: str
    condition: str
    advice: str
    axes: str
    apply: Callable[[Placed, np.ndarray], Placed]


def _alone(undo: Callable[..., Placed], *args: Any) -> Callable[[Placed, np.ndarray], Placed]:
    """One that needs no joints on the photo."""
    return lambda placed, _: undo(placed, *args)


_AXES = "the axes are most likely those of another frame"
_TURN = "y and z of the bodies were negated"
_TURN_ALL = "y and z of bodies and translations were negated"
_CROP = "the camera is most likely that of the crop and not of the whole photo"
_FULL = "give the camera of the whole photo, or the crop's camera with its box"
_UNITS = "most likely not in metres"
_BODIES = "divide the vertices before they are written"
_TRANSL = "divide the translations before they are written"


def _as_audits_do(mistake: CameraMistake) -> str:
    return f"it is most likely the {mistake.name}. {mistake.advice.rstrip('.')}"


# Of two that explain the same, the first is named.
ALTERNATIVES = (
    Alternative(
        "flipped",
        _TURN,
        f"{_AXES}, with y up as in OpenGL",
        "opengl",
        _alone(turn_points, _OPENGL),
    ),
    Alternative(
        "flipped_frame",
        _TURN_ALL,
        f"{_AXES}, with y up as in OpenGL",
        "opengl",
        _alone(turn_frame, _OPENGL),
    ),
    Alternative(
        "turned",
        "x and y of the bodies were negated",
        f"{_AXES}, with x left and y up as in PyTorch3D",
        "pytorch3d",
        _alone(turn_points, _PYTORCH3D),
    ),
    Alternative(
        "turned_frame",
        "x and y of bodies and translations were negated",
        f"{_AXES}, with x left and y up as in PyTorch3D",
        "pytorch3d",
        _alone(turn_frame, _PYTORCH3D),
    ),
    *(
        Alternative(
            f"{name}_bodies",
            f"the bodies were {factor:.0f} times smaller",
            f"they are {_UNITS} but in {unit}; {_BODIES}",
            "",
            _alone(shrink_points, factor),
        )
        for name, unit, factor in (("cm", "centimetres", 100.0), ("mm", "millimetres", 1000.0))
    ),
    *(
        Alternative(
            f"{name}_transl",
            f"the translations were {factor:.0f} times shorter",
            f"they are {_UNITS} but in {unit}; {_TRANSL}",
            "",
            _alone(shrink_transl, factor),
        )
        for name, unit, factor in (("cm", "centimetres", 100.0), ("mm", "millimetres", 1000.0))
    ),
    *(
        Alternative(
            f"crop{side:.0f}",
            f"the camera were that of a crop of {side:.0f} px",
            f"{_CROP}; {_FULL}",
            "",
            _alone(leave_crop, side),
        )
        for side in CROP_SIDES_PX
    ),
    Alternative(
        "crop_transl",
        "the translations were those of the crop",
        "they most likely do not belong to the focal length of the whole photo, as pred_cam_t of 4D-Humans "
        "does not; give those of the whole photo, such as pred_cam_t_full",
        "",
        _alone(leave_scaled_crop),
    ),
    Alternative(
        "before",
        "the camera were s (X + t) and not s X + t",
        "it is most likely written as SPIN, VIBE and PARE do it, not as EFT and ROMP do; check "
        "dataset.format, or multiply tx and ty by s before they are written",
        "",
        _alone(add_before_scaling),
    ),
    Alternative(
        "after",
        "the camera were s X + t and not s (X + t)",
        "it is most likely written as EFT and ROMP do it, not as SPIN, VIBE and PARE do; check "
        "dataset.format, or divide tx and ty by s before they are written",
        "",
        _alone(add_after_scaling),
    ),
    Alternative(
        "swapped",
        "x and y of the translations were exchanged",
        "they are most likely in the order ty, tx, as BEV's cam has them; exchange them before they are "
        "written",
        "",
        _alone(swap_shift),
    ),
    Alternative(
        "from_middle",
        "the principal point counted from the middle of the photo and not from its corner",
        _as_audits_do(PRINCIPAL_POINT),
        "",
        _alone(count_from_middle),
    ),
    Alternative(
        "from_corner",
        "the principal point counted from the corner of the photo and not from its middle",
        _as_audits_do(PRINCIPAL_POINT),
        "",
        _alone(count_from_corner),
    ),
    Alternative(
        "refocused",
        "the focal length were multiplied by {factor:.2f}",
        _as_audits_do(FOCAL_LENGTH),
        "",
        rescale_focal,
    ),
    Alternative(
        "rescaled",
        "what the camera places in the photo were multiplied by {factor:.2f}, as if it had been resized",
        _as_audits_do(PHOTO_SIZE),
        "",
        rescale_picture,
    ),
)
# With so many free numbers it explains more than it should: it is asked last.
LAST_ALTERNATIVE = Alternative(
    "moved",
    "the bodies were elsewhere",
    "a part of their translation is most likely missing, such as the one in cam_ext of BEDLAM's and AGORA's "
    "labels, or is of another camera",
    "",
    move,
)
