"""A small set of sequences: somebody who moves through the frames of a folder, or of a video."""

import json
from pathlib import Path

import cv2
import numpy as np

from tests.helpers.small_set import SHRINK, SmallSet

WIDTH, HEIGHT = 160, 120


def make_motion_set(demo_fit_file: Path, folder: Path, sequences: dict[str, tuple[int, range]]) -> SmallSet:
    """Sequences of one person who moves to the right, each with its own photos.

    Args:
        demo_fit_file: Of the demo set, whose first person it is.
        folder: Where the set goes.
        sequences: By name how many frames there are, and on which of them the person is.
    """
    (first, *_) = json.loads(demo_fit_file.read_text())["data"]
    entries = []
    for name, (count, there) in sequences.items():
        images = folder / "images" / name
        images.mkdir(parents=True)
        for k in range(count):
            cv2.imwrite(str(images / f"{k:04d}.png"), make_frame(k))
        entries += [move(first, f"{name}/{k:04d}.png", k) for k in there]
    fit_file = folder / "fits.json"
    settings = ["dataset=eft", f"dataset.fit_file={fit_file}", f"dataset.image_dir={folder / 'images'}"]
    made = SmallSet(fit_file, folder / "images", entries, [*settings, "body=demo", "device=cpu", "threads=2"])
    made.save()
    return made


def move(entry: dict, image_name: str, k: int) -> dict:
    """The entry of frame k."""
    x, y = (value / SHRINK for value in entry["bbox_center"])
    return {
        **entry,
        "imageName": image_name,
        "bbox_center": [x + 2 * k, y],
        "bbox_scale": entry["bbox_scale"] / SHRINK,
        "gt_keypoint_2d": [[0, 0, 0]] * len(entry["gt_keypoint_2d"]),
    }


def make_frame(k: int) -> np.ndarray:
    """(H, W, 3) uint8: a picture that tells which one it is."""
    row = np.linspace(0, 255, WIDTH) + 3 * k
    return np.repeat(np.tile(row[:, None] % 256, (HEIGHT, 1, 1)), 3, 2).astype(np.uint8)
