"""Whether a run can start: one check for each thing that it needs, and a trial of what it takes."""

from __future__ import annotations

import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch

from render.body.charts import read_chart_arrays, read_charts
from render.body.smpl import SmplBody
from render.config import Config, DatasetConfig, FilesDataset, describe_images, parse_size
from render.dataset import (
    Dataset,
    check_folders,
    find_body_mismatch,
    find_file,
    follow,
    open_dataset,
    select_samples,
)
from render.device import describe_device, open_device
from render.disk import explain_failure
from render.doctor.trial import TRIAL_SHEETS, Trial, count_sheets, run_trial
from render.errors import BodyModelError, OutputError, PhotoError, RenderError
from render.fits import read_fits
from render.photo import PhotoDir
from render.plan import group_people, needs_photo_size
from render.rasterize.choose import choose_rasterizer
from render.shade import load_mode
from render.shard import parse_shard, take_shard
from render.types import FitTable
from render.write.atomic import SETTING
from render.write.names import sheet_file, sheet_name

log = logging.getLogger("render")

MOST_REASONS = 3
# What `failures.csv`, folders and half-filled blocks of the disk add to the sheets.
OVERHEAD = 1.05
# Of the free space, what a run may take without a warning: the estimate may be off by so much.
SAFE_SHARE = 0.9


@dataclass(frozen=True)
class Finding:
    """What a check found. bad: the run would fail, or make nothing. warn: it can start, with a loss."""

    title: str
    state: Literal["ok", "warn", "bad"]
    text: str


@dataclass
class Examined:
    """What earlier checks found, for later ones; None where there is nothing.

    selected: the fits that `samples` takes. fits: those of them in the shard. sheets: how many the run makes.
    faults: titles of what is bad.
    """

    dataset: Dataset | None = None
    selected: FitTable | None = None
    fits: FitTable | None = None
    body: SmplBody | None = None
    trial: Trial | None = None
    sheets: int = 0
    faults: list[str] = field(default_factory=list)


def examine(config: Config) -> Iterator[Finding]:
    """The findings on the run that `config` describes, each as soon as it is known; none ends the others."""
    checks: dict[str, Callable[[Config, Examined], Finding]] = {
        "fits": check_fits,
        "body": check_body,
        "charts": check_charts,
        "images": check_images,
        "device": check_device,
        "trial": check_trial,
        "disk": check_disk,
    }
    examined = Examined()
    for title, check in checks.items():
        try:
            finding = check(config, examined)
        except RenderError as error:
            finding = Finding(title, "bad", str(error))
        if finding.state == "bad":
            examined.faults.append(title)
        yield finding


def check_fits(config: Config, examined: Examined) -> Finding:
    """Whether the fit file can be read, and how much of it is valid and selected."""
    examined.dataset = dataset = open_dataset(config.dataset)
    fits, rejected = read_fits(dataset.format, dataset.fit_file)
    selected, skipped = select_samples(fits, rejected, config.samples)
    shard = parse_shard(config.shard)
    chosen, skipped = take_shard(selected, skipped, shard)
    said = [f"{len(fits):,} people in {dataset.fit_file}"]
    choice = [f"samples={config.samples}"] * (config.samples != "all")
    choice += [f"shard={config.shard}"] * (shard.count > 1)
    if choice:
        said.append(f"{' '.join(choice)} takes {len(chosen):,} of them")
    entries = len(fits) + len(rejected)
    known = config.dataset.entries if isinstance(config.dataset, FilesDataset) else []
    is_known = not known or entries in known
    if not is_known:
        counts = " or ".join(f"{count:,}" for count in known)
        said.append(
            f"expected {counts} entries, found {entries:,}: the file is of another release, or not the whole "
            f"of it; check where it came from"
        )
    if rejected:
        reasons = [f"row {problem.row}: {problem.reason}" for problem in rejected[:MOST_REASONS]]
        reasons += ["..."] * (len(rejected) > MOST_REASONS)
        said.append(f"{len(rejected):,} entries are no valid fits ({'; '.join(reasons)})")
    if not len(selected):
        return Finding("fits", "bad", "; ".join([*said, "there is nothing to draw; set samples to others"]))
    examined.selected, examined.fits = selected, chosen
    examined.sheets = count_sheets(config, chosen)
    state = "warn" if rejected or not is_known else "ok"
    return Finding("fits", _rate_loss(config) if skipped else state, "; ".join(said))


