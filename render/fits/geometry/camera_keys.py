"""Cameras out of the keys of a file.

A file has one of these: K; focal and princpt; focal, whose principal point is the picture's centre; fov in
degrees, of the picture's longer side or of its height; weak, bbox_center and bbox_size, s (X + t) in square
boxes as HMR, SPIN, VIBE and PARE have it; joints2d and joints3d.
Beside a pinhole it may have cam_t, which is added to the vertices in their own axes, and R and T, which lead
from there to the axes of a camera as OpenCV has it: q = R (V + cam_t) + T.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.fits.cameras import PhotoCameras, pinhole, weak_in_box
from render.fits.fit_camera import fit_pinhole
from render.fits.geometry.axes import AXES, UNITS_M, Frame
from render.types.fits import Unit

FOV_SIDES = {"longer": Unit.SIDE, "height": Unit.HEIGHT}
_PINHOLE = ("K", "focal", "fov")
# Joints of a picture that is wider than this in pixels are not given as parts of a crop.
_FEWEST_PX = 4


class CameraKeyError(ValueError):
    """A key of a camera is not as it should be; the message is one sentence."""


def make_cameras(found: Mapping[str, Any], count: int, frame: Frame) -> tuple[PhotoCameras, str] | None:
    """Cameras of the people of a file, and what they are in words; None where the file has none.

    Args:
        found: By our names, see `find_keys`.
        count: People; values are of each, or of all of them.
        frame: Of the file.

    Raises:
        CameraKeyError: A key has no such numbers, or others are missing beside it.
    """
    there = [key for key in (*_PINHOLE, "weak") if key in found]
    # K says all that the others say; a field of view says less than a focal length.
    if not there:
        return _fit_joints(found, count, frame)
    if there[0] == "weak":
        return _make_weak(found, count, frame)
    transl, rotation = make_extrinsics(found, count, frame)
    unit, said = Unit.PIXELS, "focal length and principal point of the file"
    if there[0] == "K":
        matrix = rows_of(found, "K", count, (3, 3))
        if (np.abs(matrix[:, [0, 1, 2, 2, 2], [1, 0, 0, 1, 2]] - (0, 0, 0, 0, 1)) > 1e-6).any():
            raise CameraKeyError("K: expected (fx, 0, cx), (0, fy, cy), (0, 0, 1), found another matrix")
        focal, center = matrix[:, [0, 1], [0, 1]], matrix[:, :2, 2]
    elif there[0] == "focal":
        focal = _read_focal(found, count)
        if "princpt" in found:
            center = rows_of(found, "princpt", count, (2,))
        else:
            unit, center = Unit.CENTRED, np.zeros((count, 2))
            said = "focal length of the file, principal point in the picture's centre"
    else:
        side = found.get("fov_side", "longer")
        if not isinstance(side, str) or side not in FOV_SIDES:
            raise CameraKeyError(f"fov_side: expected {' or '.join(FOV_SIDES)}, found {str(side)[:60]!r}")
        degrees = rows_of(found, "fov", count, ())
        if not ((degrees > 0) & (degrees < 180)).all():
            raise CameraKeyError(f"fov: expected degrees between 0 and 180, found {degrees.tolist()[:3]}")
        unit, center = FOV_SIDES[side], np.zeros((count, 2))
        focal = 0.5 / np.tan(np.radians(degrees) / 2)
        what = "longer side" if side == "longer" else "height"
        said = f"field of view of {degrees[0] if count else 0:g} degrees of the picture's {what}"
    return pinhole(focal, center, transl, rotation, unit, is_metric=True), f"pinhole, {said}"


def make_extrinsics(
    found: Mapping[str, Any], count: int, frame: Frame
) -> tuple[np.ndarray, np.ndarray | None]:
    """Translations (M, 3), m, and rotations (M, 3, 3), for vertices that are in our frame already."""
    cam_t = rows_of(found, "cam_t", count, (3,)) if "cam_t" in found else np.zeros((count, 3))
    if "R" not in found:
        transl = frame.turn(cam_t)
        if "T" in found:
            transl = transl + rows_of(found, "T", count, (3,)) * UNITS_M[frame.units]
        return transl, None
    turned = rows_of(found, "R", count, (3, 3))
    shift = rows_of(found, "T", count, (3,)) if "T" in found else np.zeros((count, 3))
    transl = (np.einsum("nij,nj->ni", turned, cam_t) + shift) * UNITS_M[frame.units]
    return transl, turned @ AXES[frame.axes].T


def rows_of(found: Mapping[str, Any], key: str, count: int, shape: tuple[int, ...]) -> np.ndarray:
    """The numbers of a key, (count, *shape), float64; one for all people is taken for each.

    Raises:
        CameraKeyError: They are no such numbers.
    """
    value = to_numbers(found[key], key)
    if value.shape in (shape, (1, *shape)):
        return np.broadcast_to(value.reshape(shape), (count, *shape))
    if value.shape == (count, *shape):
        return value
    # One number in a row of its own, as networks give them.
    if shape == () and value.shape == (count, 1):
        return value[:, 0]
    expected = " or ".join(dict.fromkeys(str(one) for one in (shape, (count, *shape))))
    raise CameraKeyError(f"{key}: expected numbers of shape {expected}, found {value.shape}")


def to_numbers(value: Any, key: str) -> np.ndarray:
    """A value of a file as float64, or CameraKeyError."""
    try:
        numbers = np.asarray(value)
        if numbers.dtype.kind not in "iuf":
            raise ValueError("no numbers")
    except (ValueError, TypeError, OverflowError):
        raise CameraKeyError(f"{key}: expected numbers, found {type(value).__name__}") from None
    return numbers.astype(np.float64)


def _read_focal(found: Mapping[str, Any], count: int) -> np.ndarray:
    """(M,) or (M, 2)."""
    value = to_numbers(found["focal"], "focal")
    if value.shape == (2,):
        # Of one person it can only be x and y; of two, each could be a person's own.
        if count == 2 and value[0] != value[1]:
            raise CameraKeyError(
                "focal: two numbers of two people may be x and y or of each person; "
                "save them as (1, 2) or (2, 1)"
            )
        return np.broadcast_to(value, (count, 2))
    if value.shape in ((count, 2), (1, 2)):
        return np.broadcast_to(value, (count, 2))
    return rows_of(found, "focal", count, ())


def _make_weak(found: Mapping[str, Any], count: int, frame: Frame) -> tuple[PhotoCameras, str]:
    missing = [key for key in ("bbox_center", "bbox_size") if key not in found]
    if missing:
        raise CameraKeyError(f"weak: expected {' and '.join(missing)} beside it, found none")
    if extra := [key for key in ("cam_t", "R", "T") if key in found]:
        raise CameraKeyError(f"weak: expected no {extra[0]} beside it, for weak has its own translation")
    cam = rows_of(found, "weak", count, (3,)).copy()
    # A scale is of the file's units, and so is the translation in them.
    cam[:, 0] /= UNITS_M[frame.units]
    cam[:, 1:] *= UNITS_M[frame.units]
    center, side = rows_of(found, "bbox_center", count, (2,)), rows_of(found, "bbox_size", count, ())
    cameras = weak_in_box(cam, center, side, adds_before_scaling=True)
    return cameras, "weak perspective s (X + t) in the file's boxes"


def _fit_joints(found: Mapping[str, Any], count: int, frame: Frame) -> tuple[PhotoCameras, str] | None:
    """Pinholes that put each person's 3D joints onto the 2D ones."""
    if "joints2d" not in found or "joints3d" not in found:
        return None
    points_m, points_px = (
        value[None] if value.ndim == 2 and count == 1 else value
        for value in (to_numbers(found[key], key) for key in ("joints3d", "joints2d"))
    )
    if points_m.shape != (count, *points_m.shape[1:2], 3):
        raise CameraKeyError(f"joints3d: expected {count} people of (K, 3), found {points_m.shape}")
    if points_px.shape[:2] != points_m.shape[:2] or points_px.shape[2:] not in ((2,), (3,)):
        people, joints = points_m.shape[:2]
        raise CameraKeyError(f"joints2d: expected ({people}, {joints}, 2 or 3), found {points_px.shape}")
    transl, rotation = make_extrinsics(found, count, frame)
    points_m = frame.turn(points_m)
    if rotation is not None:
        points_m = np.einsum("nij,nkj->nki", rotation, points_m)
    focal, center, off_px = np.full(count, np.nan), np.full((count, 2), np.nan), np.full(count, np.nan)
    fault = ""
    for person in range(count):
        if np.nanmax(np.abs(points_px[person, :, :2]), initial=0) < _FEWEST_PX:
            raise CameraKeyError("joints2d: expected pixels of the photo, found numbers of a crop or a part")
        try:
            fit = fit_pinhole(points_m[person], transl[person], points_px[person])
        except ValueError as error:
            fault = fault or f"joints2d and joints3d of person {person}: {error}"
            continue
        focal[person], center[person], off_px[person] = fit
    known = np.flatnonzero(~np.isnan(focal))
    if not len(known):
        raise CameraKeyError(fault or "joints2d and joints3d: there are no people")
    # Of the first person, as of all where they share a camera.
    x, y = center[known[0]]
    said = (
        f"pinhole found from joints2d and joints3d: focal length {focal[known[0]]:.2f} px, principal point "
        f"({x:.1f}, {y:.1f}) px, off by {off_px[known].max():.2g} px at most"
    )
    return pinhole(focal, center, transl, rotation, is_metric=True), said
