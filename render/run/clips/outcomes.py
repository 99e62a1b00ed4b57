"""What became of each clip, and of frames that are not as they should be."""

from __future__ import annotations

from render.errors import FitFileError, SheetError
from render.files.digest import FileId
from render.files.sheet_names import sheet_file
from render.record.fingerprint import Fingerprint
from render.record.pictures import identify_pictures
from render.record.records import PhotoId, Record
from render.run.clips.group import guess_frames
from render.run.clips.open_clip import MOST_TOLD, OpenClip
from render.run.clips.survey import FoundClip
from render.run.clips.timeline import ClipPlan
from render.run.outcomes import Outcomes
from render.types.fits import Fits
from render.types.products import ProductFile


class ClipOutcomes:
    """Takes what becomes of the clips of a run, from any thread.

    Args:
        outcomes: Of the run.
        fits: The people of the run.
        fingerprint: Of the settings and of each clip's people.
        format_name: The extension of the files.
        shows_photo: Whether a panel shows photos.
    """

    def __init__(
        self, outcomes: Outcomes, fits: Fits, fingerprint: Fingerprint, format_name: str, shows_photo: bool
    ) -> None:
        self._outcomes = outcomes
        self._fits = fits
        self._fingerprint = fingerprint
        self._format_name = format_name
        self._shows_photo = shows_photo

    def settle(self, found: FoundClip) -> bool:
        """Notes a clip that is there already, or cannot be made; False of one that is to be made."""
        rows = tuple(found.people.rows.tolist())
        is_made = found.failure is None and found.record is None
        count = found.plan.count if is_made and found.plan is not None else 0
        self._outcomes.expect_frames(count - guess_frames(self._fits, found.people))
        if found.failure is not None:
            self._outcomes.fail(rows, found.failure)
        elif found.record is not None:
            if found.plan is not None:
                self.lose(found.plan)
            self._outcomes.keep(rows[:1], found.record)
        else:
            return False
        return True

    def note(self, plan: ClipPlan, number: int, reason: str) -> None:
        """Notes a frame that is not as it should be, in a clip that is made all the same."""
        people = plan.fits[number]
        self._outcomes.damage(int((people or plan.people.rows)[0]), f"frame {number}: {reason}")

    def count_frame(self) -> None:
        """Counts a frame that a clip has taken."""
        self._outcomes.count_frame()

    def lose(self, plan: ClipPlan) -> None:
        """Notes rows of a clip that are on none of its frames."""
        for row, reason in plan.lost:
            self._outcomes.lose(row, reason)

    def finish(self, clip: OpenClip, photo_hw: tuple[int, int], outcome: FileId | SheetError) -> None:
        """Notes a clip that is made, or why there is none.

        Args:
            clip: The clip, whose last frame was taken.
            photo_hw: Of its pictures.
            outcome: Its file, or why there is none.

        Raises:
            OutputError: The clip cannot be noted.
            RenderError: The run is to stop at the first fault, and this is one.
        """
        plan = clip.plan
        rows = tuple(plan.people.rows.tolist())
        if isinstance(outcome, SheetError):
            self._outcomes.fail(rows, f"{plan.people.name}: {outcome}")
            return
        photo = None
        if self._shows_photo:
            shown = [None if one is None else (one.file, one.modified_ns) for one in clip.shown]
            photo = identify_pictures(plan.people.name, shown, plan.video is not None)
        damage, faults = None, len(clip.faulty)
        if faults:
            damage = f"{faults} of {plan.count} frames are not as they should be"
        if damage is not None and faults > MOST_TOLD:
            self._outcomes.damage(rows[0], damage)
        name = sheet_file(plan.people.name, self._format_name)
        files = (ProductFile(name, outcome.bytes, outcome.sha256),)
        self._add(plan, photo_hw, files, photo, damage)

    def finish_meshes(
        self, plan: ClipPlan, photo_hw: tuple[int, int], outcome: tuple[ProductFile, ...] | SheetError
    ) -> None:
        """Notes a clip of meshes, which shows no photos; it raises what `finish` does.

        Args:
            plan: Of the clip.
            photo_hw: Of its pictures.
            outcome: Its files, or why there are none.
        """
        if isinstance(outcome, SheetError):
            self._outcomes.fail(tuple(plan.people.rows.tolist()), f"{plan.people.name}: {outcome}")
        else:
            self._add(plan, photo_hw, outcome, None, None)

    def _add(
        self,
        plan: ClipPlan,
        photo_hw: tuple[int, int],
        files: tuple[ProductFile, ...],
        photo: PhotoId | None,
        damage: str | None,
    ) -> None:
        rows = tuple(plan.people.rows.tolist())
        try:
            people = self._fingerprint.hash_clip(self._fits, rows, plan.tell(photo_hw))
        # Of vertices that could be read just now, and cannot be read again.
        except FitFileError as error:
            self._outcomes.fail(rows, str(error))
            return
        record = Record(
            product=sheet_file(plan.people.name, self._format_name),
            rows=tuple(self._fits.row[list(rows)].tolist()),
            files=files,
            settings=self._fingerprint.settings,
            people=people,
            photo=photo,
            damage=damage,
        )
        # What is wrong with its frames was noted of each.
        self._outcomes.add((), record)
