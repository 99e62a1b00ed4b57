"""Three ways to paint a skeleton that can be told apart where they lie on top of each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from render.annotate.skeletons import COCO_SKELETON, OPENPOSE_SKELETON, Rgb, Skeleton
from render.annotate.strokes import EDGE_RGB, Disc, Segment, Shape, edge_px, paint

DIMMED = 0.45
_WHITE_RGB = (255, 255, 255)


class _Stroke(NamedTuple):
    shape: Shape
    rgb: Rgb
    opacity: float


def paint_projected(pixels: np.ndarray, joints_px: np.ndarray, valid: np.ndarray, stroke_px: float) -> None:
    """Paints projected joints, in place: broad limbs and solid discs.

    Args:
        pixels: As `paint` takes them.
        joints_px: (18, 2), x, y in OpenPose-18 order, NaN for joints that the body lacks.
        valid: (18,), False for joints to be dimmed.
        stroke_px: Width of a limb.
    """
    is_there = np.isfinite(joints_px).all(1)
    opacity = np.where(is_there, np.where(valid, 1.0, DIMMED), 0.0)
    joints_px = np.where(is_there[:, None], joints_px, 0.0)
    limbs = _limbs(OPENPOSE_SKELETON, joints_px, opacity, stroke_px)
    joints = _discs(OPENPOSE_SKELETON.joint_rgb, joints_px, opacity, 0.8 * stroke_px)
    # All edges come first: none of them may cut across another limb.
    _paint_edges(pixels, limbs + joints, stroke_px)
    _paint(pixels, limbs)
    _paint(pixels, joints)


def paint_ground_truth(pixels: np.ndarray, keypoints_px: np.ndarray, stroke_px: float) -> None:
    """Paints ground-truth keypoints, in place: thin white limbs and rings.

    Args:
        pixels: As `paint` takes them.
        keypoints_px: (18, 3), x, y, confidence in OpenPose-18 order; nothing is painted where it is 0.
        stroke_px: Width of a projected limb, of which these have a share.
    """
    points, opacity = keypoints_px[:, :2], (keypoints_px[:, 2] > 0).astype(float)
    limbs = [
        limb._replace(rgb=_WHITE_RGB) for limb in _limbs(OPENPOSE_SKELETON, points, opacity, 0.4 * stroke_px)
    ]
    rings = _discs(OPENPOSE_SKELETON.joint_rgb, points, opacity, stroke_px)
    _paint_edges(pixels, limbs + rings, stroke_px)
    _paint(pixels, limbs)
    _paint(pixels, rings)
    # A smaller white disc leaves a ring of the one below it.
    _paint(pixels, _discs((_WHITE_RGB,) * len(points), points, opacity, 0.5 * stroke_px))


def paint_coco(pixels: np.ndarray, keypoints_px: np.ndarray, stroke_px: float) -> None:
    """Paints COCO's keypoints, in place: thin limbs and squares, dimmed where they are hidden.

    Args:
        pixels: As `paint` takes them.
        keypoints_px: (17, 3), x, y, visibility in COCO's order.
        stroke_px: Width of a projected limb, of which these have a share.
    """
    points = keypoints_px[:, :2]
    opacity = np.select([keypoints_px[:, 2] >= 2, keypoints_px[:, 2] > 0], [1.0, DIMMED], 0.0)
    limbs = _limbs(COCO_SKELETON, points, opacity, 0.4 * stroke_px)
    # A segment that is as long as it is wide is a square; the discs are the fit's.
    half = np.array([0.9 * stroke_px, 0.0])
    squares = [
        _Stroke(Segment(point - half, point + half, 1.8 * stroke_px), rgb, shown)
        for point, rgb, shown in zip(points, COCO_SKELETON.joint_rgb, opacity, strict=True)
    ]
    _paint_edges(pixels, limbs + squares, stroke_px)
    _paint(pixels, limbs)
    _paint(pixels, squares)


def _limbs(skeleton: Skeleton, points_px: np.ndarray, opacity: np.ndarray, width_px: float) -> list[_Stroke]:
    """A limb is as faint as the fainter of its joints."""
    return [
        _Stroke(Segment(points_px[a], points_px[b], width_px), rgb, min(opacity[a], opacity[b]))
        for (a, b), rgb in zip(skeleton.limbs, skeleton.limb_rgb, strict=True)
    ]


def _discs(
    colours: Iterable[Rgb], points_px: np.ndarray, opacity: np.ndarray, radius_px: float
) -> list[_Stroke]:
    return [
        _Stroke(Disc(point, radius_px), rgb, shown)
        for point, rgb, shown in zip(points_px, colours, opacity, strict=True)
    ]


def _paint(pixels: np.ndarray, strokes: list[_Stroke]) -> None:
    """Shapes of one colour and opacity go as one, so that overlaps of faint ones do not show."""
    alike = defaultdict(list)
    for shape, rgb, opacity in strokes:
        if opacity > 0:
            alike[rgb, opacity].append(shape)
    for (rgb, opacity), shapes in alike.items():
        paint(pixels, shapes, rgb, opacity)


def _paint_edges(pixels: np.ndarray, strokes: list[_Stroke], stroke_px: float) -> None:
    """Not under faint shapes: it would show through."""
    edge = edge_px(stroke_px)
    _paint(pixels, [_Stroke(s.shape.grown(edge), EDGE_RGB, 1.0) for s in strokes if s.opacity == 1])
