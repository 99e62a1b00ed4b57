"""A run whose products are clips of sequences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from render.body.fit_bodies import FitBodies
from render.compute.memory import MemoryPlan
from render.config.schema import Config
from render.files.output import Output
from render.library.renderer import BatchRenderer
from render.photos.behind_sheets import PhotoReader
from render.photos.sources.source import PhotoSource
from render.record.fingerprint import Fingerprint
from render.record.ledger import Ledger
from render.record.resume import Resume
from render.run.clips.group import ClipPeople, group_clips
from render.run.clips.open_clip import OpenClip
from render.run.clips.outcomes import ClipOutcomes
from render.run.clips.pipeline import ClipPipeline
from render.run.clips.schedule import ClipSchedule
from render.run.clips.survey import ClipSurvey, FoundClip
from render.run.executor import Job
from render.run.outcomes import Outcomes
from render.run.stop import Stop
from render.sheet.layout import shows_photo
from render.types.fits import Fits
from render.types.sheets import Framing
from render.write.writer import ClipWriter


def find_clips(selected: Fits, fits: Fits, people: str) -> list[ClipPeople]:
    """The clips of a shard, with the names that they have in the whole run.

    Args:
        selected: The people of the whole run.
        fits: Those of the shard, which has clips whole or not at all.
        people: As `group_clips` takes it.
    """
    places = np.searchsorted(fits.row, selected.row)
    is_there = np.isin(selected.row, fits.row)
    clips = group_clips(selected, people)
    return [replace(clip, rows=places[clip.rows]) for clip in clips if is_there[clip.rows[0]]]


class ClipRun:
    """The jobs of such a run.

    Args:
        config: The settings.
        fits: The people of the run.
        clips: Who is in each clip.
        photos: Where the photos are.
        renderer: What draws the bodies.
        bodies: Of the fits.
        framing: How views around the bodies look at them.
        output: Where the clips go.
        outcomes: Is told what becomes of each clip.
        ledger: What earlier runs have noted.
        fingerprint: Of this run.
        memory: How much may be under way.
        stop: Once it is given, no more jobs are made.
    """

    def __init__(
        self,
        config: Config,
        fits: Fits,
        clips: list[ClipPeople],
        photos: PhotoSource,
        renderer: BatchRenderer,
        bodies: FitBodies,
        framing: Framing,
        output: Output,
        outcomes: Outcomes,
        ledger: Ledger,
        fingerprint: Fingerprint,
        memory: MemoryPlan,
        stop: Stop,
    ) -> None:
        takes_damaged = config.damaged_photos == "draw"
        has_photo = photos.has_photos and shows_photo(config.panel_specs())
        resume = Resume(ledger, fingerprint, fits, photos, has_photo, takes_damaged)
        self._survey = ClipSurvey(config, fits, clips, photos, resume)
        self._outcomes = ClipOutcomes(outcomes, fits, fingerprint, config.output.format, has_photo)
        self._writer = ClipWriter(output, config.output.format, ledger.begin)
        pipeline = ClipPipeline(renderer, PhotoReader(has_photo, takes_damaged, photos, are_alike=True))
        self._schedule = ClipSchedule(fits, bodies, pipeline, config, framing, memory, stop)
        self._stop = stop

    def list_jobs(self) -> Iterator[Job]:
        """Clips are planned as the executor asks for them; no more of them once the run is to stop."""
        return self._schedule.list_jobs(self._open_clips())

    def list_last_jobs(self, weight: int) -> Iterator[Job]:
        """None: what does not fit into memory beside others is drawn in smaller batches at once."""
        yield from ()

    def close(self) -> None:
        """Removes what is written of clips that come to no end."""
        self._schedule.close()

    def _open_clips(self) -> Iterator[OpenClip]:
        for found in self._survey.look(self._stop):
            if self._outcomes.settle(found):
                continue
            yield self._open(found)

    def _open(self, found: FoundClip) -> OpenClip:
        assert found.plan is not None
        clip = OpenClip(
            found.plan,
            partial(self._survey.lay_out, found),
            self._writer,
            lambda clip, outcome: self._outcomes.finish(clip, found.photo_hw, outcome),
            self._outcomes.note,
            self._outcomes.count_frame,
        )
        self._outcomes.lose(found.plan)
        return clip
