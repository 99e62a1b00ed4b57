"""What became of a run: counted, listed, and said in one closing line."""

from __future__ import annotations

from dataclasses import dataclass, field

from render.files.output import Output
from render.record.failures import OUTCOMES, failures_name, write_failures
from render.types.fits import RowProblem

# The closing line shows tenths of a second.
LEAST_TIMED_S = 0.1


@dataclass
class Report:
    """What became of a run, or of the shard of it that `tag` names.

    Attributes:
        output: The folder of the sheets.
        tag: Of the shard, nothing for the whole.
        rendered: Sheets written, or clips.
        kept: Those that were there already.
        others: Those that the manifest has from earlier runs.
        damaged: Rows whose photo was drawn over although it is damaged, and what is wrong in clips.
        skipped: Rows that are no valid fits.
        failed: Rows without their sheet.
        seconds: From the first sheet on.
        stage_seconds: Of them in each stage, summed over the threads.
        stopped_by: Number of the signal that came, or 0.
        is_finished: The run came to its end all the same.
        frames: Of the clips, those that were made; None in a run of sheets.
    """

    output: Output
    tag: str = ""
    rendered: int = 0
    kept: int = 0
    others: int = 0
    damaged: list[RowProblem] = field(default_factory=list)
    skipped: list[RowProblem] = field(default_factory=list)
    failed: list[RowProblem] = field(default_factory=list)
    seconds: float = 0.0
    stage_seconds: dict[str, float] = field(default_factory=dict)
    stopped_by: int = 0
    is_finished: bool = False
    frames: int | None = None

    @property
    def failures_name(self) -> str:
        """The file that lists what went wrong."""
        return failures_name(self.tag)

    def summarize(self) -> str:
        """The closing line."""
        # Nothing made is no speed, and what took less than the line shows has none to speak of.
        speed = ""
        if self.rendered and self.seconds >= LEAST_TIMED_S:
            made, unit = (self.rendered, "sheets") if self.frames is None else (self.frames, "frames")
            speed = f" ({made / self.seconds:.3g} {unit}/s)"
        there = f", {self.kept} already there" if self.kept else ""
        what = "" if self.frames is None else " clip" if self.rendered == 1 else " clips"
        line = (
            f"{self.rendered}{what} rendered{there}, {len(self.skipped)} skipped, {len(self.failed)} failed "
            f"in {self.seconds:.1f} s{speed}: {self.output.locate()}"
        )
        if self.others:
            line += f"; {self.others} more of other rows, settings or inputs are there from earlier runs"
        if self.damaged:
            count = len(self.damaged)
            of_sheets = self.frames is None
            line += f"; {count} over damaged photos" if of_sheets else f"; remarks on frames: {count}"
        if self.skipped or self.failed or self.damaged:
            line += f"; reasons in {self.output.locate(self.failures_name)}"
        return line

    def write_failures(self) -> None:
        """Writes `failures.csv` beside the sheets: outcome, row, image, reason; none if all went well.

        Raises:
            OutputError: It cannot be written.
        """
        rows = [
            (outcome, problem.row, problem.image_name, problem.reason)
            for outcome, problems in self._list_outcomes()
            # They come in the order in which threads find them.
            for problem in sorted(problems, key=lambda problem: problem.row)
        ]
        write_failures(self.output, self.failures_name, rows)

    def _list_outcomes(self) -> list[tuple[str, list[RowProblem]]]:
        found = (self.skipped, self.failed, self.damaged)
        return list(zip(OUTCOMES, found, strict=True))
