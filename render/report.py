"""What became of a run: counted, listed, and said in one closing line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

from render.types import RowProblem
from render.write.atomic import OutputDir

FAILURES_FILE = "failures.csv"


@dataclass
class Report:
    """rendered: sheets written. skipped: rows that are no valid fits. failed: rows without their sheet.

    seconds: from the first sheet on. stage_seconds: of them in each stage, summed over the threads.
    """

    output: OutputDir
    rendered: int = 0
    skipped: list[RowProblem] = field(default_factory=list)
    failed: list[RowProblem] = field(default_factory=list)
    seconds: float = 0.0
    stage_seconds: dict[str, float] = field(default_factory=dict)

    def summarize(self) -> str:
        """The closing line."""
        speed = self.rendered / self.seconds if self.seconds > 0 else 0.0
        line = (
            f"{self.rendered} rendered, {len(self.skipped)} skipped, {len(self.failed)} failed "
            f"in {self.seconds:.1f} s ({speed:.1f} pictures/s): {self.output.path}"
        )
        if self.skipped or self.failed:
            line += f"; reasons in {self.output.path / FAILURES_FILE}"
        return line

    def write_failures(self) -> None:
        """Writes `failures.csv` beside the sheets: outcome, row, image, reason; none if all went well."""
        path = self.output.path / FAILURES_FILE
        problems = [("skipped", p) for p in self.skipped] + [("failed", p) for p in self.failed]
        if not problems:
            if path.is_file():
                path.unlink()
            return
        text = io.StringIO(newline="")
        table = csv.writer(text)
        table.writerow(["outcome", "row", "image", "reason"])
        table.writerows([outcome, p.row, p.image_name, p.reason] for outcome, p in problems)
        self.output.write(FAILURES_FILE, text.getvalue().encode())
