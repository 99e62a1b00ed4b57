"""Whether a run can start: one check for each thing that it needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from render.body.charts import read_chart_arrays
from render.compute.device import open_device
from render.compute.threads import count_cores
from render.config.dataset import DatasetConfig, FilesDataset
from render.config.load import describe_images
from render.config.schema import Config
from render.doctor.costs import check_disk, check_trial
from render.doctor.finding import Examined, Finding, State, format_seconds, rate_loss
from render.errors import BodyModelError, MissingPhotoError, PhotoError, RenderError
from render.files.stores.fetch import find_input
from render.fits.image_paths import is_video
from render.fits.rows.shards import parse_shard
from render.library.bodies import load_charts
from render.library.kernels import list_every_kernel
from render.photos.sources.source import PhotoSource
from render.run.layouts import needs_photos
from render.run.opening.bodies import open_bodies, open_chosen
from render.run.opening.charts import list_charted
from render.run.opening.inputs import find_body_mismatch, open_dataset, open_fits, open_hardware
from render.run.opening.warm import warm_listed
from render.run.opening.watch import open_watch
from render.run.stop import StopSignal
from render.run.survey import REMOTE_THREADS
from render.sanity.inspect_fits import inspect_fits

# Of rejected entries; the table of failures that a run writes has them all.
MOST_REASONS = 3


def examine(config: Config) -> Iterator[Finding]:
    """Looks at all that a run needs.

    Args:
        config: Of the run.

    Yields:
        The findings, each as soon as it is known; none ends the others.
    """
    # In this order, because some use what others have found.
    checks: dict[str, Callable[[Config, Examined], Finding]] = {
        "fits": check_fits,
        "body": check_body,
        "charts": check_charts,
        "images": check_images,
        "cameras": check_cameras,
        "device": check_device,
        "trial": check_trial,
        "disk": check_disk,
    }
    if config.progress:
        checks["progress"] = check_watchers
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
    """Whether the fit file can be read, and how much of it is valid and selected.

    Args:
        config: Of the run.
        examined: Where dataset, fits and the number of sheets are noted.

    Raises:
        RenderError: It cannot be read.
    """
    examined.dataset = dataset = open_dataset(config.dataset)
    selection = open_fits(config, dataset)
    fits, rejected, chosen = selection.valid, selection.rejected, selection.fits
    said = [f"{len(fits):,} people in {', '.join(map(str, dataset.fit_files[:4]))}"]
    choice = [f"samples={config.samples}"] * (config.samples != "all")
    choice += [f"shard={config.shard}"] * (parse_shard(config.shard).count > 1)
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
    if not len(selection.selected):
        return Finding("fits", "bad", "; ".join([*said, "there is nothing to draw; set samples to others"]))
    examined.selected, examined.fits = selection.selected, chosen
    state: State = "warn" if rejected or not is_known else "ok"
    return Finding("fits", rate_loss(config) if selection.skipped else state, "; ".join(said))


def check_body(config: Config, examined: Examined) -> Finding:
    """Whether the body model can be read and goes with the fits.

    Args:
        config: Of the run.
        examined: What earlier checks found, the fits above all; where the bodies are noted.

    Raises:
        RenderError: It cannot be read.
    """
    # On the CPU, so that a device that does not work is the finding of its own check.
    device, mismatch = torch.device("cpu"), find_body_mismatch(config.body, config.dataset)
    if examined.fits is None:
        body = open_chosen(config.body, device)
        examined.models = (body,)
        text = f"{body.name}, {len(body.faces):,} faces, from {config.body.path or body.package}"
    else:
        opened = open_bodies(config.body, examined.fits, device)
        examined.bodies = opened.bodies
        examined.models = tuple(opened.bodies.models[i] for i in np.unique(examined.fits.source).tolist())
        counts = ", ".join(
            f"{count:,}" for count in dict.fromkeys(len(model.faces) for model in examined.models)
        )
        text = f"{', '.join(opened.names) or 'meshes as they are'}, {counts} faces"
        # Meshes bring their own shapes.
        mismatch = mismatch if opened.poses_chosen else None
    return Finding("body", "warn", f"{text}; {mismatch}") if mismatch else Finding("body", "ok", text)


def check_charts(config: Config, examined: Examined) -> Finding:
    """Whether the charts are there and are those of the body; no fault where nothing needs them.

    Args:
        config: Of the run.
        examined: What earlier checks found, the body above all.
    """
    users = list_charted(config)
    made = "layers" if config.job.product == "labels" else "panels"
    use = f"needed by {', '.join(users)}" if users else f"not needed by these {made}"
    if config.body.charts is None:
        return Finding("charts", "bad" if users else "ok", f"body={config.body.name} has none; {use}")
    path = find_input(config.body.charts)
    if not users and not os.path.exists(path):
        return Finding("charts", "ok", use)
    try:
        # Without a body the file itself can still be read.
        if not examined.models:
            read_chart_arrays(path)
            return Finding("charts", "warn", f"{path}: not compared, because there is no body yet; {use}")
        # Those of other topologies are refused.
        charts, *_ = [load_charts(path, model) for model in examined.models]
    except BodyModelError as error:
        return Finding("charts", "bad" if users else "warn", f"{error} They are {use}.")
    return Finding("charts", "ok", f"of {int((charts.part > 0).sum()):,} faces, from {path}, {use}")


def check_images(config: Config, examined: Examined) -> Finding:
    """Whether the photos of the selected people are there; none is opened.

    Args:
        config: Of the run.
        examined: What earlier checks found, the fits above all.
    """
    dataset = examined.dataset
    if dataset is not None and dataset.image_dir is None:
        return Finding("images", "ok", "none, as dataset.image_dir=null has it; bodies are drawn on white")
    if not needs_photos(config):
        return Finding("images", "ok", "not needed by these panels")
    if dataset is None or dataset.image_dir is None:
        return Finding("images", "warn", "not looked for, because the dataset cannot be opened")
    folder = dataset.image_dir
    advice = _advise_images(config.dataset)
    if isinstance(folder, Path) and not os.path.isdir(folder) and not is_video(folder):
        return Finding("images", "bad", f"{folder} is no folder, no video and no archive; {advice}")
    if examined.fits is None:
        return Finding("images", "warn", f"not counted in {folder}, because there are no fits yet")
    photos = dataset.open_photos(examined.fits)
    # Several people may share a photo; the first row with it is named.
    row_of_image: dict[str, int] = {}
    for image_name, row in zip(examined.fits.image_name, examined.fits.row, strict=True):
        row_of_image.setdefault(image_name, int(row))
    # One after the other where nothing is waited for.
    with ThreadPoolExecutor(REMOTE_THREADS if photos.is_remote else 1) as pool:
        are_there = list(pool.map(photos.has, row_of_image))
    missing = [name for name, is_there in zip(row_of_image, are_there, strict=True) if not is_there]
    if not missing:
        return Finding("images", "ok", f"all {len(row_of_image):,} in {folder}")
    first = f"the first is {missing[0]} (row {row_of_image[missing[0]]})"
    there = photos.advise(missing[0])
    # What is there, and is no photo: nothing is to be looked for elsewhere.
    reason = None if there else _find_reason(photos, missing[0])
    fate = "their frames will be grey" if config.motion == "sequence" else "their sheets will fail"
    # Where no photo at all is there, the folder is most likely another one.
    if len(missing) == len(row_of_image):
        said = f", {there}" if there else f": {reason}" if reason else f"; {advice}"
        return Finding("images", "bad", f"none of {len(missing):,} is in {folder}, {first}{said}")
    said = f", {there}" if there else f": {reason}" if reason else f"; {fate}"
    return Finding(
        "images",
        rate_loss(config),
        f"{len(missing):,} of {len(row_of_image):,} are missing or empty in {folder}, {first}{said}",
    )


def check_cameras(config: Config, examined: Examined) -> Finding:
    """What the fits are, and whether a few of them look like people who are on their photos.

    Args:
        config: Not used; all checks take the same.
        examined: What earlier checks found, the fits and their bodies above all.

    Raises:
        RenderError: Their vertices cannot be read.
    """
    if examined.dataset is None or examined.fits is None or examined.bodies is None:
        return Finding("cameras", "warn", "not looked at, because there are no fits or no bodies yet")
    photos = examined.dataset.open_photos(examined.fits)
    remarks = inspect_fits(examined.fits, examined.bodies, photos)
    state: State = "warn" if any(remark.state == "warn" for remark in remarks) else "ok"
    return Finding("cameras", state, ". ".join(remark.text for remark in remarks))


def check_device(config: Config, examined: Examined) -> Finding:
    """Which device the run draws on, with how many threads, and which rasterizer.

    Kernels are compiled there for all modes and for the layers of label sets as they are shipped, so that few
    later runs need to.

    Args:
        config: Of the run.
        examined: Not used; all checks take the same.

    Raises:
        RenderError: There is no such device, or the rasterizer does not work there.
    """
    device, threads = open_device(config.device), config.threads or count_cores()
    warmed = warm_listed(list_every_kernel(config.rasterizer), device, threads)
    text = open_hardware(config).describe()
    choices = [f"{key}=auto" for key in ("device", "rasterizer") if getattr(config, key) == "auto"]
    said = [f"{text}, chosen by {' and '.join(choices)}" if choices else text]
    done = (
        f", {warmed.compiled} of them compiled in {format_seconds(warmed.seconds)}" if warmed.compiled else ""
    )
    said.append(f"{warmed.count - len(warmed.faults)} kernels for all modes and the usual layers{done}")
    said += [
        f"the kernel {called!r} cannot be compiled, and panels that need it will fail: {cause}"
        for called, cause in warmed.faults.items()
    ]
    return Finding("device", "warn" if warmed.faults else "ok", "; ".join(said))


def check_watchers(config: Config, examined: Examined) -> Finding:
    """Whether all that watchers of the run need is installed.

    Args:
        config: Of the run.
        examined: Not used; all checks take the same.

    Raises:
        ConfigError: A library is missing, or nobody is logged in.
    """
    open_watch(config, StopSignal())
    return Finding("progress", "ok", f"told to {', '.join(dict.fromkeys(config.progress))}")


def _find_reason(photos: PhotoSource, image_name: str) -> str | None:
    """Why a run cannot read what has the name of a photo; None where nothing has it."""
    try:
        photo = photos.find(image_name)
        if photo is not None:
            photos.read_size(photo)
    except MissingPhotoError:
        return None
    except PhotoError as error:
        return str(error)
    return None


def _advise_images(dataset: DatasetConfig) -> str:
    advice = "set dataset.image_dir to the folder that the image names of the fit file are relative to"
    return f"{advice}. {describe_images(dataset)}".rstrip(". ")
