"""A pinhole found by least squares from joints that a file has both in 3D and on the photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FEWEST_POINTS = 3
# Of the rays' spread about their mean, as tangents of angles. Joints that lie closer together on the photo
# than this say nothing of the focal length: float32 coordinates have steps of 1e-7 of their size.
SMALLEST_SPREAD = 1e-5
# Of joints from where one camera has them. Those of people who share it are off by rounding, 1e-4 px.
LARGEST_SHARED_RESIDUAL_PX = 1.0


class PinholeFit(NamedTuple):
    """A camera, and how well the points agree with it.

    Attributes:
        focal: In both directions, pixels.
        center: Principal point, pixels of the photo.
        residual_px: Root of the mean squared distance between the points and where the camera puts them.
    """

    focal: float
    center: tuple[float, float]
    residual_px: float


def fit_pinhole(points_m: np.ndarray, transl: np.ndarray, points_px: np.ndarray) -> PinholeFit:
    """The focal length and the principal point that put 3D joints onto their places on the photo.

    Of the pinhole x = f (X + tx) / (Z + tz) + cx, and the same for y, it solves for f, cx and cy, in which it
    is linear: the answer is the least squares one, with no first guess.

    Args:
        points_m: (K, 3), in the camera's frame before the translation: x right, y down, z away.
        transl: (3,), or (K, 3) for points of several people under one camera.
        points_px: (K, 3), x, y and confidence; those of no confidence are left out. Or (K, 2).

    Raises:
        ValueError: The points do not say what the camera is: fewer than three are known and in front of it,
            they lie at one place of the photo, or no camera in front of them has them so.
    """
    rays, found = _make_rays(points_m, transl, points_px)
    if len(rays) < FEWEST_POINTS:
        raise ValueError(
            f"{len(rays)} joints are known and in front of the camera, and {FEWEST_POINTS} are needed"
        )
    # Centred first, so that the focal length is one division: well-conditioned for any picture's size.
    ray_mean, found_mean = rays.mean(axis=0), found.mean(axis=0)
    around_rays, around_found = rays - ray_mean, found - found_mean
    spread = (around_rays**2).sum()
    if spread <= len(rays) * SMALLEST_SPREAD**2:
        raise ValueError("all joints lie at one place of the picture")
    focal = float((around_rays * around_found).sum() / spread)
    if not (np.isfinite(focal) and focal > 0):
        raise ValueError("the joints on the picture are no projection of the 3D joints")
    center = found_mean - focal * ray_mean
    residual = float(np.sqrt(((focal * rays + center - found) ** 2).sum(axis=1).mean()))
    return PinholeFit(focal, (float(center[0]), float(center[1])), residual)


class PhotoFit(NamedTuple):
    """A camera of people of one photo.

    Attributes:
        members: Which of the rows they are.
        fit: The camera.
        is_shared: Whether it is that of all people of the photo whose rows were given.
    """

    members: list[int]
    fit: PinholeFit
    is_shared: bool


def fit_photos(
    images: Sequence[str], points_m: np.ndarray, transl_m: np.ndarray, points_px: np.ndarray
) -> list[PhotoFit]:
    """Cameras of the people of many photos, found by `fit_pinhole`.

    People of one photo had one camera, and for their depths to be in order they need the very same numbers:
    all their joints are solved for together. Where no one camera has the joints so, files do not belong
    together, and each person's are solved for alone.

    Args:
        images: Of each row, the photo.
        points_m: (M, K, 3), in the camera's frame before the translation.
        transl_m: (M, 3).
        points_px: (M, K, 2) or (M, K, 3), as `fit_pinhole` takes them.

    Returns:
        The cameras; rows of which the joints say nothing are in none.
    """
    by_photo: dict[str, list[int]] = {}
    for row, image in enumerate(images):
        by_photo.setdefault(image, []).append(row)

    def fit(members: list[int]) -> PinholeFit | None:
        transl = np.repeat(transl_m[members], points_m.shape[1], 0)
        in_m, in_px = (points[members].reshape(-1, points.shape[2]) for points in (points_m, points_px))
        try:
            # What strangers' numbers overflow to is no camera.
            with np.errstate(all="ignore"):
                return fit_pinhole(in_m, transl, in_px)
        except ValueError:
            return None

    found: list[PhotoFit] = []
    for members in by_photo.values():
        shared = fit(members)
        if shared is not None and shared.residual_px <= LARGEST_SHARED_RESIDUAL_PX:
            found.append(PhotoFit(members, shared, is_shared=True))
            continue
        alone = [([row], fit([row])) for row in members]
        found += [PhotoFit(row, each, is_shared=len(members) == 1) for row, each in alone if each is not None]
    return found


def _make_rays(
    points_m: np.ndarray, transl: np.ndarray, points_px: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """x / z and y / z of the points that are known, (P, 2), and their places on the photo, (P, 2)."""
    points = np.asarray(points_m, np.float64) + np.asarray(transl, np.float64)
    found = np.asarray(points_px, np.float64)
    is_known = np.isfinite(points).all(axis=1) & np.isfinite(found).all(axis=1) & (points[:, 2] > 0)
    if found.shape[1] > 2:
        is_known &= found[:, 2] > 0
    points, found = points[is_known], found[is_known, :2]
    rays = points[:, :2] / points[:, 2:]
    is_near = np.isfinite(rays).all(axis=1)
    return rays[is_near], found[is_near]
