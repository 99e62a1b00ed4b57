"""Files of motion in the layouts of the programs and data sets that write them, filled at random."""

import base64
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from render.types.fits import Fits

FRAMES = 6


class Hostile:
    """Makes a folder where a pickle of it is loaded as Python does it.

    Args:
        path: Of the folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self._path),)


def make_amass(numbers: int = 156, frames: int = FRAMES) -> dict[str, Any]:
    """AMASS's, of SMPL-H or, with 165 numbers, of SMPL-X; nobody stands upright in it."""
    rng = np.random.default_rng(numbers)
    rate = {"mocap_framerate": np.array(120.0)} if numbers == 156 else {"mocap_frame_rate": np.array(100.0)}
    return rate | {
        "poses": rng.normal(0, 0.5, (frames, numbers)),
        "trans": rng.normal((0, 0, 1), 0.3, (frames, 3)),
        "betas": rng.normal(0, 1, 16),
        "dmpls": rng.normal(0, 1, (frames, 8)),
        "gender": np.array("female"),
    }


def make_codec(version: int = 2, frames: int = FRAMES, seed: int = 0) -> dict[str, Any]:
    """A .smpl's arrays: SMPL, SMPL-H or SMPL-X."""
    rng = np.random.default_rng(seed)
    joints = {
        0: {"bodyPose": 24},
        1: {"bodyPose": 22, "leftHandPose": 15, "rightHandPose": 15},
        2: {"bodyPose": 22, "headPose": 3, "leftHandPose": 15, "rightHandPose": 15},
    }[version]
    held: dict[str, Any] = {
        "codecVersion": np.int32(2),
        "smplVersion": np.int32(version),
        "gender": np.int32(1),
        "shapeParameters": rng.normal(0, 1, 10).astype(np.float32),
        "frameCount": np.int32(frames),
        "frameRate": np.float32(29.97),
        "bodyTranslation": rng.normal((0, 1, 0), 0.3, (frames, 3)).astype(np.float32),
        "expressionParameters": rng.normal(0, 1, (frames, 10)).astype(np.float32),
    }
    for key, count in joints.items():
        held[key] = rng.normal(0, 0.5, (frames, count, 3)).astype(np.float32)
    return held


def make_cameras(frames: int = FRAMES) -> tuple[np.ndarray, np.ndarray]:
    """Rotations and translations from a world to a camera before which its middle is."""
    rng = np.random.default_rng(9)
    return Rotation.random(frames, rng=rng).as_matrix(), rng.normal((0, 0, 5), 0.2, (frames, 3))


def make_scene(bodies: list[tuple[dict[str, Any], list[int]]], total: int) -> dict[str, Any]:
    """A .mcs scene of `.smpl` arrays and their frames, with the camera of `make_cameras` in each frame."""
    rotation, transl = make_cameras(total)
    # glTF's camera looks along -z of its node, with y up.
    quaternion = Rotation.from_matrix(rotation.transpose(0, 2, 1) @ np.diag([1, -1, -1])).as_quat()
    position = -np.einsum("fji,fj->fi", rotation, transl)
    contents = []
    for held, _ in bodies:
        packed = io.BytesIO()
        np.savez_compressed(packed, **held)
        contents.append(packed.getvalue())
    tracks = [np.arange(total) / 30, position, quaternion]
    contents += [np.asarray(track, np.float32).tobytes() for track in tracks]
    first = len(bodies)
    return {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [
            {
                "nodes": [0],
                "extensions": {
                    "MC_scene_description": {
                        "num_frames": total,
                        "smpl_bodies": [
                            {"frame_presence": presence, "bufferView": i}
                            for i, (_, presence) in enumerate(bodies)
                        ],
                    }
                },
            }
        ],
        "nodes": [
            {"name": "RootNode", "children": [1]},
            {"camera": 0, "translation": [0, 0, 0], "rotation": [0, 0, 0, 1]},
        ],
        "cameras": [{"type": "perspective", "perspective": {"yfov": 0.8, "aspectRatio": 1.5, "znear": 0.01}}],
        "buffers": [{"byteLength": len(content), "uri": to_uri(content)} for content in contents],
        "bufferViews": [
            {"buffer": i, "byteOffset": 0, "byteLength": len(content)} for i, content in enumerate(contents)
        ],
        "accessors": [
            {"bufferView": first + i, "componentType": 5126, "count": total, "type": kind}
            for i, kind in enumerate(("SCALAR", "VEC3", "VEC4"))
        ],
        "animations": [
            {
                "channels": [
                    {"sampler": 0, "target": {"node": 1, "path": "translation"}},
                    {"sampler": 1, "target": {"node": 1, "path": "rotation"}},
                ],
                "samplers": [
                    {"input": 0, "interpolation": "LINEAR", "output": 1},
                    {"input": 0, "interpolation": "LINEAR", "output": 2},
                ],
            }
        ],
        "extensionsUsed": ["MC_scene_description"],
    }


