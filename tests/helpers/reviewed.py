"""People and images as measures see them, made by hand."""

from collections.abc import Mapping, Sequence

import numpy as np

from render.review.image import Keypoints, ReviewedImage, ReviewedPerson
from render.review.measure import Measure
from render.sheet.photo_cameras import PersonCamera


def weak_camera(scale: float = 100.0, origin: tuple[float, float] = (0.0, 0.0)) -> PersonCamera:
    """Weak perspective: so many pixels a metre."""
    none = np.zeros(2)
    return PersonCamera(False, False, scale, np.array(origin), none, none, np.zeros(3))


def pinhole(focal: float, center: tuple[float, float], transl_m: tuple[float, float, float]) -> PersonCamera:
    return PersonCamera(
        True, False, 0.0, np.zeros(2), np.full(2, focal), np.array(center), np.array(transl_m)
    )


def make_person(
    joints_m: Mapping[str, tuple[float, float, float]] | None = None, **changed: object
) -> ReviewedPerson:
    """A person without a surface, in 100 pixels a metre; whatever is not given is not known."""
    joints_m = joints_m or {}
    told = {
        "row": 0,
        "annot_id": -1,
        "number": -1,
        "box_px": np.full(3, np.nan),
        "camera": weak_camera(),
        "verts_m": np.zeros((0, 3), np.float32),
        "faces": np.zeros((0, 3), np.int32),
        "is_closed": False,
        "joint_names": tuple(joints_m),
        "joints_m": np.array(list(joints_m.values()), np.float64).reshape(-1, 3),
        "pose": None,
        "keypoints": None,
        "coco": None,
    }
    return ReviewedPerson(**(told | changed))


def make_image(
    people: Sequence[ReviewedPerson],
    masks: np.ndarray | None = None,
    photo_hw: tuple[int, int] | None = None,
) -> ReviewedImage:
    return ReviewedImage("a.jpg", photo_hw, tuple(people), masks)


def mark_joints(person: ReviewedPerson, shift_px: tuple[float, float] = (0, 0)) -> Keypoints:
    """Keypoints where the joints of a person are drawn, or so far from there."""
    points_px = person.joints_px + shift_px
    return Keypoints(person.joint_names, np.column_stack([points_px, np.ones(len(points_px))]))


def measure_all(measure: Measure, image: ReviewedImage) -> list[dict[str, float]]:
    """Of each person of an image the numbers of a measure, by the names of their columns."""
    names = [column.name for column in measure.columns]
    return [dict(zip(names, row, strict=True)) for row in measure.measure(image).tolist()]
