"""Sequences as Meshcapade's `.mcs` scenes, as `render.fits.formats.motion.mcs` reads them."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from render.fits.motion.codec import pack_codec
from render.fits.motion.tracks import Motion
from render.types.shape_checked import ShapeChecked

EXTENSION = "MC_scene_description"
_NEAR_M = 0.01
_FLOAT = 5126


@dataclass(frozen=True)
class SceneBody:
    """A person of a scene, in frames that follow one another.

    Attributes:
        motion: In a world with y up.
        first_frame: Number of the first of its frames in the scene.
        rows: Of the fit file, the first and the last.
    """

    motion: Motion
    first_frame: int
    rows: tuple[int, int]


@dataclass(frozen=True, repr=False)
class MovingCamera(ShapeChecked):
    """A pinhole in each frame of a scene.

    Attributes:
        size_wh: Width and height of the pictures, pixels.
        focal: x and y, pixels.
        princpt: Principal point, pixels.
        rotation: From the camera's frame, x right, y down, z away, to the scene's, whose y is up.
        position_m: Of the camera in the scene.
    """

    size_wh: tuple[int, int]
    focal: tuple[float, float]
    princpt: tuple[float, float]
    rotation: np.ndarray
    position_m: np.ndarray

    # N frames.
    SHAPES: ClassVar = {"rotation": ("N", 3, 3), "position_m": ("N", 3)}


@dataclass(frozen=True)
class MotionScene:
    """The people of a sequence by their poses.

    Attributes:
        count: How many frames there are.
        rate_hz: Of frames.
        bodies: The people.
        camera: None where there is none that all frames share.
    """

    count: int
    rate_hz: float
    bodies: Sequence[SceneBody]
    camera: MovingCamera | None


def pack_scene(scene: MotionScene) -> bytes:
    """The `.mcs` file of a scene: glTF 2.0 as JSON, with a `.smpl` file of each person.

    Programs that know no such bodies find the camera and its motion. A principal point beside the middle of
    the picture, which glTF cannot say, is in the camera's `extras`.
    """
    tree = _Tree()
    bodies = [
        {
            "frame_presence": [body.first_frame, body.first_frame + len(body.motion)],
            "bufferView": tree.add_view(pack_codec(body.motion)),
            "extras": {"rows": list(body.rows)},
        }
        for body in scene.bodies
    ]
    about = {"num_frames": scene.count, "smpl_bodies": bodies}
    tree.content["scenes"][0]["extensions"] = {EXTENSION: about}
    if scene.camera is not None:
        _add_camera(tree, scene.camera, scene.rate_hz)
    tree.content["buffers"] = [
        {
            "byteLength": len(content),
            "uri": f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}",
        }
        for content in tree.buffers
    ]
    return json.dumps(tree.content, separators=(",", ":")).encode()


class _Tree:
    """A scene's JSON, and the buffers that go into it."""

    def __init__(self) -> None:
        self.buffers: list[bytes] = []
        self.content: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "smpl-render"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"name": "RootNode"}],
            "bufferViews": [],
            "extensionsUsed": [EXTENSION],
        }

    def add_view(self, content: bytes) -> int:
        """The index of a buffer view of its own."""
        views = self.content["bufferViews"]
        views.append({"buffer": len(self.buffers), "byteOffset": 0, "byteLength": len(content)})
        self.buffers.append(content)
        return len(views) - 1

    def add_accessor(self, values: np.ndarray, kind: str) -> int:
        """The index of an accessor of float32 numbers, (N,) or (N, K)."""
        numbers = values.astype(np.float32)
        accessors = self.content.setdefault("accessors", [])
        accessors.append(
            {
                "bufferView": self.add_view(numbers.tobytes()),
                "componentType": _FLOAT,
                "count": len(numbers),
                "type": kind,
                "min": np.atleast_1d(numbers.min(0)).tolist(),
                "max": np.atleast_1d(numbers.max(0)).tolist(),
            }
        )
        return len(accessors) - 1


def _add_camera(tree: _Tree, camera: MovingCamera, rate_hz: float) -> None:
    """The camera and its motion, which is nothing but its first place where it stands still."""
    # Imported here: SciPy takes its time.
    from scipy.spatial.transform import Rotation

    # A camera of glTF looks along -z of its node, with y up.
    turned = camera.rotation @ np.diag([1.0, -1.0, -1.0])
    quaternion = Rotation.from_matrix(turned).as_quat(canonical=True)
    # Neighbours on the same side, or what goes between them would turn the long way round.
    flips = np.cumprod(np.where((quaternion[1:] * quaternion[:-1]).sum(1) < 0, -1.0, 1.0))
    quaternion[1:] *= flips[:, None]
    width, height = camera.size_wh
    (fx, fy), (cx, cy) = camera.focal, camera.princpt
    content = tree.content
    content["nodes"][0]["children"] = [1]
    content["nodes"].append(
        {
            "name": "AnimatedCamera",
            "camera": 0,
            "translation": camera.position_m[0].tolist(),
            "rotation": quaternion[0].tolist(),
        }
    )
    lens = {
        "yfov": 2 * math.atan(0.5 * height / fy),
        "aspectRatio": (width / fx) / (height / fy),
        "znear": _NEAR_M,
    }
    extras = {"width": width, "height": height, "K": [[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]]}
    content["cameras"] = [{"type": "perspective", "perspective": lens, "extras": extras}]
    if (quaternion == quaternion[0]).all() and (camera.position_m == camera.position_m[0]).all():
        return
    times = tree.add_accessor(np.arange(len(quaternion)) / rate_hz, "SCALAR")
    tracks = {"translation": (camera.position_m, "VEC3"), "rotation": (quaternion, "VEC4")}
    content["animations"] = [
        {
            "channels": [
                {"sampler": k, "target": {"node": 1, "path": path}} for k, path in enumerate(tracks)
            ],
            "samplers": [
                {"input": times, "interpolation": "LINEAR", "output": tree.add_accessor(values, kind)}
                for values, kind in tracks.values()
            ],
        }
    ]