def check_body(config: Config, examined: Examined) -> Finding:
    """Whether the body model can be read and goes with the fits."""
    path = find_file(config.body.path)
    examined.body = body = SmplBody(path, config.body.name, torch.device("cpu"))
    text = f"{body.name}, {len(body.faces):,} faces, from {path}"
    mismatch = find_body_mismatch(config.body, config.dataset)
    return Finding("body", "warn", f"{text}; {mismatch}") if mismatch else Finding("body", "ok", text)


def check_charts(config: Config, examined: Examined) -> Finding:
    """Whether the charts are there and are those of the body; no fault where no panel needs them."""
    users = sorted({spec.mode for spec in config.panel_specs() if load_mode(spec.mode).needs_charts})
    path = find_file(config.body.charts)
    use = f"needed by {', '.join(users)}" if users else "not needed by these panels"
    if not users and not path.exists():
        return Finding("charts", "ok", use)
    try:
        if examined.body is None:
            read_chart_arrays(path)
            return Finding("charts", "warn", f"{path}: not compared, because there is no body yet; {use}")
        charts = read_charts(path, examined.body.faces, len(examined.body.v_template))
    except BodyModelError as error:
        return Finding("charts", "bad" if users else "warn", f"{error} They are {use}.")
    return Finding("charts", "ok", f"of {int((charts.part > 0).sum()):,} faces, from {path}, {use}")


def check_images(config: Config, examined: Examined) -> Finding:
    """Whether the photos of the selected people are there; none is opened."""
    if not needs_photo_size(config.panel_specs(), parse_size(config.size)):
        return Finding("images", "ok", "not needed by these panels")
    if examined.dataset is None:
        return Finding("images", "warn", "not looked for, because the dataset cannot be opened")
    folder = examined.dataset.image_dir
    advice = _advise_images(config.dataset)
    if not folder.is_dir():
        return Finding("images", "bad", f"{folder} is no folder; {advice}")
    if examined.fits is None:
        return Finding("images", "warn", f"not counted in {folder}, because there are no fits yet")
    photo_dir = PhotoDir(folder)
    row_of_image: dict[str, int] = {}
    for image_name, row in zip(examined.fits.image_name, examined.fits.row, strict=True):
        row_of_image.setdefault(image_name, int(row))
    missing = [name for name in row_of_image if not _is_photo_there(photo_dir, name)]
    if not missing:
        return Finding("images", "ok", f"all {len(row_of_image):,} in {folder}")
    first = f"the first is {missing[0]} (row {row_of_image[missing[0]]})"
    if len(missing) == len(row_of_image):
        return Finding("images", "bad", f"none of {len(missing):,} is in {folder}, {first}; {advice}")
    return Finding(
        "images",
        _rate_loss(config),
        f"{len(missing):,} of {len(row_of_image):,} are missing or empty in {folder}, {first}; their sheets "
        f"will fail",
    )


def check_device(config: Config, examined: Examined) -> Finding:
    """Which device the run draws on, with how many threads, and which rasterizer."""
    device = open_device(config.device)
    rasterizer = choose_rasterizer(config.rasterizer, device)
    choices = [f"{key}=auto" for key in ("device", "rasterizer") if getattr(config, key) == "auto"]
    threads = config.threads or os.cpu_count() or 1
    text = f"{describe_device(device)}, {threads} threads, rasterizer {rasterizer.name}"
    return Finding("device", "ok", f"{text}, chosen by {' and '.join(choices)}" if choices else text)


