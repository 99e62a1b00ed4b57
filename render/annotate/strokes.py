"""Anti-aliased segments and discs, painted with OpenCV into the pixels of a panel.

Coordinates follow the pixel rule of `render.types.fits`. OpenCV counts from pixel centres instead, so half a
pixel is taken off inside this module and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from render.annotate.clip_line import clip_line
from render.text.blend import blend

EDGE_RGB = (20, 20, 20)

# cv2 takes fixed-point coordinates of this many fractional bits.
_SHIFT = 4
# cv2 lays an anti-aliased line around the edge of a filled shape, which grows it by this much on each side
# (measured on its coverage, for segments 2 to 6 px wide and discs of radius 1 to 5 px).
_AA_GROWTH_PX = 0.6
# What is left, at least, of a thin shape when that growth is taken off it.
_LEAST_PX = 0.4


class Segment(NamedTuple):
    """A straight stroke with square ends.

    Attributes:
        start_px: x, y of its beginning.
        end_px: x, y of its end.
        width_px: Across.
    """

    start_px: np.ndarray
    end_px: np.ndarray
    width_px: float

    def grown(self, by_px: float) -> Segment:
        """The same stroke, wider by `by_px` on each side."""
        return self._replace(width_px=self.width_px + 2 * by_px)


class Disc(NamedTuple):
    """A filled circle.

    Attributes:
        center_px: x, y of its middle.
        radius_px: From there to its border.
    """

    center_px: np.ndarray
    radius_px: float

    def grown(self, by_px: float) -> Disc:
        """The same disc with a radius larger by `by_px`."""
        return self._replace(radius_px=self.radius_px + by_px)


Shape = Segment | Disc


def paint(
    pixels: np.ndarray, shapes: Sequence[Shape], colour_rgb: Sequence[int], opacity: float = 1.0
) -> None:
    """Paints the union of shapes over a panel, in place.

    What lies outside the panel is cut off, however far away; a shape that is not finite is left out.

    Args:
        pixels: (h, w, 3) RGB or (h, w, 4) RGBA with straight alpha, uint8.
        shapes: In pixels of the panel.
        colour_rgb: 0 to 255.
        opacity: 0 to 1.
    """
    hw = pixels.shape[:2]
    kept = [part for shape in shapes if (part := clip(shape, hw)) is not None]
    if not kept:
        return
    # Panels are large beside their strokes, so only the rectangle around them is blended.
    bounds = np.array([_bounds(shape) for shape in kept])
    left, top = np.maximum(np.floor(bounds[:, :2].min(0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(bounds[:, 2:].max(0)).astype(int), hw[::-1])
    if left >= right or top >= bottom:
        return
    # One mask for all shapes: where two overlap, a faint colour is laid on only once.
    coverage = np.zeros((bottom - top, right - left), np.uint8)
    for shape in kept:
        _fill(coverage, shape, np.array([left, top]))
    blend(pixels[top:bottom, left:right], coverage, colour_rgb, opacity)


def edge_px(stroke_px: float) -> float:
    """Width of the edge in EDGE_RGB that sets a stroke off from any photo."""
    return max(0.2 * stroke_px, 0.8)


def clip(shape: Shape, hw: tuple[int, int]) -> Shape | None:
    """The part of a shape near a panel: a little more than inside, so that the cut does not show.

    Args:
        shape: In pixels of the panel.
        hw: Height and width of the panel.

    Returns:
        The part, None where there is nothing or the shape is not finite.
    """
    if isinstance(shape, Segment):
        return clip_segment(shape, hw)
    reach = shape.radius_px + 2
    # Comparisons with NaN are false.
    near = ((shape.center_px > -reach) & (shape.center_px < np.add(hw[::-1], reach))).all()
    return shape if near else None


def clip_segment(segment: Segment, hw: tuple[int, int]) -> Segment | None:
    """The part of `segment` near a panel, as `clip` gives it."""
    # More than a square end and its anti-aliased edge reach beyond the line.
    margin = segment.width_px + 2
    ends = clip_line(segment.start_px, segment.end_px, np.full(2, -margin), np.add(hw[::-1], margin))
    return None if ends is None else Segment(*ends, segment.width_px)


def _bounds(shape: Shape) -> tuple[float, float, float, float]:
    if isinstance(shape, Disc):
        (x, y), reach = shape.center_px, shape.radius_px + 2
        return x - reach, y - reach, x + reach, y + reach
    reach = shape.width_px + 2
    low, high = np.minimum(shape.start_px, shape.end_px), np.maximum(shape.start_px, shape.end_px)
    return *(low - reach), *(high + reach)


def _fill(coverage: np.ndarray, shape: Shape, origin_px: np.ndarray) -> None:
    if isinstance(shape, Disc):
        radius = max(shape.radius_px - _AA_GROWTH_PX, _LEAST_PX)
        center = _fixed(shape.center_px - origin_px)
        cv2.circle(coverage, center.tolist(), round(radius * 2**_SHIFT), 255, -1, cv2.LINE_AA, _SHIFT)
        return
    along = shape.end_px - shape.start_px
    length = np.hypot(*along)
    if length == 0:
        return
    # OpenCV also grows the ends, so they are drawn in; those of a short stroke meet in its middle.
    inset = along / length * min(_AA_GROWTH_PX, length / 2)
    half_width = max(shape.width_px / 2 - _AA_GROWTH_PX, _LEAST_PX / 2)
    across = np.array([-along[1], along[0]]) / length * half_width
    start, end = shape.start_px + inset - origin_px, shape.end_px - inset - origin_px
    corners = np.array([start + across, end + across, end - across, start - across])
    cv2.fillConvexPoly(coverage, _fixed(corners), 255, cv2.LINE_AA, _SHIFT)


def _fixed(points_px: np.ndarray) -> np.ndarray:
    return np.round((points_px - 0.5) * 2**_SHIFT).astype(np.int32)
