"""What fits are: their bodies, their axes and their cameras, in one line a format."""

from __future__ import annotations

from collections import Counter

import numpy as np

from render.sanity.placed import Placed
from render.sanity.remarks import format_number, format_px
from render.sanity.reprojection import Errors, middle_of
from render.sanity.sample import Sample
from render.types.fits import Fits, Unit
from render.types.sources import FitSource, Meshes

_UNITS = {
    Unit.SIDE: "of the photo's longer side",
    Unit.HEIGHT: "of the photo's height",
    Unit.DIAGONAL: "of the photo's diagonal",
}


def describe_fits(fits: Fits, sample: Sample, errors: Errors) -> str:
    """One line.

    Args:
        fits: All people of the sources.
        sample: Some of them.
        errors: Of the joints of the sample.
    """
    sources = [fits.sources[source] for source in np.unique(fits.source).tolist()]
    bodies = " and ".join(dict.fromkeys(map(_describe_bodies, sources)))
    notes = "; ".join(dict.fromkeys(note for source in sources for note in source.notes))
    said = [f"{sources[0].format}: {_count(len(fits))}, {bodies}", *([notes] if notes else [])]
    said += _describe_cameras(fits, sample)
    off_px = middle_of(errors.px)
    if np.isfinite(off_px):
        count = int((~np.isnan(errors.px)).sum())
        said.append(
            f"2D joints are off by {format_px(off_px)}, {100 * middle_of(errors.relative):.1f} % of a "
            f"person, the median of {count}"
        )
    return "; ".join(said)


def _describe_bodies(source: FitSource) -> str:
    bodies = source.bodies
    if isinstance(bodies, Meshes):
        return f"meshes of {bodies.topology or f'{bodies.verts.shape[1]:,} vertices'}"
    return f"poses of {bodies.kind}{'' if bodies.variant == 'neutral' else f' ({bodies.variant})'}"


def _describe_cameras(fits: Fits, sample: Sample) -> list[str]:
    is_pinhole = np.asarray((fits.focal > 0).all(1))
    is_framed = fits.unit == Unit.FRAMED
    said = []
    if is_pinhole.any():
        said.append(_describe_pinholes(fits.take(is_pinhole), sample))
    if is_framed.any():
        said.append("no cameras: bodies are shown whole, in the middle")
    return said


def _describe_pinholes(fits: Fits, sample: Sample) -> str:
    focal, angle = _measure_focal(sample)
    if not len(focal):
        # No photo tells how long it is.
        unit = Unit(int(fits.unit[0]))
        text = f"{_span(fits.focal.ravel())} {_UNITS.get(unit, 'px')}"
    else:
        text = f"{_span(focal)} px"
        if len(angle):
            text += f" ({_span(angle)} degrees over the photo's longer side)"
    return f"drawn by pinholes of {text}, {_describe_sharing(fits)}"


def _measure_focal(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Focal lengths in px, and the angles that the longer sides of photos are seen at."""
    verts: Placed = sample.verts
    is_known = sample.is_placed & verts.is_pinhole
    focal, side = verts.focal[is_known, 0], verts.picture_px[is_known].max(1)
    has_side = np.isfinite(side)
    return focal, np.degrees(2 * np.arctan(side[has_side] / (2 * focal[has_side])))


def _describe_sharing(fits: Fits) -> str:
    metric = fits.take(fits.is_metric)
    keys = np.hstack([metric.focal, metric.center]).tolist()
    counts = Counter(zip(metric.image_name.tolist(), map(tuple, keys), strict=True))
    shared = sum(count for count in counts.values() if count > 1)
    if not len(metric):
        return "each person's own"
    if not shared:
        return "each of one person"
    return f"{shared:,} people share one with others of their photo, in true depth"


def _span(values: np.ndarray) -> str:
    low, high = float(values.min()), float(values.max())
    return (
        format_number(low) if high - low <= 0.005 * high else f"{format_number(low)} to {format_number(high)}"
    )


def _count(people: int) -> str:
    return "1 person" if people == 1 else f"{people:,} people"
