"""The moving camera of a data set's sequence: one matrix of intrinsics, and extrinsics of each frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from render.containers.columns import ANY, read_column
from render.containers.json_values import RowFault
from render.fits.image_paths import ImageDir, relative_name


class DatasetCamera(NamedTuple):
    """An OpenCV pinhole in pixels over F frames.

    Attributes:
        focal_px: (2,) x and y.
        center_px: (2,) principal point.
        rotation: (F, 3, 3) from the world to the camera's frame.
        transl_m: (F, 3) added after it.
    """

    focal_px: np.ndarray
    center_px: np.ndarray
    rotation: np.ndarray
    transl_m: np.ndarray


def read_dataset_camera(held: Mapping[str, Any], intrinsics: str, extrinsics: str) -> DatasetCamera:
    """The camera of a sequence.

    Args:
        held: What the file holds of it.
        intrinsics: Key of a matrix (3, 3).
        extrinsics: Key of matrices (F, 4, 4) from the world to the camera's frame.

    Raises:
        RowFault: There are other arrays, or the matrix is none of a pinhole.
    """
    matrix = read_column(held, intrinsics, (3, 3)).astype(np.float64)
    others = matrix[(0, 1, 2, 2), (1, 0, 0, 1)]
    if others.any() or matrix[2, 2] != 1:
        expected = "a camera matrix fx 0 cx, 0 fy cy, 0 0 1"
        raise RowFault(intrinsics, expected, str(matrix.tolist()))
    poses = read_column(held, extrinsics, (ANY, 4, 4)).astype(np.float64)
    if not len(poses):
        raise RowFault(extrinsics, "a matrix for each frame", "none")
    return DatasetCamera(matrix[(0, 1), (0, 1)], matrix[:2, 2], poses[:, :3, :3], poses[:, :3, 3])


def name_photos(pattern: str, frames: np.ndarray, image_dir: ImageDir) -> list[str]:
    """The photos of frames, as they lie below the image folder.

    Args:
        pattern: Path of a photo in the data set, with `%` for its number.
        frames: Numbers of the photos.
        image_dir: The folder of the photos, where it is known: of the data set, or one of those below it.
    """
    if not len(frames):
        return []
    # Where the first one lies, there are all.
    first = pattern % int(frames[0])
    found = relative_name(first, image_dir)
    skipped = len(first) - len(found) if first.endswith(found) else 0
    return [(pattern % frame)[skipped:] for frame in frames.tolist()]
