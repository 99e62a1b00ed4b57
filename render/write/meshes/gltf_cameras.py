"""Cameras of photos as glTF has them: it looks along -z of its node, with y up."""

from __future__ import annotations

import math
from typing import Any

from render.types.meshes import SceneCamera

# Nothing that is nearer is ever of interest.
_NEAR_M = 0.01
# An orthographic camera needs a far end. Bodies of weak perspective are 10 m off.
_FAR_M = 1000.0


def add_cameras(tree: dict[str, Any], cameras: tuple[SceneCamera, ...]) -> None:
    """Adds cameras and their nodes, which are at the origin, to the JSON of a scene."""
    if not cameras:
        return
    tree["cameras"] = [describe_camera(camera) for camera in cameras]
    for k in range(len(cameras)):
        tree["scenes"][0]["nodes"].append(len(tree["nodes"]))
        name = "camera" if len(cameras) == 1 else f"camera_{k}"
        tree["nodes"].append({"name": name, "camera": k})


def describe_camera(camera: SceneCamera) -> dict[str, Any]:
    """A camera as an item of `cameras`.

    A pinhole's field of view knows no principal point beside the middle of the picture, so all of it is in
    `extras` too: K of OpenCV, and the photo's size.
    """
    width, height = camera.size_wh
    extras: dict[str, Any] = {"width": width, "height": height}
    if camera.scale is not None:
        # Half of what is seen, in metres.
        sides = {"xmag": 0.5 * width / camera.scale, "ymag": 0.5 * height / camera.scale}
        lens = {**sides, "znear": _NEAR_M, "zfar": _FAR_M}
        extras["pixels_per_metre"] = camera.scale
        return {"type": "orthographic", "orthographic": lens, "extras": extras}
    assert camera.focal is not None
    assert camera.princpt is not None
    (fx, fy), (cx, cy) = camera.focal, camera.princpt
    lens = {
        "yfov": 2 * math.atan(0.5 * height / fy),
        # That of the fields of view, which is the picture's where both focal lengths are one.
        "aspectRatio": (width / fx) / (height / fy),
        "znear": _NEAR_M,
    }
    extras["K"] = [[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]]
    return {"type": "perspective", "perspective": lens, "extras": extras}
