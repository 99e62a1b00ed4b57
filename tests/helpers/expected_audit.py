"""The numbers of an audit of EFT's fits, computed person by person by other means.

Bodies are smplx's, areas are trimesh's, masks are OpenCV's.
"""

from dataclasses import dataclass
from math import dist
from statistics import mean, median

import cv2
import numpy as np
import torch
import trimesh

from render.body.model_file import read_model_file
from render.fits.joint_orders import SPIN_49
from tests.helpers.eft_columns import place_crop
from tests.helpers.smplx_oracle import make_smplx

Point = tuple[float, float]
# Masks are drawn so many times larger: OpenCV fills all that the line around a face touches.
FINER = 4


@dataclass
class Seen:
    """A person as the photo shows it."""

    verts_m: np.ndarray
    faces: np.ndarray
    verts_px: np.ndarray
    joints_m: dict[str, np.ndarray]
    joints_px: dict[str, Point]
    marks_px: dict[str, Point]
    px_per_m: float
    crop_px: tuple[float, float, float]
    photo_hw: tuple[int, int]


def see_people(entries: list[dict], photos_hw: list[tuple[int, int]], body_file, joint_names) -> list[Seen]:
    """Poses the people of an EFT file and projects them by its formula."""
    model = make_smplx(read_model_file(body_file))
    rotmat = torch.tensor([entry["parm_pose"] for entry in entries], dtype=torch.float32)
    betas = torch.tensor([entry["parm_shape"] for entry in entries], dtype=torch.float32)
    with torch.inference_mode():
        posed = model(betas=betas, global_orient=rotmat[:, :1], body_pose=rotmat[:, 1:], pose2rot=False)
    people = []
    for entry, photo_hw, verts_m, joints_m in zip(
        entries, photos_hw, posed.vertices.numpy(), posed.joints.numpy(), strict=True
    ):
        placed = place_crop(entry["bbox_center"], entry["bbox_scale"], entry["parm_cam"])
        scale, origin = float(placed["scale"]), placed["origin"]
        joints_px = (origin + scale * joints_m[:, :2]).tolist()
        marks: dict[str, Point] = {}
        for name, (x, y, confidence) in zip(SPIN_49, entry["gt_keypoint_2d"], strict=True):
            if confidence > 0:
                marks.setdefault(name, (x, y))
        people.append(
            Seen(
                verts_m=verts_m,
                faces=model.faces.astype(int),
                verts_px=origin + scale * verts_m[:, :2],
                joints_m=dict(zip(joint_names, joints_m, strict=True)),
                joints_px=dict(zip(joint_names, joints_px, strict=True)),
                marks_px=marks,
                px_per_m=scale,
                crop_px=tuple(placed["box_px"].tolist()),
                photo_hw=photo_hw,
            )
        )
    return people


def expect_alone(seen: Seen, coco_box: list[float]) -> dict[str, float]:
    """What needs nobody else; COCO's box is left, top, width and height."""
    height, width = seen.photo_hw
    areas = trimesh.Trimesh(seen.verts_m, seen.faces, process=False).area_faces
    # The share of each vertex, summed over those that are outside.
    of_verts = np.bincount(seen.faces.ravel(), np.repeat(areas / 3, 3), len(seen.verts_m))
    is_outside = [not (0 <= x < width and 0 <= y < height) for x, y in seen.verts_px.tolist()]
    (left, top), (right, bottom) = seen.verts_px.min(0), seen.verts_px.max(0)
    body = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
    x, y, side = seen.crop_px
    crop = (x, y, x + side, y + side)
    x, y, w, h = coco_box
    shared = _overlap(body, (x, y, x + w, y + h))
    limbs = 0.0
    for start, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")):
        limbs += mean(
            dist(seen.joints_m[f"{one}_{start}"], seen.joints_m[f"{one}_{end}"]) for one in ("left", "right")
        )
    names = sorted(seen.joints_px.keys() & seen.marks_px.keys())
    spreads = [
        np.var([points[name] for name in names], axis=0).sum() for points in (seen.joints_px, seen.marks_px)
    ]
    exchanged = {_exchange_side(name): point for name, point in seen.joints_px.items()}
    own = _error(seen.joints_px, seen.marks_px)
    return {
        "reprojection": own,
        "outside": of_verts[is_outside].sum() / areas.sum(),
        "drawn_height": bottom - top,
        "box_iou": shared / (_overlap(body, body) + w * h - shared),
        "crop_inside": _overlap(body, crop) / _overlap(body, body),
        "crop_fill": max(body[2] - body[0], body[3] - body[1]) / side,
        "limbs_m": limbs,
        "px_per_m": seen.px_per_m,
        "size_share": (spreads[0] / spreads[1]) ** 0.5,
        "sides_gain": max(own, 0.01) / max(_error(exchanged, seen.marks_px), 0.01),
    }


def expect_beside(seen: Seen, others: list[Seen]) -> dict[str, float]:
    """What is found beside the other people of the image."""
    own = max(_error(seen.joints_px, seen.marks_px), 0.01)
    best = max(min(_error(seen.joints_px, other.marks_px) for other in others), 0.01)
    laid_own = max(_error(_lay_over(seen, seen), seen.marks_px), 0.01)
    laid_best = max(min(_error(_lay_over(seen, other), other.marks_px) for other in others), 0.01)
    nearest = min(_distance(seen, other) for other in others)
    (at,) = (other for other in others if _distance(seen, other) == nearest)
    iou = 0.0
    if _overlap(*(np.concatenate([one.verts_px.min(0), one.verts_px.max(0)]) for one in (seen, at))):
        masks = _draw(seen), _draw(at)
        iou = (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()
    return {
        "depth_share": median(other.px_per_m for other in others) / seen.px_per_m,
        "swap_gain": own / best,
        "pose_swap_gain": laid_own / laid_best,
        "double_distance": nearest,
        "double_iou": iou,
        "double": max(0, 1 - nearest / 0.2) * min(1, 2 * iou),
    }


def _error(joints_px: dict[str, Point], marks_px: dict[str, Point]) -> float:
    size = max(np.ptp(list(marks_px.values()), axis=0))
    return mean(dist(joints_px[name], marks_px[name]) for name in joints_px.keys() & marks_px.keys()) / size


def _lay_over(seen: Seen, other: Seen) -> dict[str, Point]:
    """The joints, moved and scaled onto the keypoints of another."""
    names = sorted(seen.joints_px.keys() & other.marks_px.keys())
    drawn = np.array([seen.joints_px[name] for name in names])
    marked = np.array([other.marks_px[name] for name in names])
    scale = (np.var(marked, axis=0).sum() / np.var(drawn, axis=0).sum()) ** 0.5
    laid = scale * (drawn - drawn.mean(0)) + marked.mean(0)
    return dict(zip(names, laid.tolist(), strict=True))


def _distance(one: Seen, other: Seen) -> float:
    size = min(max(np.ptp(seen.verts_px, axis=0)) for seen in (one, other))
    return mean(dist(point, other.joints_px[name]) for name, point in one.joints_px.items()) / size


def _draw(seen: Seen) -> np.ndarray:
    height, width = seen.photo_hw
    mask = np.zeros((FINER * height, FINER * width), np.uint8)
    for corners in np.round(FINER * seen.verts_px - 0.5).astype(np.int32)[seen.faces]:
        cv2.fillConvexPoly(mask, corners, 1)
    return mask > 0


def _overlap(a, b) -> float:
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def _exchange_side(name: str) -> str:
    sides = {"left": "right", "right": "left"}
    return "_".join(sides.get(word, word) for word in name.split("_"))
