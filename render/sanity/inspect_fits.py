"""Looks at a few people of each format before all are drawn."""

from __future__ import annotations

import numpy as np

from render.body.fit_bodies import FitBodies
from render.fits.reader import READERS
from render.photos.sources.source import PhotoSource
from render.sanity.bodies import check_sizes
from render.sanity.cameras import check_cameras
from render.sanity.describe import describe_fits
from render.sanity.remarks import Remark
from render.sanity.reprojection import measure_errors
from render.sanity.sample import Sample, choose_rows, pose_sample
from render.types.fits import Fits


def inspect_fits(fits: Fits, bodies: FitBodies, photo_dir: PhotoSource) -> list[Remark]:
    """What fits are, and what is odd about them.

    Up to 48 people are posed, spread over the table. What concerns only a few of them is not said: these are
    odd fits, and not a mistake with all.

    Args:
        fits: Those that are drawn.
        bodies: Of their sources.
        photo_dir: Where their photos are; those that are not there are passed over.

    Returns:
        For each format, and each choice of its axes, units and cameras, one line of what it is; and behind
        it what is odd.

    Raises:
        RenderError: Vertices that are read now cannot be.
    """
    chosen = choose_rows(fits)
    sample = pose_sample(fits.take(chosen), bodies, photo_dir)
    remarks = []
    for sources in _group_sources(fits):
        members = np.flatnonzero(np.isin(sample.fits.source, sources))
        if len(members):
            remarks += _inspect_group(fits.take(np.isin(fits.source, sources)), sample.take(members))
    return remarks


def _group_sources(fits: Fits) -> list[list[int]]:
    """Sources of one format that are told the same of: men and women of a file are of two."""
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for source in np.unique(fits.source).tolist():
        told = fits.sources[source]
        groups.setdefault((told.format, told.notes), []).append(source)
    return list(groups.values())


def _inspect_group(fits: Fits, sample: Sample) -> list[Remark]:
    errors = measure_errors(sample.joints, sample.marks_px, sample.is_placed)
    remarks = [Remark("ok", describe_fits(fits, sample, errors))]
    file_format = fits.sources[int(fits.source[0])].format
    options = frozenset(option.name for option in READERS.load(file_format).options)
    size, is_unit = check_sizes(sample, errors, "units" in options)
    if size is not None:
        remarks.append(size)
    # Bodies of another unit are at other places for that alone.
    camera = None if is_unit else check_cameras(sample, errors, options)
    if camera is not None:
        remarks.append(camera)
    return remarks
