"""Points on faces of the mesh that count as joints, as SMPL-X has them in the face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from render.body.stored_array import StoredArray, check_stored, read_floats

LANDMARK_KEYS = ("lmk_faces_idx", "lmk_bary_coords")


@dataclass(frozen=True)
class Landmarks:
    """Points on faces.

    Attributes:
        verts: The vertices of the face that each is on (L, 3), int64.
        bary: Its barycentric coordinates there (L, 3), float32.
    """

    verts: np.ndarray
    bary: np.ndarray


NO_LANDMARKS = Landmarks(np.zeros((0, 3), np.int64), np.zeros((0, 3), np.float32))


def read_landmarks(arrays: Mapping[str, StoredArray], faces: np.ndarray, count: int) -> Landmarks:
    """Reads the landmarks of a model; none where a file does without them.

    Args:
        arrays: Of the file.
        faces: Vertex indices (F, 3).
        count: How many there are to be, L.

    Raises:
        ValueError: An array has another shape or numbers that cannot be; the message names its key.
    """
    if not count or not all(key in arrays for key in LANDMARK_KEYS):
        return NO_LANDMARKS
    face_key, bary_key = LANDMARK_KEYS
    check_stored(face_key, arrays[face_key], (count,), "integers")
    check_stored(bary_key, arrays[bary_key], (count, 3), "numbers")
    face = arrays[face_key].read(np.int64)
    if face.min() < 0 or face.max() >= len(faces):
        raise ValueError(
            f"{face_key}: expected indices of {len(faces)} faces, found {face.min()} to {face.max()}"
        )
    return Landmarks(faces[face], read_floats(arrays, bary_key))
