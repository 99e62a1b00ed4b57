"""What became of each sheet, noted in the ledger and the report as it becomes known."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence

from render.config.schema import Config
from render.errors import FitFileError, RenderError, SheetError
from render.fits.image_paths import name_video_frame
from render.library.poser import Undrawable
from render.photos.behind_sheets import Shown
from render.record.fingerprint import Fingerprint
from render.record.ledger import Ledger
from render.record.records import PhotoId, Record
from render.record.tars.packer import Packer
from render.run.pipelines import Outcome
from render.run.progress import Progress, Settled
from render.run.report import Report
from render.types.fits import Fits, RowProblem
from render.types.products import MeasuredFiles, ProductFile
from render.types.sheets import Sheet, VideoFrame

log = logging.getLogger("render")

# The rest is in failures.csv.
MOST_LOGGED = 20
ONLY_LISTED = "rows %s from here on are listed in %s only"
# What a line of the log has beside its text: what became of the row that it is of, or that it is of a list.
OUTCOME = "outcome"
LISTED = "listed"


class Outcomes:
    """Takes what becomes of the sheets of a run, from any thread.

    Args:
        config: The settings.
        fits: The people of the run.
        sheets: How many sheets there are in all.
        report: Is filled.
        ledger: Gets a record of each sheet that is made or was there.
        fingerprint: Of the settings and of each sheet's people.
        progress: Is told how far it has come.
        frames: About how many frames there are in all, where they are counted instead of sheets, which are
            clips then.
        packer: Packs sheets into tars; None where they stay files of their own.
    """

    def __init__(
        self,
        config: Config,
        fits: Fits,
        sheets: int,
        report: Report,
        ledger: Ledger,
        fingerprint: Fingerprint,
        progress: Progress,
        frames: int | None = None,
        packer: Packer | None = None,
    ) -> None:
        self._packer = packer
        self._name_product = config.name_product
        self._stops_on_error = config.on_error == "stop"
        self._fits = fits
        self._report = report
        self._ledger = ledger
        self._fingerprint = fingerprint
        self._left = sheets
        # What is noted comes from several threads.
        self._lock = threading.Lock()
        self._logged: Counter[str] = Counter()
        self._counts_frames = frames is not None
        self._progress = progress
        report.frames = None if frames is None else 0

    @property
    def is_complete(self) -> bool:
        """Whether it is known of each sheet what became of it."""
        return self._left == 0

    def close(self) -> None:
        """Ends the bar."""
        self._progress.close()

    def skip(self, problems: list[RowProblem]) -> None:
        """Notes rows that are no fits; ends the run if that is asked for.

        Raises:
            RenderError: The run is to stop at the first fault, and there is one.
        """
        for problem in problems:
            self._note(self._report.skipped, "skipped", [problem])
        if problems and self._stops_on_error:
            raise stop_on_error(problems[0])

    def _note(self, problems: list[RowProblem], outcome: str, found: Sequence[RowProblem]) -> None:
        """Records what is wrong with rows, the same with all, and says so once, as long as there are few."""
        problems += found
        self._logged[outcome] += 1
        first, others = found[0], len(found) - 1
        rows = f"row {first.row} ({first.image_name})"
        if others:
            rows += f" and {others} other row{'s' if others > 1 else ''}"
        if self._logged[outcome] <= MOST_LOGGED:
            log.warning("%s %s: %s", outcome, rows, first.reason, extra={OUTCOME: outcome})
        if self._logged[outcome] == MOST_LOGGED:
            log.warning(ONLY_LISTED, outcome, self._report.failures_name, extra={OUTCOME: LISTED})

    def finish(self, sheet: Sheet, outcome: Outcome, shown: Shown | None) -> None:
        """Notes a sheet that is made, or why there is none.

        Args:
            sheet: The sheet.
            outcome: Its files, or why there are none.
            shown: The photo that it shows, None where no panel shows one.

        Raises:
            OutputError: The sheet cannot be noted.
            RenderError: The run is to stop at the first fault, and this is one.
        """
        if isinstance(outcome, tuple | MeasuredFiles):
            # Outside of the lock: the ledger has one of its own, and hashing takes time.
            try:
                record = self._describe(sheet, outcome, shown)
            # Of vertices that could be drawn just now, and cannot be read again.
            except FitFileError as error:
                self.fail(sheet.fits, str(error))
                return
            self.add(sheet.fits, record)
        elif isinstance(outcome, Undrawable):
            self.fail(sheet.fits, describe_undrawable(outcome))
        elif isinstance(outcome, SheetError):
            self.fail(sheet.fits, f"{sheet.name}: {outcome}")
        else:
            self.fail(sheet.fits, str(outcome))

    def add(self, fits: tuple[int, ...], record: Record) -> None:
        """Notes what is made.

        Args:
            fits: Positions of its people in the fits, for what is wrong with its photo.
            record: What is noted of it.

        Raises:
            OutputError: It cannot be noted.
        """
        self._ledger.add(record)
        with self._lock:
            self._report.rendered += 1
            self._note_damage(fits, record)
            self._settle("done")
        self._pack(fits, record)

    def damage(self, fit: int, reason: str) -> None:
        """Records what is wrong with a part of what is made all the same.

        Args:
            fit: Position of a person there in the fits.
            reason: What is wrong.

        Raises:
            RenderError: The run is to stop at the first fault.
        """
        self._note_part(self._report.damaged, "damaged", fit, reason)

    def lose(self, fit: int, reason: str) -> None:
        """Records a person who is missing in what is made all the same; it raises what `damage` does."""
        self._note_part(self._report.failed, "failed", fit, reason)

    def _note_part(self, problems: list[RowProblem], outcome: str, fit: int, reason: str) -> None:
        problem = self._problem(fit, reason)
        with self._lock:
            self._note(problems, outcome, [problem])
        if self._stops_on_error:
            raise stop_on_error(problem)

    def _describe(
        self, sheet: Sheet, made: tuple[ProductFile, ...] | MeasuredFiles, shown: Shown | None
    ) -> Record:
        files, measured = (made, None) if isinstance(made, tuple) else (made.files, made.measured)
        photo = damage = None
        # A sheet that shows no photo takes no more than its size from it.
        photo_size = sheet.photo_hw if shown is None and sheet.photo is not None else None
        if shown is not None:
            # A file of a video is the same for all of its frames, whatever fits call them.
            if isinstance(sheet.photo, VideoFrame):
                image_name = name_video_frame(sheet.photo.number)
            else:
                image_name = self._fits.image_name[sheet.fits[0]]
            photo = PhotoId(image_name, shown.file.bytes, shown.file.sha256, shown.modified_ns)
            damage = shown.damage
        return Record(
            product=self._name_product(sheet.name),
            rows=tuple(int(self._fits.row[fit]) for fit in sheet.fits),
            files=files,
            settings=self._fingerprint.settings,
            people=self._fingerprint.hash_people(self._fits, sheet.fits, photo_size),
            photo=photo,
            damage=damage,
            measured=measured,
        )

    def keep(self, fits: tuple[int, ...], record: Record) -> None:
        """Counts a sheet in that is done already.

        Args:
            fits: Positions of its people in the fits.
            record: What is noted of it.

        Raises:
            OutputError: Its tar cannot be written.
        """
        self._ledger.keep(record)
        with self._lock:
            self._report.kept += 1
            self._note_damage(fits, record)
            self._settle("kept")
        self._pack(fits, record)

    def _pack(self, fits: tuple[int, ...], record: Record | None) -> None:
        if self._packer is not None:
            self._packer.settle(int(self._fits.row[fits[0]]), record)

    def _settle(self, outcome: Settled) -> None:
        self._left -= 1
        if not self._counts_frames:
            self._progress.advance(outcome)

    def expect_frames(self, more: int) -> None:
        """Notes that there are more frames to be made than was known, or less where it is negative."""
        if more:
            with self._lock:
                self._progress.expect(more)

    def count_frame(self) -> None:
        """Counts a frame that is made."""
        with self._lock:
            self._report.frames = (self._report.frames or 0) + 1
            self._progress.advance()

    def _note_damage(self, fits: tuple[int, ...], record: Record) -> None:
        if record.damage is not None:
            self._note_rows(self._report.damaged, "damaged", fits, record.damage)

    def fail(self, fits: tuple[int, ...], reason: str) -> None:
        """Records all people of a sheet that is not made; ends the run if that is asked for.

        Args:
            fits: Positions of its people in the fits.
            reason: Why it is not made.

        Raises:
            RenderError: The run is to stop at the first fault.
        """
        with self._lock:
            self._note_rows(self._report.failed, "failed", fits, reason)
            self._settle("failed")
        self._pack(fits, None)
        if self._stops_on_error:
            raise stop_on_error(self._problem(fits[0], reason))

    def _note_rows(
        self, problems: list[RowProblem], outcome: str, fits: tuple[int, ...], reason: str
    ) -> None:
        # What is wrong with frames of a clip was noted of each, so there are none here.
        if fits:
            self._note(problems, outcome, [self._problem(fit, reason) for fit in fits])

    def _problem(self, fit: int, reason: str) -> RowProblem:
        return RowProblem(int(self._fits.row[fit]), str(self._fits.image_name[fit]), reason)


def describe_undrawable(outcome: Undrawable) -> str:
    """What is said of bodies that are too far off to be drawn."""
    rows = ", ".join(map(str, outcome.rows))
    if outcome.are_pinholes:
        return (
            f"row {rows}: the body is behind its camera, or at it, or reaches too far from the photo to be "
            f"drawn; check its translation, its axes (z away from the camera) and its focal length, or draw "
            f"with a lower supersample or magnification"
        )
    return (
        f"row {rows}: the body reaches too far from the photo to be drawn; check its camera and box, or draw "
        f"with a lower supersample or magnification"
    )


def stop_on_error(problem: RowProblem) -> RenderError:
    """What ends a run that is to stop at the first fault."""
    reason = problem.reason.removesuffix(".")
    return RenderError(
        f"row {problem.row} ({problem.image_name}): {reason}. The run stops here, as on_error=stop "
        f"asks; the same command goes on from here, on_error=skip goes on without it."
    )
