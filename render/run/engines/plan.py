"""How much there is to do, and into how many shards that is divided."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from render.config.schema import Config
from render.errors import ConfigError
from render.files.output import Readable
from render.files.stores.output import open_output
from render.files.tars import find_tag
from render.run.clips.group import group_clips, guess_frames, name_sequences, number_people
from render.run.folders import check_folders
from render.run.layouts import needs_photos
from render.run.opening.inputs import open_dataset, open_fits
from render.sheet.layout import group_people
from render.types.fits import Fits
from render.write.format import FORMATS

# Images of a shard: of more, not all machines that come later would find work.
MOST_IMAGES = {"cpu": 1000, "cuda": 8192}
# Shards of each of several workers, so that none waits long for the last; one has nobody to wait for, and at
# the end of each shard some of its threads have nothing to do.
SHARDS_EACH = 8
# Fewer images are not worth a beginning.
LEAST_IMAGES = {"cpu": 16, "cuda": 256}
# Workers of a cluster that may grow.
UNKNOWN_WORKERS = 2
# Each has two files while the run is under way.
MOST_SHARDS = 4096


@dataclass(frozen=True)
class Plan:
    """What a run divides.

    Attributes:
        shards: Into how many shards.
        images: How many there are; of clips, their frames.
        total: How much there is to do.
        unit: What is counted, one of it.
    """

    shards: int
    images: int
    total: int
    unit: str


def make_plan(config: Config, on_gpu: bool, workers: int = UNKNOWN_WORKERS) -> Plan:
    """Opens the fits of a run to see what there is to do, and lets them go again.

    Args:
        config: The settings.
        on_gpu: Whether workers draw on GPUs.
        workers: How many there are to be.

    Raises:
        RenderError: Nothing can be done.
    """
    dataset = open_dataset(config.dataset)
    needs_some = config.writes_cameras or needs_photos(config)
    check_folders(config.output.dir, dataset.image_dir, needs_some)
    output = open_output(config.output.dir)
    # The first worker says it all again.
    with _quiet():
        fits = open_fits(config, dataset).selected
    return divide(config, fits, output, on_gpu, workers)


def divide(config: Config, fits: Fits, output: Readable, on_gpu: bool, workers: int) -> Plan:
    """What there is to do.

    Args:
        config: The settings.
        fits: All that `samples` takes.
        output: Where the run writes.
        on_gpu: Whether workers draw on GPUs.
        workers: How many there are to be.

    Raises:
        ConfigError: There are tars that only one process goes on with.
    """
    if config.motion == "sequence":
        units = len(set(name_sequences(fits)))
        total = sum(guess_frames(fits, clip) for clip in group_clips(number_people(fits), config.people))
        return Plan(max(min(units, MOST_SHARDS), 2), total, total, "frame")
    sheets = group_people(fits, config.people)
    # A clip takes as long as its frames.
    frames = config.frames if FORMATS.load(config.output.format).holds_frames else 1
    shards = find_count(output) if config.output.tar else None
    if shards is None:
        shards = count_shards(len(sheets), workers, on_gpu, frames)
    return Plan(shards, len(sheets) * frames, sum(map(len, sheets)), "sheet")


def count_shards(images: int, workers: int, on_gpu: bool, frames: int = 1) -> int:
    """Into how many shards a run is divided; with others it goes on too.

    Args:
        images: How many there are.
        workers: How many draw them.
        on_gpu: Whether they draw on GPUs, which take many images at once.
        frames: Of each image.
    """
    kind = "cuda" if on_gpu else "cpu"
    weight = images * frames
    shared = min(SHARDS_EACH * workers if workers > 1 else 1, weight // LEAST_IMAGES[kind])
    count = max(shared, -(-weight // MOST_IMAGES[kind]))
    # So that all have as many.
    count = -(-count // workers) * workers if count > workers else count
    # With one there would be no shards, and nothing to merge.
    return max(min(count, images, MOST_SHARDS), 2)


def find_count(output: Readable) -> int | None:
    """How many shards have written the tars that are there; None where there are none.

    Tars of shards stay what they are: only shards of the same numbers go on with them.

    Args:
        output: The folder.

    Raises:
        ConfigError: There are tars of one process, or of shards of several counts.
    """
    tags = {find_tag(name) for name in output.list_names("")} - {None}
    counts = {int(tag.partition("of")[2]) if tag else 1 for tag in tags if tag is not None}
    if not counts:
        return None
    if counts == {1} or len(counts) > 1:
        found = "one process" if counts == {1} else "shards of several counts"
        raise ConfigError(
            f"executor: {output.locate()} has tars of {found}, which only one process goes on with; set "
            f"executor=threads, or output.dir to a folder of its own"
        )
    return counts.pop()


@contextmanager
def _quiet() -> Iterator[None]:
    log = logging.getLogger("render")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