def to_uri(content: bytes) -> str:
    """A buffer inside of a glTF file."""
    return f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}"


def save_npz(path: Path, held: dict[str, Any]) -> Path:
    """An npz, whatever its name ends with."""
    with open(path, "wb") as file:
        np.savez_compressed(file, **held)
    return path


def save_json(path: Path, held: Any) -> Path:
    """JSON."""
    path.write_text(json.dumps(held))
    return path


def find_in_world(fits: Fits, points_m: np.ndarray) -> np.ndarray:
    """Points of posed bodies (N, P, 3) in the world, by the columns of `Fits`."""
    seen = np.einsum("nij,npj->npi", fits.rotation, points_m)
    return np.einsum("nij,npj->npi", fits.world_rotation, seen) + fits.world_m[:, None]


def make_3dpw(frames: int = FRAMES) -> dict[str, Any]:
    """A sequence of 3DPW's with two people."""
    rng = np.random.default_rng(5)
    rotation, transl = make_cameras(frames)
    extrinsics = np.tile(np.eye(4), (frames, 1, 1))
    extrinsics[:, :3, :3], extrinsics[:, :3, 3] = rotation, transl
    return {
        "sequence": "courtyard_hug_00",
        "genders": ["m", "f"],
        "poses": [rng.normal(0, 0.5, (frames, 72)) for _ in range(2)],
        "trans": [rng.normal(0, 0.3, (frames, 3)) for _ in range(2)],
        "betas": [rng.normal(0, 1, 10) for _ in range(2)],
        "poses2d": [rng.uniform(0, 1000, (frames, 3, 18)) for _ in range(2)],
        "campose_valid": [np.ones(frames, np.int64) for _ in range(2)],
        "cam_poses": extrinsics,
        "cam_intrinsics": np.array([[1900.0, 0, 540], [0, 1910, 960], [0, 0, 1]]),
        "img_frame_ids": np.arange(frames),
        "poses_60Hz": [rng.normal(0, 0.5, (2 * frames, 72)) for _ in range(2)],
        "texture_maps": [None, None],
    }


def make_emdb(frames: int = FRAMES) -> dict[str, Any]:
    """A sequence of EMDB's."""
    rng = np.random.default_rng(6)
    held = make_3dpw(frames)
    corners = rng.uniform(0, 500, (frames, 2))
    return {
        "gender": "female",
        "name": "P0_09_outdoor_walk",
        "emdb1": True,
        "emdb2": False,
        "n_frames": frames,
        "good_frames_mask": np.ones(frames, bool),
        "camera": {
            "intrinsics": held["cam_intrinsics"],
            "extrinsics": held["cam_poses"],
            "width": 1440,
            "height": 1920,
        },
        "smpl": {
            "poses_root": held["poses"][0][:, :3],
            "poses_body": held["poses"][0][:, 3:],
            "trans": held["trans"][0],
            "betas": held["betas"][0],
        },
        "kp2d": rng.uniform(0, 1000, (frames, 24, 2)),
        "bboxes": {
            "bboxes": np.hstack([corners, np.add(corners, [100, 300])]),
            "invalid_idxs": np.zeros(0, np.int64),
        },
    }
