"""What a run will take: time by a trial, and room on the disk."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from render.config.schema import Config
from render.doctor.amount import find_absent
from render.doctor.finding import Examined, Finding, State, format_seconds, rate_loss
from render.doctor.trial import TRIAL_SHEETS, run_trial
from render.errors import OutputError
from render.files.faults import explain_failure
from render.files.output_dir import SETTING
from render.files.stores.output import open_output
from render.files.stores.urls import is_url
from render.run.dry.room import find_existing, format_bytes
from render.run.folders import check_folders, follow
from render.run.labels.demands import check_demands

log = logging.getLogger("render")

# What `failures.csv`, folders and half-filled blocks of the disk add to the sheets.
OVERHEAD = 1.05
# Of the free space, what a run may take without a warning: the estimate may be off by so much.
SAFE_SHARE = 0.9


def check_trial(config: Config, examined: Examined) -> Finding:
    """What the run takes, by a trial with a few of its sheets.

    Args:
        config: Of the run.
        examined: What earlier checks found; the trial is noted there.

    Raises:
        ConfigError: None of the fits can have a layer that is asked for.
    """
    if examined.selected is None or examined.fits is None or examined.faults:
        return Finding("trial", "warn", f"not made before these are mended: {', '.join(examined.faults)}")
    check_demands(config.layer_specs(), examined.fits)
    # It may take half a minute, and nothing else is printed meanwhile.
    what = "frames" if config.motion == "sequence" else "sheets"
    done = "measuring" if config.job.product == "audit" else "drawing"
    log.info("trial: %s up to %d %s", done, TRIAL_SHEETS, "images" if done == "measuring" else what)
    trial = run_trial(config, examined.selected)
    absent = find_absent(config, examined)
    failed = trial.sheets - trial.rendered
    failure = f"{failed} of {trial.sheets} {absent.unit}s failed, the first: {trial.failure}"
    if not trial.rendered:
        return Finding("trial", "bad", failure)
    examined.trial = trial
    article = "an" if absent.unit == "image" else "a"
    text = (
        f"{trial.seconds * 1000:.3g} ms {article} {absent.unit} ({trial.sheets} tried), so about "
        f"{format_seconds(trial.seconds * absent.count)} for {absent.describe(trial.file_bytes)} that are "
        f"not there yet"
    )
    if failed:
        return Finding("trial", rate_loss(config), f"{text}; {failure}")
    return Finding("trial", "ok", text)


def check_disk(config: Config, examined: Examined) -> Finding:
    """Whether the sheets can be written to the output folder and fit there; leaves nothing behind.

    Args:
        config: Of the run.
        examined: What earlier checks found, the trial above all.

    Raises:
        RenderError: Nothing can be written there.
    """
    place = config.output.dir
    if examined.dataset is not None:
        check_folders(place, examined.dataset.image_dir, needs_photos=False)
    if is_url(place):
        return _check_store(config, examined)
    # A run makes its folder; here the nearest one that is there stands for it.
    folder = find_existing(follow("output.dir", Path(place)))
    _prove_writable(folder)
    free = shutil.disk_usage(folder).free
    if examined.trial is None or examined.fits is None:
        return Finding("disk", "ok", f"{format_bytes(free)} free at {folder}; no estimate without a trial")
    if not examined.trial.file_bytes:
        return Finding("disk", "ok", f"{format_bytes(free)} free at {folder}; numbers take little room")
    absent = find_absent(config, examined)
    needed = examined.trial.file_bytes * absent.count * OVERHEAD
    text = (
        f"about {format_bytes(needed)} needed for {absent.describe()} that are not there yet, "
        f"{format_bytes(free)} free at {folder}"
    )
    if needed > SAFE_SHARE * free:
        state: State = "bad" if needed > free else "warn"
        return Finding("disk", state, f"{text}; free some space or set output.dir to another disk")
    return Finding("disk", "ok", text)


def _check_store(config: Config, examined: Examined) -> Finding:
    # Opening it tries to write there; what room stores have nobody is told.
    text = f"{open_output(config.output.dir).locate()} can be written to"
    if examined.trial is None or examined.fits is None:
        return Finding("disk", "ok", f"{text}; no estimate without a trial")
    absent = find_absent(config, examined)
    needed = format_bytes(examined.trial.file_bytes * absent.count * OVERHEAD)
    return Finding(
        "disk", "ok", f"{text}; about {needed} needed for {absent.describe()} that are not there yet"
    )


def _prove_writable(folder: Path) -> None:
    try:
        # It has no name, where the file system can do that, and is gone at the end in any case.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = explain_failure(folder / "sheet", error, SETTING)
        raise OutputError(f"{folder}: nothing can be written there: {reason}.") from error
