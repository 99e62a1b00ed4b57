"""One entry of an EFT fit file for a person of a demo photo."""

from __future__ import annotations

import numpy as np

from render.demo.people.figure import Figure
from render.demo.people.keypoints import make_keypoints
from render.demo.view import fit_crop_camera


def make_fit_entry(
    rng: np.random.Generator, photo: int, person: int, figure: Figure, hw: tuple[int, int]
) -> dict:
    """The fit of one person, whose camera is solved from where the person was drawn.

    Args:
        rng: For the fractions of the crop's corner.
        photo: The photo's number.
        person: The person's number in the photo.
        figure: The person as drawn.
        hw: Height and width of the photo.

    Returns:
        An entry of "data".
    """
    place = figure.place
    rotmat = figure.actor.pose_rotmat.astype(np.float64)
    rotmat[0] = place.to_picture @ rotmat[0]
    # SMPL turns about the pelvis, so the origin of the turned body is not the scene's.
    pelvis = figure.joints_m[0] + figure.floor_m
    origin_m = place.to_picture @ figure.joints_m[0] - pelvis
    origin_px = origin_m[:2] * place.px_per_m + (place.x_px, place.floor_px)
    # Of the whole body, also where the photo's border cuts it.
    box_px = np.append(figure.verts_px[:, :2].min(0), figure.verts_px[:, :2].max(0))
    camera = fit_crop_camera(rng, box_px, place.px_per_m, origin_px)
    keypoints, validity = make_keypoints(place.project(figure.joints_m), hw)
    return {
        # Eight decimals are about what float32 holds; more would only make the file longer.
        "parm_pose": rotmat.round(8).tolist(),
        "parm_shape": figure.actor.betas.astype(np.float64).round(8).tolist(),
        "parm_cam": list(camera.cam),
        "bbox_scale": camera.bbox_scale,
        "bbox_center": list(camera.center_px),
        "joint_validity_openpose18": validity.tolist(),
        "gt_keypoint_2d": keypoints.round(3).tolist(),
        "smpltype": "smpl",
        # A photo has fewer than ten people, so the numbers are unique in the set.
        "annotId": 10 * photo + person + 1,
        "imageName": f"demo_{photo:06d}.jpg",
        "subjectId": person,
    }
