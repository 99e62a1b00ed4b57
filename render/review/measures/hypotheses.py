"""How far joints were from keypoints if cameras, axes, sizes or bodies were others: for guesses at causes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.review.camera_mistakes import centre_points, fit_factor
from render.review.image import ReviewedImage, ReviewedPerson
from render.review.keypoints import Pairs, choose_pairs, exchange_side
from render.review.measure import Column, Measure

# Fewer say nothing of a scale and a shift.
FEWEST_JOINTS = 4
# Bodies that people may be posed with beside their own: those that `body.files` names, and those that come
# with this program and its packages.
OTHER_BODIES = (
    *("smpl", "smpl_male", "smpl_female", "smplh", "smplh_male", "smplh_female"),
    *("smplx", "smplx_male", "smplx_female", "mhr", "demo", "mannequin"),
)


def _suppose(name: str, what: str) -> Column:
    return Column(f"if_{name}", f"What `reprojection` would be if {what}.", digits=4)


COLUMNS = (
    _suppose("y_flipped", "the body were turned upside down, with its y and z negated"),
    _suppose("mirrored", "the photo were mirrored, and left and right exchanged"),
    _suppose("camera_spin", "the numbers of the weak camera were those of s (X + t), as SPIN has them"),
    _suppose("camera_eft", "the numbers of the weak camera were those of s X + t, as EFT has them"),
    _suppose(
        "centred", "the camera counted from the middle of the photo instead of its corner, or the reverse"
    ),
    _suppose("scaled", "the photo had another size, best_scale times as large"),
    Column("best_scale", "The factor of the joints on the photo that brings them nearest to the keypoints."),
    _suppose("focal", "the pinhole had another focal length, best_focal times as long"),
    Column("best_focal", "The factor of the focal length that brings joints nearest to the keypoints."),
    _suppose("shifted", "the body stood elsewhere in the photo, best_shift_x and best_shift_y away"),
    Column(
        "best_shift_x", "How far to the right the keypoints are from the joints, the mean.", "px", digits=1
    ),
    Column("best_shift_y", "How far below the joints the keypoints are, the mean.", "px", digits=1),
    _suppose("other_body", "it were the body of other_body; of the first 64 rows and every eighth"),
    Column(
        "other_body",
        "Which of the other body models that are there fits best.",
        digits=0,
        choices=OTHER_BODIES,
    ),
    Column(
        "reach",
        "How far to the right or down the keypoints reach, as a share of the photo: above 1 they leave it.",
    ),
)


def measure_hypotheses(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns; NaN of people without keypoints."""
    rows = np.full((len(image.people), len(COLUMNS)), np.nan)
    for person, row in zip(image.people, rows, strict=True):
        pairs = choose_pairs(person)
        if len(pairs) >= FEWEST_JOINTS and np.isfinite(pairs.size_px) and not person.camera.is_framed:
            with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
                row[:] = _Supposing(person, pairs, image.photo_hw).list_all()
    return rows


@dataclass(frozen=True)
class _Supposing:
    """One person, whose joints are projected in other ways.

    Attributes:
        person: Who it is.
        pairs: The joints that are marked, n of them.
        photo_hw: Of the photo, where there is one.
    """

    person: ReviewedPerson
    pairs: Pairs
    photo_hw: tuple[int, int] | None

    def list_all(self) -> list[float]:
        """In the order of the columns."""
        joints_px = self.person.joints_px[self.pairs.joints]
        scale = fit_factor(joints_px, self.pairs.targets_px)
        focal = self._fit_focal(joints_px)
        shift = (self.pairs.targets_px - joints_px).mean(0)
        miss_other, other = self._try_others()
        return [
            self._try_turned(),
            self._try_mirrored(),
            self._miss(self._shift_camera(by_scale=True)),
            self._miss(self._shift_camera(by_scale=False)),
            self._try_centred(joints_px),
            self._miss(scale * joints_px),
            scale,
            self._miss(self._center + focal * (joints_px - self._center)),
            focal,
            self._miss(joints_px + shift),
            *shift.tolist(),
            miss_other,
            other,
            self._find_reach(),
        ]

    def _miss(self, joints_px: np.ndarray) -> float:
        """(n, 2) of the joints in pairs to the share that `reprojection` is."""
        return float(np.linalg.norm(joints_px - self.pairs.targets_px, axis=1).mean() / self.pairs.size_px)

    @property
    def _joints_m(self) -> np.ndarray:
        return np.asarray(self.person.joints_m[self.pairs.joints], np.float64)

    @property
    def _center(self) -> np.ndarray:
        """(2,) the principal point; NaN of weak cameras."""
        camera = self.person.camera
        return camera.center if camera.is_pinhole else np.full(2, np.nan)

    def _try_turned(self) -> float:
        """Of a half turn about x, around the body's origin or, as poses are turned, its first joint."""
        around = np.array([[0.0, 0, 0], self.person.joints_m[0]])
        turned = (self._joints_m[None] - around[:, None]) * [1.0, -1, -1] + around[:, None]
        return _take_least([self._miss(self.person.project(points)) for points in turned])

    def _try_mirrored(self) -> float:
        """About the middle of the photo, or of the crop, whatever fits better."""
        sides = (
            self.person.box_px[0] + self.person.box_px[2] / 2,
            self.photo_hw[1] / 2 if self.photo_hw else np.nan,
        )
        places = {name: i for i, name in enumerate(self.person.joint_names)}
        exchanged = [
            places.get(exchange_side(self.person.joint_names[i]), i) for i in self.pairs.joints.tolist()
        ]
        joints_px = self.person.joints_px[exchanged]
        misses = [self._miss(np.column_stack([2 * x - joints_px[:, 0], joints_px[:, 1]])) for x in sides]
        return _take_least(misses)

    def _shift_camera(self, by_scale: bool) -> np.ndarray:
        """Where joints were if the shift in the crop, t, were s t, or t / s."""
        camera, (left, top, side) = self.person.camera, self.person.box_px
        if camera.is_pinhole or not side > 0:
            return np.full((len(self.pairs), 2), np.nan)
        center = np.array([left, top]) + side / 2
        s = camera.scale / (side / 2)
        origin = center + (camera.origin - center) * (s if by_scale else 1 / s)
        return camera._replace(origin=origin).project(self._joints_m)

    def _try_centred(self, joints_px: np.ndarray) -> float:
        if self.photo_hw is None:
            return np.nan
        centred = centre_points(joints_px, np.array(self.photo_hw[::-1]))
        return _take_least([self._miss(points_px) for points_px in centred])

    def _fit_focal(self, joints_px: np.ndarray) -> float:
        return fit_factor(joints_px - self._center, self.pairs.targets_px - self._center)

    def _try_others(self) -> tuple[float, float]:
        """The least of the other bodies, and which it is."""
        found = {
            name: self._miss(self.person.project(joints_m[self.pairs.joints]))
            for name, joints_m in self.person.others.items()
        }
        known = {name: miss for name, miss in found.items() if name in OTHER_BODIES and np.isfinite(miss)}
        if not known:
            return np.nan, np.nan
        best = min(known, key=lambda name: (known[name], OTHER_BODIES.index(name)))
        return known[best], float(OTHER_BODIES.index(best))

    def _find_reach(self) -> float:
        if self.photo_hw is None:
            return np.nan
        height, width = self.photo_hw
        return float((self.pairs.targets_px / [width, height]).max())


def _take_least(misses: list[float]) -> float:
    known = [miss for miss in misses if np.isfinite(miss)]
    return min(known, default=np.nan)


MEASURE = Measure(COLUMNS, measure_hypotheses)
