"""Where the people of a photo stand in one space before its camera.

Who looks from the camera is to see each body exactly where it is drawn over the photo, and who walks around
it is to see bodies and distances as true as the fits know them. Three cases there are.

- All people have one pinhole under which depths are true, or there is one person with a pinhole: all stand
  where the file has them.
- There is weak perspective, or people have pinholes of their own. These cameras say where each vertex lies on
  the photo, and not how far off it is. A pinhole for all is chosen, so far off that the nearest person is at
  `WEAK_DISTANCE_M`, and each vertex is put on the ray through its own place on the photo. Under one focal
  length f somebody of s pixels per metre stands at f / s, which is also what the drawn order goes by; who
  would reach into somebody nearer is moved away until he does not. On its ray a vertex keeps its depth before
  and behind the middle of its body. So silhouettes are exact, whatever the distance, and a body is as wide as
  it is in the fit but for the perspective of that distance, a few per cent.
- Nobody has a camera: there is no photo to lie over, and people stand where their file has them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from render.body.extent import Extents
from render.errors import SheetError
from render.sheet.photo_cameras import SAME_CAMERA, PixelCameras
from render.sheet.place_people import People3D, place_people
from render.viewer.stages.lens import Lens

# As far off as `job=meshes` puts them.
WEAK_DISTANCE_M = 10.0
# How many times as far the farthest may be: who is a few pixels high would be lost in the distance.
_FARTHEST = 20.0
# Between the nearest vertex of somebody and the farthest of whoever is before him.
_GAP_M = 0.02
# Of half a body's depth, how far off the nearest is at least, for files have other things than people, too.
_DEPTHS_OFF = 4.0
# Of the distance of a body's middle, the least depth of its vertices.
_LEAST_SHARE = 0.05
# Beyond it, viewers lose their precision.
_FAR_M = 1e5


class Placed(NamedTuple):
    """People in one space.

    Attributes:
        lens: Of the camera that the space is of, at its origin; None where nobody has a camera.
        verts: (V, 3) m of each person, float64.
    """

    lens: Lens | None
    verts: list[np.ndarray]


def place_bodies(cameras: PixelCameras, verts: list[np.ndarray], rows: list[int]) -> Placed:
    """Puts the people of one photo into one space.

    Args:
        cameras: Of these people, in pixels of the photo.
        verts: (V, 3) m of each, x right, y down, z away, in the axes of their camera.
        rows: Of each, for messages.

    Raises:
        SheetError: A body is nowhere, or behind its camera.
    """
    wide = [one.astype(np.float64) for one in verts]
    for row, one in zip(rows, wide, strict=True):
        if not np.isfinite(one).all() or np.abs(one).max(initial=0.0) > _FAR_M:
            raise SheetError(f"row {row}: its vertices are beyond all numbers; check its pose and shape")
    if not wide or cameras.is_framed.all():
        return Placed(None, wide)
    if cameras.shares_depth.all() or (len(wide) == 1 and cameras.is_pinhole[0]):
        return Placed(_take_lens(cameras), _place_true(cameras, wide, rows))
    return _place_on_rays(cameras, wide, rows)


def _take_lens(cameras: PixelCameras) -> Lens:
    """The pinhole that all of them have."""
    x, y = cameras.center[0].tolist()
    return Lens(float(cameras.focal[0, 1]), (x, y), _take_size(cameras))


def _take_size(cameras: PixelCameras) -> tuple[int, int]:
    width, height = cameras.picture_px[0].tolist()
    return round(width), round(height)


def _place_true(cameras: PixelCameras, verts: list[np.ndarray], rows: list[int]) -> list[np.ndarray]:
    found = []
    for k, one in enumerate(verts):
        seen = one + cameras.transl_m[k]
        # A viewer's camera has one focal length; where that of x is another, bodies are that much wider, as
        # they are when they are drawn.
        seen[:, 0] *= cameras.focal[k, 0] / cameras.focal[k, 1]
        if not (np.isfinite(seen).all() and 0 < seen[:, 2].max(initial=0.0) <= _FAR_M):
            raise SheetError(f"row {rows[k]}: its body is behind its camera, or too far off to be shown")
        found.append(seen)
    return found


def _place_on_rays(cameras: PixelCameras, verts: list[np.ndarray], rows: list[int]) -> Placed:
    people = _estimate(cameras, verts)
    scale_px = people.scale_px.numpy()
    origin_px = people.origin_px.numpy()
    if not (np.isfinite(scale_px).all() and (scale_px > 0).all()):
        bad = rows[int(np.flatnonzero(~(np.isfinite(scale_px) & (scale_px > 0)))[0])]
        raise SheetError(f"row {bad}: its camera is nowhere before the photo; check its scale or its place")
    places_px = [_find_places(cameras, people, origin_px, k, one, rows[k]) for k, one in enumerate(verts)]
    lens = _choose_lens(cameras, scale_px, verts)
    found: list[np.ndarray] = [np.zeros((0, 3))] * len(verts)
    free_m = 0.0
    # The nearest first; equal sizes keep the order of the fit file, as when they are drawn.
    for k in np.argsort(-scale_px, kind="stable").tolist():
        deep = verts[k][:, 2]
        middle, half = (deep.max() + deep.min()) / 2, (deep.max() - deep.min()) / 2
        nearest_m = lens.focal_px / scale_px.max()
        distance_m = min(lens.focal_px / scale_px[k], _FARTHEST * nearest_m)
        # What is seen at a distance is as large as the fit has it where the distance is f / s.
        size = scale_px[k] / lens.focal_px
        distance_m = max(distance_m, free_m / max(1 - size * half, _LEAST_SHARE))
        depth_m = distance_m * np.maximum(1 + size * (deep - middle), _LEAST_SHARE)
        free_m = float(depth_m.max()) + _GAP_M
        found[k] = lens.unproject(places_px[k], depth_m)
        # Written so that NaN is off.
        if not (np.abs(found[k]) <= _FAR_M).all():
            raise SheetError(f"row {rows[k]}: its body is far beside the photo; check its scale and place")
    return Placed(lens, found)


def _estimate(cameras: PixelCameras, verts: list[np.ndarray]) -> People3D:
    """How large each is on the photo, as the order in which they are drawn has it."""
    low, high, center = (
        torch.from_numpy(np.stack([getattr(one, name)(axis=0) for one in verts]))
        for name in ("min", "max", "mean")
    )
    return place_people(
        cameras, Extents(center, low, high, torch.zeros(len(verts))), np.array([0, len(verts)])
    )


def _find_places(
    cameras: PixelCameras, people: People3D, origin_px: np.ndarray, k: int, verts: np.ndarray, row: int
) -> np.ndarray:
    """(V, 2) where the photo has the vertices of a person."""
    if not cameras.is_pinhole[k]:
        return origin_px[k, :2] + float(people.scale_px[k]) * verts[:, :2]
    seen = verts + cameras.transl_m[k]
    if not (seen[:, 2] > 0).all():
        raise SheetError(f"row {row}: its body is behind its camera, or reaches behind it")
    return cameras.center[k] + cameras.focal[k] * seen[:, :2] / seen[:, 2:]


def _choose_lens(cameras: PixelCameras, scale_px: np.ndarray, verts: list[np.ndarray]) -> Lens:
    """The pinhole that all have, or one in the middle of the photo with the nearest person far off."""
    lenses = np.hstack([cameras.focal, cameras.center])
    is_one = np.ptp(lenses, axis=0) <= SAME_CAMERA * np.abs(lenses).max(0)
    if cameras.is_pinhole.all() and is_one.all():
        return _take_lens(cameras)
    deepest_m = max(float(np.ptp(one[:, 2])) / 2 for one in verts)
    width, height = _take_size(cameras)
    distance_m = max(WEAK_DISTANCE_M, _DEPTHS_OFF * deepest_m)
    return Lens(float(scale_px.max()) * distance_m, (width / 2, height / 2), (width, height))
