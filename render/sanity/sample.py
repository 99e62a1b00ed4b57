"""A few people of the fits, posed, with their joints and the sizes of their photos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch

from render.body.fit_bodies import FitBodies, PosingGroup, list_posing
from render.compute.transfer import DeviceQueue
from render.errors import PhotoError
from render.fits.joint_orders import ORDERS, find_places
from render.photos.sources.source import PhotoSource
from render.sanity.placed import Placed, place
from render.sheet.photo_cameras import find_cameras
from render.types.fits import Fits, Unit
from render.types.sources import Marks, Meshes, Poses

MOST_PEOPLE = 48
# Of a source whose vertices are read when they are asked for, which takes a while.
MOST_READ = 12
# Of each body, evenly spread over its vertices: enough for its extent to a centimetre or two.
VERTS = 1024
# Of joints on the photo: what a network is less sure of says nothing.
LEAST_CONFIDENCE = 0.2
# Joints of each source are padded to so many.
_MOST_JOINTS = max(map(len, ORDERS.values()))


@dataclass(frozen=True)
class Sample:
    """M people, float64; NaN where something is not known.

    Attributes:
        fits: The people.
        verts: Some of their vertices (M, V, 3), placed.
        joints: Those of their joints that the file has on the photo (M, K, 3), placed in the same way.
        marks_px: Where the file has them (M, K, 2).
        is_placed: (M,) whether there is a camera that is known in pixels.
    """

    fits: Fits
    verts: Placed
    joints: Placed
    marks_px: np.ndarray
    is_placed: np.ndarray

    def __len__(self) -> int:
        return len(self.fits)

    def take(self, index: np.ndarray) -> Sample:
        """Some of the people."""
        parts: dict[str, Any] = {}
        for field in fields(self):
            part = getattr(self, field.name)
            if isinstance(part, Placed):
                parts[field.name] = Placed(*(column[index] for column in part))
            else:
                parts[field.name] = part.take(index) if isinstance(part, Fits) else part[index]
        return Sample(**parts)


def choose_rows(fits: Fits, most: int = MOST_PEOPLE) -> np.ndarray:
    """Positions of up to `most` people, spread over the table, and over its sources."""
    sources = np.unique(fits.source)
    chosen = []
    # No more sources than people to be looked at.
    for source in sources[:most]:
        rows = np.flatnonzero(fits.source == source)
        count = min(len(rows), max(most // len(sources), 1))
        bodies = fits.sources[source].bodies
        if isinstance(bodies, Meshes) and not isinstance(bodies.verts, np.ndarray):
            count = min(count, MOST_READ)
        chosen.append(rows[np.linspace(0, len(rows) - 1, count).astype(int)])
    return np.sort(np.concatenate(chosen))


def pose_sample(fits: Fits, bodies: FitBodies, photo_dir: PhotoSource) -> Sample:
    """Poses people and looks up their photos' sizes.

    Args:
        fits: The people, few.
        bodies: Of the table that they are from.
        photo_dir: Where the photos are; those that are not there are passed over.

    Raises:
        RenderError: Vertices that are read now cannot be.
    """
    queue = DeviceQueue(bodies.device)
    groups = bodies.prepare(fits, queue)
    for pose in list_posing(groups, is_one_task=True):
        queue.call(pose)
    queue.wait()
    count = len(fits)
    verts = np.full((count, VERTS, 3), np.nan)
    joints = np.full((count, _MOST_JOINTS, 3), np.nan)
    marks_px = np.full((count, _MOST_JOINTS, 2), np.nan)
    root_m = np.zeros((count, 3))
    for group in groups:
        picked = np.linspace(0, group.bodies.verts.shape[1] - 1, VERTS).astype(int)
        verts[group.index] = _download(group.bodies.verts[:, torch.from_numpy(picked).to(bodies.device)])
        if isinstance(fits.sources[int(fits.source[group.index[0]])].bodies, Poses):
            root_m[group.index] = _download(group.bodies.joints[:, 0])
        found = _find_joints(fits, group)
        if found is not None:
            joints[group.index, : found[0].shape[1]], marks_px[group.index, : found[1].shape[1]] = found
    picture_px = _read_sizes(fits, photo_dir)
    has_size = np.isfinite(picture_px).all(1)
    # Of people whose photo is not there, cameras that need no size are known all the same.
    picture_hw = np.where(has_size[:, None], picture_px, 1.0)[:, ::-1]
    cameras = find_cameras(fits, np.arange(count + 1), picture_hw)
    return Sample(
        fits=fits,
        verts=place(verts, root_m, cameras, fits.box_px, picture_px),
        joints=place(joints, root_m, cameras, fits.box_px, picture_px),
        marks_px=marks_px,
        is_placed=~cameras.is_framed & (has_size | (fits.unit == Unit.PIXELS)),
    )


def _download(points: torch.Tensor) -> np.ndarray:
    downloaded = points.cpu().numpy().astype(np.float64)
    downloaded[~np.isfinite(downloaded)] = np.nan
    return downloaded


def _find_joints(fits: Fits, group: PosingGroup) -> tuple[np.ndarray, np.ndarray] | None:
    """Joints (m, K, 3) that are known in the body and on the photo (m, K, 2)."""
    source = int(fits.source[group.index[0]])
    marks, place_of = fits.sources[source].marks, fits.place[group.index]
    if not marks.points_px.shape[1]:
        return None
    points = marks.points_px[place_of].astype(np.float64)
    names = group.model.joint_names[: group.bodies.joints.shape[1]]
    joints_m, marks_px = _match_names(_download(group.bodies.joints), names, points, marks)
    if not np.isfinite(marks_px).any() and marks.points_m.shape[1]:
        # The file's own, which are not turned yet.
        own = marks.points_m[place_of].astype(np.float64)
        own[~np.isfinite(own)] = np.nan
        joints_m = np.einsum("mij,mkj->mki", fits.rotation[group.index], own)
        marks_px = _known(points)
    return joints_m[:, :_MOST_JOINTS], marks_px[:, :_MOST_JOINTS]


def _match_names(
    joints_m: np.ndarray, names: tuple[str, ...], points: np.ndarray, marks: Marks
) -> tuple[np.ndarray, np.ndarray]:
    """Joints of the body and of the file that have the same names.

    Those of the trunk are other points in each order, even where their names are the same; so only joints of
    one side count, and the nose.
    """
    paired = {
        name: at
        for name, at in zip(names, find_places(marks.order, names), strict=True)
        if at and (name == "nose" or name.startswith(("left_", "right_")))
    }
    places_of: Mapping[str, int] = {name: k for k, name in reversed(list(enumerate(names)))}
    picked = np.full((len(points), len(paired), 2), np.nan)
    for k, at in enumerate(paired.values()):
        # The one to be preferred last, where it is known.
        for one in reversed(at):
            known = _known(points[:, one])
            picked[:, k] = np.where(np.isfinite(known), known, picked[:, k])
    return joints_m[:, [places_of[name] for name in paired]], picked


def _known(points: np.ndarray) -> np.ndarray:
    """(..., 2) of (..., 3), NaN where a joint is not known."""
    is_known = np.isfinite(points).all(-1, keepdims=True) & (points[..., 2:] > LEAST_CONFIDENCE)
    return np.where(is_known, points[..., :2], np.nan)


def _read_sizes(fits: Fits, photo_dir: PhotoSource) -> np.ndarray:
    """(M, 2) width and height of the photos, NaN where there is none."""
    sizes: dict[str, tuple[float, float]] = {}
    for name in dict.fromkeys(fits.image_name.tolist()):
        try:
            photo = photo_dir.find(name)
            height, width = (np.nan, np.nan) if photo is None else photo_dir.read_size(photo)
            sizes[name] = (width, height)
        except PhotoError:
            sizes[name] = (np.nan, np.nan)
    return np.array([sizes[name] for name in fits.image_name.tolist()], np.float64).reshape(-1, 2)
