"""Whether matrices are rotations."""

from __future__ import annotations

import numpy as np

# Of R R^T from the identity: what the numbers of files, written with few digits, are off by.
ROTATION_TOLERANCE = 1e-3


def measure_skew(rotmat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far matrices are from rotations.

    Args:
        rotmat: (..., 3, 3) float64.

    Returns:
        The largest element of R R^T - I, and the determinant of R, (...) each; infinite or NaN where numbers
        are too large, which no comparison with a tolerance lets pass.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        off_by = np.abs(np.einsum("...ab,...cb->...ac", rotmat, rotmat) - np.eye(3)).max((-1, -2))
        determinant = np.einsum(
            "...a,...a->...", np.cross(rotmat[..., 0, :], rotmat[..., 1, :]), rotmat[..., 2, :]
        )
    return off_by, determinant


def are_rotations(off_by: np.ndarray, determinant: np.ndarray) -> np.ndarray:
    """Whether matrices that are off by so much, see `measure_skew`, count as rotations; NaN does not."""
    return (off_by <= ROTATION_TOLERANCE) & (determinant > 0)
