"""What a run of labels leaves behind, and fits under a pinhole for it."""

import json
from pathlib import Path

import cv2
import numpy as np
import pycocotools.mask
from scipy.spatial.transform import Rotation

from tests.helpers.small_set import SmallSet

FOCAL_PX = 200.0


def read_sidecar(out: Path, row: int) -> dict:
    """Of the product whose first person has the row."""
    return json.loads(next(out.rglob(f"*_{row}.json")).read_text())


def read_layer(out: Path, row: int, layer: str) -> np.ndarray:
    """A PNG of that product, channels in the layer's order."""
    return cv2.imread(str(next(out.rglob(f"*_{row}.{layer}.png"))), cv2.IMREAD_UNCHANGED)


def read_mask(segmentation: dict) -> np.ndarray:
    """(H, W) bool of COCO's run lengths."""
    return pycocotools.mask.decode(segmentation).astype(bool)


def save_pinhole_fits(path: Path, small: SmallSet, away_m: list[float]) -> None:
    """The people of the first entries of a set under a pinhole, as CameraHMR has them; so far away each."""
    entries = small.entries[: len(away_m)]
    rotmat = np.array([entry["parm_pose"] for entry in entries]).reshape(-1, 3, 3)
    camera = np.array([[FOCAL_PX, 0, 80], [0, FOCAL_PX, 60], [0, 0, 1]])
    np.savez(
        path,
        imgname=np.array([entry["imageName"] for entry in entries]),
        pose_cam=Rotation.from_matrix(rotmat).as_rotvec().reshape(len(entries), 72),
        shape=np.zeros((len(entries), 10)),
        trans_cam=np.column_stack([np.zeros((len(entries), 2)), away_m]),
        cam_int=np.tile(camera, (len(entries), 1, 1)),
    )
