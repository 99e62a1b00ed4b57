"""An image and its people, as measures see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from render.fits.coco import CocoPerson
from render.photos.sources.segmentations import PhotoSegments
from render.sheet.photo_cameras import PersonCamera


@dataclass(frozen=True)
class Keypoints:
    """Joints that somebody marked on the photo.

    Attributes:
        names: Of the K joints, as `BodyModel.joint_names` has them; a name may be there twice.
        points_px: (K, 3) x, y in pixels of the photo, and confidence, 0 for what is not marked.
    """

    names: tuple[str, ...]
    points_px: np.ndarray


@dataclass(frozen=True)
class Pose:
    """What a fit says of a body model.

    Attributes:
        kind: Of the model: smpl, smplh, smplx, mano or flame.
        rotmat: (J, 3, 3) rotations relative to the parent joint; joint 0 is the global orientation.
        betas: (B,) shape coefficients.
    """

    kind: str
    rotmat: np.ndarray
    betas: np.ndarray


@dataclass(frozen=True)
class ReviewedPerson:
    """A person, posed, on the photo. The body's frame is x right, y down, z away, metres.

    Attributes:
        row: In the fit file.
        annot_id: COCO annotation id, -1 where there is none.
        number: Of the person in the file, -1 where there is none.
        box_px: (3,) left, top and side of the fit's crop; NaN where it has none.
        camera: From the body to pixels of the photo.
        verts_m: (V, 3).
        faces: (F, 3) int32.
        is_closed: Whether the surface has no holes.
        joint_names: Of the J joints.
        joints_m: (J, 3), of the body model, or the file's own where it has vertices without a model.
        pose: None where the fit is vertices.
        keypoints: The file's own; None where it has none.
        coco: COCO's annotation; None where there is none.
        others: Of some people (J, 3) joints in the same pose of other body models, by the model's name; NaN
            for those that it lacks.
    """

    row: int
    annot_id: int
    number: int
    box_px: np.ndarray
    camera: PersonCamera
    verts_m: np.ndarray
    faces: np.ndarray
    is_closed: bool
    joint_names: tuple[str, ...]
    joints_m: np.ndarray
    pose: Pose | None
    keypoints: Keypoints | None
    coco: CocoPerson | None
    others: Mapping[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def verts_px(self) -> np.ndarray:
        """(V, 2) in pixels of the photo; NaN for what is behind the camera, and without a camera."""
        return self.project(self.verts_m)

    @cached_property
    def joints_px(self) -> np.ndarray:
        """(J, 2), as `verts_px`."""
        return self.project(self.joints_m)

    @cached_property
    def drawn_box_px(self) -> np.ndarray:
        """(4,) left, top, right and bottom of the body, in the picture or not; NaN where it has no camera."""
        seen = self.verts_px[np.isfinite(self.verts_px).all(1)]
        return np.concatenate([seen.min(0), seen.max(0)]) if len(seen) else np.full(4, np.nan)

    def project(self, points_m: np.ndarray) -> np.ndarray:
        """(K, 3) points in the body's frame to (K, 2) pixels of the photo."""
        if self.camera.is_framed:
            return np.full((len(points_m), 2), np.nan)
        return self.camera.project(np.asarray(points_m, np.float64))


@dataclass(frozen=True)
class ReviewedImage:
    """An image and those of its people who are reviewed together.

    Attributes:
        name: As in the fit file.
        photo_hw: Height and width of the photo; None where there are no photos.
        people: P of them.
        masks: (P, H, W) bool, the pixels of each of them as if alone; None where there are no photos, or
            where one of them is too far off to be drawn.
        skin_parts: (P, H, W) uint8, which of SMPL's joints each of them follows where nobody is before him, 1
            to 24, else 0; None where nothing is compared with it.
        segments: What is annotated of the photo as a whole; None where there is nothing.
    """

    name: str
    photo_hw: tuple[int, int] | None
    people: tuple[ReviewedPerson, ...]
    masks: np.ndarray | None
    skin_parts: np.ndarray | None = None
    segments: PhotoSegments | None = None