def check_trial(config: Config, examined: Examined) -> Finding:
    """What the run takes, by a trial with a few of its sheets."""
    if examined.selected is None or examined.faults:
        return Finding("trial", "warn", f"not made before these are mended: {', '.join(examined.faults)}")
    log.info("trial: drawing up to %d sheets, after compiling kernels if none are kept", TRIAL_SHEETS)
    trial = run_trial(config, examined.selected)
    failed = trial.sheets - trial.rendered
    failure = f"{failed} of {trial.sheets} sheets failed, the first: {trial.failure}"
    if not trial.rendered:
        return Finding("trial", "bad", failure)
    examined.trial = trial
    absent = _count_absent(config, examined.fits)
    text = (
        f"{trial.seconds * 1000:.3g} ms a sheet ({trial.sheets} tried), so about "
        f"{format_seconds(trial.seconds * absent)} for {absent:,} sheets of {format_bytes(trial.file_bytes)} "
        f"that are not there yet"
    )
    if failed:
        return Finding("trial", _rate_loss(config), f"{text}; {failure}")
    return Finding("trial", "ok", text)


def check_disk(config: Config, examined: Examined) -> Finding:
    """Whether the sheets can be written to the output folder and fit there; leaves nothing behind."""
    output_dir = Path(config.output.dir)
    if examined.dataset is not None:
        check_folders(output_dir, examined.dataset.image_dir, needs_photos=False)
    folder = _find_existing(follow("output.dir", output_dir))
    _prove_writable(folder)
    free = shutil.disk_usage(folder).free
    if examined.trial is None:
        return Finding("disk", "ok", f"{format_bytes(free)} free at {folder}; no estimate without a trial")
    absent = _count_absent(config, examined.fits)
    needed = examined.trial.file_bytes * absent * OVERHEAD
    text = (
        f"about {format_bytes(needed)} needed for {absent:,} sheets that are not there yet, "
        f"{format_bytes(free)} free at {folder}"
    )
    if needed > SAFE_SHARE * free:
        state = "bad" if needed > free else "warn"
        return Finding("disk", state, f"{text}; free some space or set output.dir to another disk")
    return Finding("disk", "ok", text)


def _rate_loss(config: Config) -> Literal["warn", "bad"]:
    """What it is to lose some sheets."""
    return "bad" if config.on_error == "stop" else "warn"


def format_seconds(seconds: float) -> str:
    """Below a minute as `12 s`, from then on as `h:mm:ss`."""
    whole = round(seconds)
    return f"{seconds:.2g} s" if whole < 60 else f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def format_bytes(count: float) -> str:
    """In kB, MB, GB or TB, as disks are sold."""
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:,.1f} TB"


def _advise_images(dataset: DatasetConfig) -> str:
    advice = "set dataset.image_dir to the folder that the image names of the fit file are relative to"
    return f"{advice}. {describe_images(dataset)}".rstrip(". ")


def _count_absent(config: Config, fits: FitTable) -> int:
    """How many sheets have no file from an earlier run, which is kept or replaced."""
    folder = Path(config.output.dir)
    people = (sheet[0] for image in group_people(fits, config.people) for sheet in image)
    names = (sheet_name(fits.image_name[first], int(fits.row[first])) for first in people)
    return sum(not os.path.exists(folder / sheet_file(name, config.output.format)) for name in names)


def _is_photo_there(photo_dir: PhotoDir, image_name: str) -> bool:
    try:
        status = os.stat(photo_dir.find(image_name))
    # ValueError: a name that no file system takes.
    except (PhotoError, OSError, ValueError):
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0


def _find_existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.parents) if os.path.exists(path))


def _prove_writable(folder: Path) -> None:
    try:
        # It has no name, where the file system can do that, and is gone at the end in any case.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = explain_failure(folder / "sheet", error, SETTING)
        raise OutputError(f"{folder}: nothing can be written there: {reason}.") from error
