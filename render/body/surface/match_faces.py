"""Which face of a body is which of a file that has the same faces in another order."""

from __future__ import annotations

import numpy as np

# Of the vertices of a face in a key: neither files nor bodies have more.
_BITS = 21


def match_faces(corners: np.ndarray, body_faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finds each face of the body among those of a file, by its vertices.

    Args:
        corners: (F, 3) int64 vertices of the file's faces.
        body_faces: (F, 3) int64 of the body.

    Returns:
        The file's row of each face of the body (F,), and the corner of that row that each corner of the face
        is (F, 3). Faces may be turned or mirrored; of two with the same vertices the first is the first.

    Raises:
        ValueError: They are not the same faces; the message is one sentence.
    """
    if np.array_equal(corners, body_faces):
        return np.arange(len(corners)), np.broadcast_to(np.arange(3), corners.shape)
    if corners.size and not (corners.min() >= 0 and corners.max() < 1 << _BITS):
        raise ValueError(f"its faces have vertices from {corners.min()} to {corners.max()}")
    known, wanted = _make_keys(corners), _make_keys(body_faces)
    by_known, by_wanted = np.argsort(known, kind="stable"), np.argsort(wanted, kind="stable")
    strangers = np.flatnonzero(~np.isin(known, wanted))
    if len(strangers):
        first = strangers[0]
        raise ValueError(
            f"{len(strangers)} of its {len(corners)} faces are no faces of the body, the first is face "
            f"{first} with the vertices {corners[first].tolist()}"
        )
    if not np.array_equal(known[by_known], wanted[by_wanted]):
        raise ValueError("it has some faces of the body more than once, and others not at all")
    row = np.empty(len(corners), np.int64)
    row[by_wanted] = by_known
    # The first of equal ones: of a face that has a vertex twice, both corners are in one place.
    order = (corners[row][:, None, :] == body_faces[:, :, None]).argmax(2)
    return row, order


def _make_keys(faces: np.ndarray) -> np.ndarray:
    a, b, c = np.sort(faces, 1).T
    return (a << 2 * _BITS) | (b << _BITS) | c
