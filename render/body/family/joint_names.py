"""Names of the joints of SMPL's family, as smplx's `joint_names` has them."""

from __future__ import annotations

BODY_22 = (
    *("pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2"),
    *("left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck"),
    *("left_collar", "right_collar", "head", "left_shoulder", "right_shoulder"),
    *("left_elbow", "right_elbow", "left_wrist", "right_wrist"),
)
_HAND = tuple(f"{finger}{i}" for finger in ("index", "middle", "pinky", "ring", "thumb") for i in (1, 2, 3))
HANDS_30 = tuple(f"{side}_{joint}" for side in ("left", "right") for joint in _HAND)

SMPL_24 = (*BODY_22, "left_hand", "right_hand")
SMPLH_52 = (*BODY_22, *HANDS_30)
# The eyes' own joints; without the ending they are points on the eyes' surface.
SMPLX_55 = (*BODY_22, "jaw", "left_eye_smplhf", "right_eye_smplhf", *HANDS_30)
# A file does not say whether it is of a left or a right hand.
MANO_16 = ("wrist", *_HAND)
FLAME_5 = ("root", "neck", "jaw", "left_eye", "right_eye")

# Points on the surface: of the face, of the feet, and the finger tips.
TIPS_5 = ("thumb", "index", "middle", "ring", "pinky")
SURFACE_21 = (
    *("nose", "right_eye", "left_eye", "right_ear", "left_ear"),
    *("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel"),
    *(f"{side}_{tip}" for side in ("left", "right") for tip in TIPS_5),
)
# Of iBUG's 68 facial landmarks those within the face, in their order.
FACE_51 = (
    *(f"right_eye_brow{i}" for i in (1, 2, 3, 4, 5)),
    *(f"left_eye_brow{i}" for i in (5, 4, 3, 2, 1)),
    *("nose1", "nose2", "nose3", "nose4"),
    *("right_nose_2", "right_nose_1", "nose_middle", "left_nose_1", "left_nose_2"),
    *(f"right_eye{i}" for i in (1, 2, 3, 4, 5, 6)),
    *(f"left_eye{i}" for i in (4, 3, 2, 1, 6, 5)),
    *("right_mouth_1", "right_mouth_2", "right_mouth_3", "mouth_top"),
    *("left_mouth_3", "left_mouth_2", "left_mouth_1", "left_mouth_5", "left_mouth_4"),
    *("mouth_bottom", "right_mouth_4", "right_mouth_5"),
    *("right_lip_1", "right_lip_2", "lip_top", "left_lip_2", "left_lip_1", "left_lip_3"),
    *("lip_bottom", "right_lip_3"),
)
