"""Made people of whom a file has meshes, joints on the photo and cameras, with a usual mistake or without."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch

from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.fits.build import assemble, make_marks
from render.fits.cameras import PhotoCameras, framed, pinhole, weak_perspective
from render.photos.folder import PhotoDir
from render.types.fits import Fits, Unit
from render.types.sources import Meshes

WIDTH, HEIGHT = 1280, 720
CENTER = np.array([WIDTH, HEIGHT]) / 2
FOCAL_PX = 1100.0
COUNT = 12
JOINTS = 17
# A person who stands and looks at the camera, in the order of COCO, y down, m. No two sides are alike, so
# that whoever is turned or mirrored is someone else.
STANDING = np.array(
    [
        *(
            [0.0, -0.62, -0.1],
            [0.03, -0.66, -0.08],
            [-0.03, -0.66, -0.08],
            [0.07, -0.64, 0],
            [-0.07, -0.64, 0],
        ),
        *([0.18, -0.42, 0], [-0.18, -0.44, 0.02], [0.42, -0.3, -0.1], [-0.28, -0.15, 0.05]),
        *([0.62, -0.45, -0.25], [-0.33, 0.1, -0.05], [0.1, 0.03, 0], [-0.1, 0.03, 0]),
        *([0.16, 0.45, -0.12], [-0.12, 0.47, 0.03], [0.2, 0.86, 0.06], [-0.14, 0.9, 0.1]),
    ]
)


class MadePeople(NamedTuple):
    """People and where they are in truth: everything that a mistake is made with.

    Attributes:
        joints_m: (N, 17, 3) in the camera's axes, around their own origin.
        transl_m: (N, 3).
        box_px: (N, 3) left, top and side.
        cam: (N, 3) s, tx, ty of s X + t in the box.
    """

    joints_m: np.ndarray
    transl_m: np.ndarray
    box_px: np.ndarray
    cam: np.ndarray

    @property
    def pinhole_px(self) -> np.ndarray:
        """Joints as a pinhole sees them."""
        q = self.joints_m + self.transl_m[:, None]
        return CENTER + FOCAL_PX * q[..., :2] / q[..., 2:]

    @property
    def weak_px(self) -> np.ndarray:
        """Joints as the weak perspective in the box sees them."""
        inside = self.cam[:, None, :1] * self.joints_m[..., :2] + self.cam[:, None, 1:]
        half = self.box_px[:, None, 2:] / 2
        return self.box_px[:, None, :2] + half * (1 + inside)

    @property
    def box_center(self) -> np.ndarray:
        return self.box_px[:, :2] + self.box_px[:, 2:] / 2


def make_people(count: int = COUNT) -> MadePeople:
    rng = np.random.default_rng(7)
    joints_m = rng.uniform(0.85, 1.1, (count, 1, 1)) * STANDING + rng.normal(0, 0.02, (count, JOINTS, 3))
    depth = rng.uniform(4, 8, count)
    transl_m = np.column_stack(
        [rng.uniform(-0.35, 0.35, count) * depth, rng.uniform(-0.08, 0.08, count) * depth, depth]
    )
    middle = CENTER + FOCAL_PX * transl_m[:, :2] / transl_m[:, 2:]
    side = FOCAL_PX * 2.1 / depth
    # The person is not in the middle of the box, and not at the same place in each.
    shift = rng.uniform(0.1, 0.2, (count, 2)) * [1, -1]
    box_px = np.column_stack([middle - side[:, None] / 2 * (1 + shift), side])
    cam = np.column_stack([2 * FOCAL_PX / depth / side, shift])
    return MadePeople(joints_m, transl_m, box_px, cam)


def make_fits(
    people: MadePeople,
    cameras: PhotoCameras,
    marks_px: np.ndarray | None,
    joints_m: np.ndarray | None = None,
    *,
    has_boxes: bool = True,
    **identity,
) -> tuple[Fits, FitBodies]:
    """Fits of these people as a reader of meshes gives them.

    Args:
        people: Who.
        cameras: Of the file.
        marks_px: (N, 17, 2) joints that the file has; None for none.
        joints_m: (N, 17, 3) in the frame of the file's vertices; left out, they are in the camera's.
        has_boxes: Whether the file has boxes.
        **identity: As `assemble` takes it.
    """
    joints_m = people.joints_m if joints_m is None else joints_m
    # Between the joints, so that the mesh is as long as the person.
    verts = np.concatenate([joints_m, (joints_m + joints_m[:, ::-1]) / 2], 1).astype(np.float32)
    faces = np.array([[0, 1, 2], [2, 1, 3]], np.int32)
    count = len(verts)
    fits = assemble(
        "meshes",
        [f"{k // 2}.png" for k in range(count)],
        Meshes("", faces, verts),
        cameras,
        marks=None if marks_px is None else make_marks("coco17", marks_px, joints_m),
        box_px=people.box_px if has_boxes else None,
        notes=("axes opencv, units m",),
        **identity,
    )
    return fits, FitBodies([MeshBody("mesh", torch.from_numpy(faces), verts.shape[1])])


def see_by_pinhole(
    people: MadePeople, transl_m: np.ndarray | None = None, focal_px: float = FOCAL_PX, **given
):
    """The pinhole that all people share, unless another one is given."""
    transl_m = people.transl_m if transl_m is None else transl_m
    return pinhole(
        np.full(len(transl_m), focal_px),
        given.pop("center", np.zeros(2)),
        transl_m,
        **({"unit": Unit.CENTRED, "is_metric": True} | given),
    )


def see_weakly(people: MadePeople, cam: np.ndarray | None = None) -> PhotoCameras:
    """The weak perspective in the boxes of `cam`, as a reader makes it of s X + t."""
    cam = people.cam if cam is None else cam
    half = people.box_px[:, 2:] / 2
    return weak_perspective(half[:, 0] * cam[:, 0], people.box_px[:, :2] + half * (1 + cam[:, 1:]))


def see_nothing(people: MadePeople) -> PhotoCameras:
    """No cameras."""
    return framed(len(people.cam))


def make_photos(folder: Path, count: int = COUNT, size_wh: tuple[int, int] = (WIDTH, HEIGHT)) -> PhotoDir:
    """Empty photos of the people of `make_fits`, two on each."""
    picture = np.zeros((size_wh[1], size_wh[0]), np.uint8)
    _, content = cv2.imencode(".png", picture)
    for k in range(-(-count // 2)):
        (folder / f"{k}.png").write_bytes(content.tobytes())
    return PhotoDir(folder)
