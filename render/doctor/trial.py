"""A few sheets of a run, drawn to see what the whole of it will take."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from render.config.groups import ExecutorConfig
from render.config.schema import Config
from render.errors import ConfigError, OutputError
from render.files.readable_dir import ReadableDir
from render.record.manifest import manifest_name, read_records
from render.run.clips.group import group_clips, guess_frames
from render.run.render_dataset import render_dataset
from render.sheet.layout import group_people
from render.types.fits import Fits

log = logging.getLogger("render")

TRIAL_SHEETS = 48
# More than one, because one may have a damaged photo.
WARM_UP_SHEETS = 4
LONG_WARM_UP_S = 2.0
# A trial of turntables has fewer sheets.
LONGEST_TRIAL_S = 20.0


@dataclass(frozen=True)
class Trial:
    """A run of a few sheets, or of a few frames of clips.

    Attributes:
        sheets: How many were tried, or frames.
        rendered: How many of them were made.
        seconds: For each of them, failed ones too.
        file_bytes: Of the files of each of them.
        failure: Why the first of those that failed did, None if none did.
    """

    sheets: int
    rendered: int
    seconds: float
    file_bytes: float
    failure: str | None


def run_trial(config: Config, fits: Fits) -> Trial:
    """Draws some sheets as a run would, into a folder that is removed again.

    Args:
        config: Of the run.
        fits: All that `samples` takes, of which a shard's are a fair share.

    Raises:
        RenderError: As the run itself would.
        OutputError: There is no room for the trial.
    """
    warm_up = _draw_some(config, fits, WARM_UP_SHEETS)
    # Either kernels were compiled meanwhile, or sheets take so long: the second time tells.
    if warm_up.seconds * warm_up.sheets > LONG_WARM_UP_S:
        warm_up = _draw_some(config, fits, WARM_UP_SHEETS)
    # How many sheets the trial has time for.
    affordable = int(LONGEST_TRIAL_S / max(warm_up.seconds, 1e-3))
    return _draw_some(config, fits, min(max(affordable, WARM_UP_SHEETS), TRIAL_SHEETS))


def _draw_some(config: Config, fits: Fits, count: int) -> Trial:
    picked = _pick_rows(config, fits.row, count)
    chosen = fits.take(np.isin(fits.row, picked))
    with _open_trial_dir() as folder, _silence():
        some = replace(
            config,
            samples=",".join(map(str, picked.tolist())),
            # The entries are picked already; a shard would take only some of them.
            shard="1/1",
            on_error="skip",
            page=False,
            # So few sheets are drawn sooner than workers start.
            executor=ExecutorConfig("threads"),
            workers=0,
            devices=[],
            progress=[],
            # Files of their own, whose sizes are looked at.
            output=replace(config.output, dir=str(folder), tar=0),
        )
        report = render_dataset(some)
        # The run ends in order when it is interrupted, and here the doctor is to end too.
        if report.stopped_by:
            raise KeyboardInterrupt
        records = list(read_records(ReadableDir(folder), manifest_name("")))
    sizes = [file.bytes for record in records for file in record.files]
    sheets = count_sheets(config, chosen)
    rendered, parts = report.rendered, len(records)
    # Frames that nobody is on are drawn, too.
    if config.motion == "sequence":
        sheets = parts = max(report.frames or 0, sheets)
        rendered = max(0, sheets - len(report.failed)) if report.rendered else 0
    # They come in the order in which threads find them.
    first = min(report.failed, key=lambda problem: problem.row, default=None)
    return Trial(
        sheets=sheets,
        rendered=rendered,
        seconds=report.seconds / sheets,
        file_bytes=sum(sizes) / max(parts, 1),
        failure=f"row {first.row}: {first.reason}" if first else None,
    )


def count_sheets(config: Config, fits: Fits) -> int:
    """How many sheets these fits make, or frames with people on them."""
    if config.motion == "sequence":
        return sum(guess_frames(fits, clip) for clip in group_clips(fits, config.people))
    return sum(map(len, group_people(fits, config.people)))


def _pick_rows(config: Config, rows: np.ndarray, count: int) -> np.ndarray:
    """Up to `count` of these rows: neighbours, or spread over all of them."""
    if config.people == "together" or config.motion == "sequence":
        # People of an image mostly follow one another in the file, and are to share their sheet; so do the
        # frames of a clip, which shows what lies between them, too.
        # So the trial takes neighbours, from the middle of the file.
        start = max(0, (len(rows) - count) // 2)
        return rows[start : start + count]
    # Rounded up, so that there are no more than `count`.
    return rows[:: -(-len(rows) // count)]


@contextlib.contextmanager
def _open_trial_dir() -> Iterator[Path]:
    advice = "The trial needs a little room in the folder for temporary files: set TMPDIR to another one"
    try:
        folder = tempfile.TemporaryDirectory(prefix="render-trial-")
    except OSError as error:
        raise OutputError(f"nothing can be written for the trial ({error}). {advice}.") from error
    with folder as path:
        try:
            yield Path(path)
        # The latter where the folder lies among the photos.
        except (OutputError, ConfigError) as error:
            raise OutputError(f"{error} {advice}.") from error


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keeps what a run says, and its progress bar, from between the findings."""
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        log.setLevel(level)
