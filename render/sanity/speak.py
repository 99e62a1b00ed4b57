"""What is said of the fits of a run, once there is something to draw."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import chain
from typing import TypeVar

from render.body.fit_bodies import FitBodies
from render.errors import RenderError, list_causes
from render.photos.sources.source import PhotoSource
from render.sanity.inspect_fits import inspect_fits
from render.types.fits import Fits

log = logging.getLogger("render")

Job = TypeVar("Job")


def speak_first(jobs: Iterator[Job], fits: Fits, bodies: FitBodies, photo_dir: PhotoSource) -> Iterator[Job]:
    """The jobs as they are; before the first it is said what the fits are, and what is odd about them.

    A run that has nothing left to do says nothing, and nothing ends for what is said.

    Args:
        jobs: Of a run.
        fits: All that it draws.
        bodies: Of their sources.
        photo_dir: Where their photos are.
    """
    for job in jobs:
        # Whoever tries a few sheets in silence needs no more.
        if log.isEnabledFor(logging.WARNING):
            _speak(fits, bodies, photo_dir)
        yield from chain([job], jobs)


def _speak(fits: Fits, bodies: FitBodies, photo_dir: PhotoSource) -> None:
    try:
        remarks = inspect_fits(fits, bodies, photo_dir)
    except RenderError:
        # The sheet that it is of will say so, too.
        return
    # Whatever it is: a run must not end for what is only said.
    except Exception as error:
        log.warning("cameras: nothing can be said of these fits: %s", list_causes(error))
        return
    for remark in remarks:
        log.log(logging.WARNING if remark.state == "warn" else logging.INFO, "cameras: %s", remark.text)
