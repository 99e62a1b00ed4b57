"""Counts what a run would make of its people, what is there, and what cannot be made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field

from render.photos.sources.source import PhotoSource
from render.record.earlier import Earlier
from render.record.records import Record
from render.record.resume import Resume
from render.run.clips.group import guess_frames
from render.run.clips.run import find_clips
from render.run.clips.survey import ClipSurvey, FoundClip
from render.run.labels.demands import find_unmet
from render.run.opening.run import OpenedRun, Share
from render.run.progress import open_progress
from render.run.stop import StopSignal
from render.run.survey import Survey
from render.sheet.layout import shows_photo
from render.types.fits import Fits, RowProblem

MOST_NAMED = 5


@dataclass
class Counted:
    """What a run would do.

    Attributes:
        total: Products in all.
        to_make: Those that would be made.
        frames: Of clips, how many frames those have.
        kept: Those that are there already.
        kept_bytes: What those take.
        lost: Those that cannot be made, as far as that is known before anything is drawn.
        problems: The first of the people who would be on none, and why.
        lost_rows: How many such people there are.
        sizes_px: How many of those to be made have a width and a height; of clips, of a frame.
        missing: Image names whose photos are not there, or empty.
    """

    total: int = 0
    to_make: int = 0
    frames: int = 0
    kept: int = 0
    kept_bytes: int = 0
    lost: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    lost_rows: int = 0
    sizes_px: Counter[tuple[int, int]] = field(default_factory=Counter)
    missing: set[str] = field(default_factory=set)

    def keep(self, record: Record) -> None:
        """Counts one that is there."""
        self.kept += 1
        self.kept_bytes += sum(file.bytes for file in record.files)

    def lose(self, fits: Fits, people: Iterable[int], reason: str) -> None:
        """Notes people who would be on no product; people are positions in the fits."""
        for person in people:
            self.lost_rows += 1
            if len(self.problems) < MOST_NAMED:
                self.problems.append(RowProblem(int(fits.row[person]), str(fits.image_name[person]), reason))

    def look_for(self, photos: PhotoSource, image_names: Iterable[str]) -> None:
        """Notes which of these images have no photo."""
        if photos.has_photos:
            self.missing.update(name for name in image_names if not photos.has(name))


def count(run: OpenedRun, share: Share, earlier: Earlier) -> Counted:
    """Looks at all products of a share, as a run does before it draws each of them.

    Args:
        run: What is opened.
        share: Whose products.
        earlier: What earlier runs have noted.
    """
    return (_count_clips if run.config.motion == "sequence" else _count_sheets)(run, share, earlier)


def _count_sheets(run: OpenedRun, share: Share, earlier: Earlier) -> Counted:
    config, fits, photos = run.config, share.fits, run.inputs.photos
    survey = Survey(config, fits, photos, earlier, run.fingerprint, run.reference)
    unmet = find_unmet(config.layer_specs(), fits) if config.job.product == "labels" else {}
    counted = Counted(total=survey.sheets)
    with closing(open_progress(survey.sheets, "sheet")) as progress:
        for found in survey.look(StopSignal()):
            for _, record in found.done:
                counted.keep(record)
                progress.advance()
            for people, reason in found.failed:
                counted.lost += 1
                counted.lose(fits, people, reason)
                counted.look_for(photos, {str(fits.image_name[people[0]])})
                progress.advance()
            for sheet in found.sheets:
                progress.advance()
                reasons = [unmet[person] for person in sheet.fits if person in unmet]
                if reasons:
                    counted.lost += 1
                    counted.lose(fits, sheet.fits, reasons[0])
                    continue
                counted.to_make += 1
                counted.frames += sheet.frames
                # What is no picture has no size.
                if sheet.width:
                    counted.sizes_px[sheet.width, sheet.height // sheet.frames] += 1
    return counted


def _count_clips(run: OpenedRun, share: Share, earlier: Earlier) -> Counted:
    config, fits, photos = run.config, share.fits, run.inputs.photos
    is_drawn = config.job.product != "meshes"
    has_photo = is_drawn and photos.has_photos and shows_photo(config.panel_specs())
    takes_damaged = is_drawn and config.damaged_photos == "draw"
    resume = Resume(earlier, run.fingerprint, fits, photos, has_photo, takes_damaged)
    clips = find_clips(run.selected, fits, config.people)
    survey = ClipSurvey(config, fits, clips, photos, resume)
    counted = Counted(total=len(clips))
    with closing(open_progress(sum(guess_frames(fits, clip) for clip in clips), "frame")) as progress:
        for found in survey.look(StopSignal()):
            _count_clip(counted, found, survey, fits)
            if has_photo and found.record is None:
                counted.look_for(photos, set(fits.image_name[found.people.rows].tolist()))
            for _ in range(guess_frames(fits, found.people)):
                progress.advance()
    return counted


def _count_clip(counted: Counted, found: FoundClip, survey: ClipSurvey, fits: Fits) -> None:
    if found.failure is not None:
        counted.lost += 1
        counted.lose(fits, found.people.rows.tolist(), found.failure)
        return
    assert found.plan is not None
    for person, reason in found.plan.lost:
        counted.lose(fits, (person,), reason)
    if found.record is not None:
        counted.keep(found.record)
        return
    counted.to_make += 1
    counted.frames += found.plan.count
    sheet = survey.lay_out(found, 0)
    if sheet.width:
        counted.sizes_px[sheet.width, sheet.height] += 1
