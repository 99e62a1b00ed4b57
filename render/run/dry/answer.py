"""What dry_run=true says: whom a run is of, what it would make, what it would leave out, and where."""

from __future__ import annotations

from contextlib import closing

import torch

from render.compute.threads import count_cores, one_thread_each
from render.config.schema import Config
from render.files.stores.output import open_readable
from render.fits.rows.shards import parse_shard
from render.photos.decode import quiet_opencv
from render.rasterize.choose import Chosen
from render.rasterize.rasterizer import RASTERIZERS
from render.record.earlier import read_earlier
from render.resources import only_look
from render.run.dry.absent import describe_absent_demo
from render.run.dry.count import count
from render.run.dry.figure import describe_figure
from render.run.dry.room import check_writable
from render.run.dry.say import Answer, list_lines
from render.run.dry.work import describe_work
from render.run.folders import check_folders, check_sets
from render.run.layouts import needs_photos
from render.run.opening.inputs import Dataset, Hardware, open_dataset
from render.run.opening.run import OpenedRun, open_on
from render.run.opening.watch import open_watch
from render.run.stop import StopSignal


def answer(config: Config) -> Answer:
    """Looks at all that a run would look at, and neither draws nor writes anything.

    The device is not asked, and no rasterizer is tried: with `rasterizer=auto` the first is taken to be the
    one that works. What shows only when bodies are drawn, such as damaged photos, is not found.

    Args:
        config: The settings.

    Raises:
        RenderError: The run could not start.
    """
    with only_look(), one_thread_each(), quiet_opencv():
        if config.job.product == "figure":
            return describe_figure(config)
        if (absent := describe_absent_demo(config)) is not None:
            return Answer([("dataset", absent)])
        return _answer(config)


def open_to_look(config: Config, dataset: Dataset) -> OpenedRun:
    """Opens a run on the CPU, on which nothing is drawn.

    Raises:
        RenderError: The run could not start.
    """
    rasterizer = RASTERIZERS.names[0] if config.rasterizer == "auto" else config.rasterizer
    hardware = Hardware(
        torch.device("cpu"),
        config.threads or count_cores(),
        Chosen(rasterizer, RASTERIZERS.load(rasterizer)),
    )
    return open_on(config, dataset, hardware)


def _answer(config: Config) -> Answer:
    dataset = open_dataset(config.dataset)
    check_folders(config.output.dir, dataset.image_dir, config.writes_cameras or needs_photos(config))
    check_writable(config.output.dir)
    # For what it refuses.
    open_watch(config, StopSignal())
    run = open_to_look(config, dataset)
    output = open_readable(config.output.dir)
    earlier = read_earlier(output)
    check_sets(earlier.list_earlier(), config)
    share = run.whole
    with closing(run.inputs.photos):
        counted = count(run, share, earlier)
    skipped = len(share.skipped)
    images = len(set(share.fits.image_name.tolist()))
    of_shard = "" if parse_shard(config.shard).count == 1 else f" in shard {config.shard}"
    lines = [("people", f"{len(share.fits):,} on {images:,} images{of_shard}")]
    if skipped:
        first = share.skipped[0]
        lines.append(
            ("skipped", f"{skipped:,} are no valid fits, the first: row {first.row}: {first.reason}")
        )
    lines += list_lines(config, counted, describe_work(config, run.selected, output))
    stops = config.on_error == "stop" and bool(counted.lost_rows or skipped)
    if stops:
        lines.append(("stop", "the run would stop at the first of them, as on_error=stop asks"))
    return Answer(lines, bool(counted.lost_rows), stops)
