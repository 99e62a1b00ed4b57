"""Rotations: whether matrices are such, and matrices from axis-angles."""

from __future__ import annotations

import numpy as np

# Of R R^T from the identity: what the numbers of files, written with few digits, are off by.
ROTATION_TOLERANCE = 1e-3
# The same once the numbers have been rounded to float32.
ROUNDED_TOLERANCE = ROTATION_TOLERANCE + 1e-6
VECTORS_AT_ONCE = 1 << 16


def measure_skew(rotmat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far matrices are from rotations.

    Args:
        rotmat: (..., 3, 3) float64.

    Returns:
        The largest element of R R^T - I, and the determinant of R, (...) each; infinite or NaN where numbers
        are too large, which no comparison with a tolerance lets pass.
    """
    # Element by element: a tenth of the time that products of matrices of this size take.
    a, b, c, d, e, f, g, h, i = np.moveaxis(rotmat.reshape(*rotmat.shape[:-2], 9), -1, 0).copy()
    with np.errstate(over="ignore", invalid="ignore"):
        off_by = np.abs(a * a + b * b + c * c - 1)
        for product in (
            d * d + e * e + f * f - 1,
            g * g + h * h + i * i - 1,
            a * d + b * e + c * f,
            a * g + b * h + c * i,
            d * g + e * h + f * i,
        ):
            # NaN stays.
            off_by = np.maximum(off_by, np.abs(product))
        determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return off_by, determinant


def are_rotations(
    off_by: np.ndarray, determinant: np.ndarray, tolerance: float = ROTATION_TOLERANCE
) -> np.ndarray:
    """Whether matrices that are off by so much, see `measure_skew`, count as rotations; NaN does not."""
    return (off_by <= tolerance) & (determinant > 0)


def axis_angle_to_rotmat(axis_angle_rad: np.ndarray) -> np.ndarray:
    """Rotation matrices, by Rodrigues' formula in float64.

    Args:
        axis_angle_rad: (..., 3), axis times angle.

    Returns:
        (..., 3, 3). Numbers that are not finite give NaN.
    """
    # Imported here: SciPy takes its time, and EFT's fits need none of it.
    from scipy.spatial.transform import Rotation

    vectors = np.asarray(axis_angle_rad)
    flat = vectors.reshape(-1, 3)
    rotmat = np.full((len(flat), 3, 3), np.nan)
    # SciPy's steps would take several times the memory of all matrices.
    for start in range(0, len(flat), VECTORS_AT_ONCE):
        some = flat[start : start + VECTORS_AT_ONCE].astype(np.float64)
        is_finite = (np.abs(some) < 1e150).all(1)
        if is_finite.any():
            turned = Rotation.from_rotvec(some[is_finite]).as_matrix()
            rotmat[start : start + VECTORS_AT_ONCE][is_finite] = turned
    return rotmat.reshape(*vectors.shape[:-1], 3, 3)


def joints_rotmat(axis_angle_rad: np.ndarray, joints: int) -> np.ndarray:
    """Matrices of a model's joints, of which the last may be at rest.

    Args:
        axis_angle_rad: (M, J', 3) of the first joints.
        joints: J of the model.

    Returns:
        (M, J, 3, 3) float32, the identity for joints that are not given. In double, all matrices of a film
        would take twice the memory of what is kept.
    """
    count, given = axis_angle_rad.shape[:2]
    rotmat = np.empty((count, joints, 3, 3), np.float32)
    rotmat[:, given:] = np.eye(3)
    at_once = max(1, VECTORS_AT_ONCE // max(1, given))
    for start in range(0, count, at_once):
        rotmat[start : start + at_once, :given] = axis_angle_to_rotmat(
            axis_angle_rad[start : start + at_once]
        )
    return rotmat
