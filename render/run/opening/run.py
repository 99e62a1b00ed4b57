"""A run that has opened all it needs, and takes one share of its people after the other."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from render.config.schema import Config
from render.files.stores.output import open_output
from render.fits.rows.shards import Shard, allot_shards, parse_shard, take_shard
from render.library.surface.reference import Reference
from render.record.fingerprint import Fingerprint
from render.run.clips.group import find_strangers, name_sequences, number_people
from render.run.folders import check_folders
from render.run.labels.demands import check_demands
from render.run.layouts import needs_photos
from render.run.opening.bodies import open_bodies
from render.run.opening.comparison import open_comparison
from render.run.opening.inputs import (
    Dataset,
    Hardware,
    find_body_mismatch,
    find_still,
    open_coco,
    open_dataset,
    open_fits,
    open_hardware,
)
from render.run.opening.other_bodies import open_other_bodies
from render.run.opening.reference import open_reference
from render.run.opening.renderer import RunInputs
from render.run.opening.surfaces import open_surface
from render.run.opening.upright import find_estimate
from render.types.fits import Fits, RowProblem

log = logging.getLogger("render")

# Of several fit files, said in one line.
MOST_NAMED = 4


@dataclass(frozen=True)
class Share:
    """The part of a run's people that is drawn in one go.

    Attributes:
        tag: Of the shard, such as `3of64`; nothing for all of them.
        fits: The people.
        skipped: Entries that are no valid fits.
    """

    tag: str
    fits: Fits
    skipped: list[RowProblem]


class OpenedRun:
    """What a run has opened before its first sheet.

    Args:
        inputs: Settings, hardware, bodies, photos.
        selected: The people that `samples` takes, of all shards.
        fits: Those of them that are opened: in the shard of the settings.
        skipped: Entries in that shard that are no valid fits.
        fingerprint: Of the settings and of the people.

    Attributes:
        config: The settings.
        inputs, selected, fits, fingerprint: As given.
    """

    def __init__(
        self,
        inputs: RunInputs,
        selected: Fits,
        fits: Fits,
        skipped: list[RowProblem],
        fingerprint: Fingerprint,
    ) -> None:
        self.config: Config = inputs.config
        self.inputs = inputs
        self.selected = selected
        self.fits = fits
        self.fingerprint = fingerprint
        self._skipped = skipped
        # Of the last count of shards: their numbers.
        self._allotted: tuple[int, np.ndarray] | None = None

    @property
    def reference(self) -> Reference | None:
        """What people are compared with; None where they are not."""
        comparison = self.inputs.comparison
        return self.inputs.reference if comparison is None else comparison.reference

    @property
    def whole(self) -> Share:
        """All that is opened."""
        return Share(parse_shard(self.config.shard).tag, self.fits, self._skipped)

    def take(self, shard: Shard) -> Share:
        """A shard of what is opened, which must be all that `samples` takes.

        Args:
            shard: Its number, and how many there are; of the same count as in the call before it costs least.
        """
        if self._allotted is None or self._allotted[0] != shard.count:
            of_rows = name_sequences(self.fits) if self.config.motion == "sequence" else None
            self._allotted = (shard.count, allot_shards(self.fits, shard.count, of_rows))
        return Share(shard.tag, *take_shard(self.fits, self._skipped, shard, self._allotted[1]))


def open_run(config: Config, compilers: int | None = None) -> OpenedRun:
    """Opens fits, body, device, rasterizer, photos and what else the settings ask for.

    Args:
        config: The settings.
        compilers: Threads that compile kernels, where others than those that draw sheets are free.

    Raises:
        RenderError: Nothing can be done.
    """
    dataset = open_dataset(config.dataset)
    needs_some = config.writes_cameras or needs_photos(config)
    check_folders(config.output.dir, dataset.image_dir, needs_some)
    hardware = open_hardware(config, compilers)
    # Before the fits and the body, which take longer: a folder that cannot be written is said at once.
    open_output(config.output.dir, parse_shard(config.shard).tag)
    log.info("device: %s", hardware.describe())
    return open_on(config, dataset, hardware)


def open_on(config: Config, dataset: Dataset, hardware: Hardware) -> OpenedRun:
    """Opens all but the dataset and the hardware, and draws nothing.

    Args:
        config: The settings.
        dataset: Of the settings.
        hardware: Of the settings; or for those who only look, the CPU.

    Raises:
        RenderError: Nothing can be done.
    """
    selection = open_fits(config, dataset)
    fits = number_people(selection.fits) if config.motion == "sequence" else selection.fits
    log.info("fits: %d people from %s", len(fits), ", ".join(map(str, dataset.fit_files[:MOST_NAMED])))
    opened = open_bodies(config.body, fits, hardware.device)
    log.info("body: %s", ", ".join(opened.names) or "meshes as they are")
    mismatch = find_body_mismatch(config.body, config.dataset)
    # Meshes bring their own shapes.
    if mismatch is not None and opened.poses_chosen:
        log.warning("%s", mismatch)
    estimate = find_estimate(config, fits)
    if estimate is not None:
        log.info("%s", estimate)
    strangers = find_strangers(selection.fits, config.people) if config.motion == "sequence" else None
    for warning in (find_still(config), strangers):
        if warning is not None:
            log.warning("%s", warning)
    others = open_other_bodies(config, fits, opened.origins, hardware.device)
    surface = open_surface(config, opened.bodies, opened.origins, fits)
    coco = open_coco(config, fits)
    # Of all shards, so that they agree.
    photos = dataset.open_photos(selection.selected)
    reference = open_reference(config, dataset, selection.valid, fits, opened.bodies)
    comparison = open_comparison(config, dataset, fits, opened.bodies, reference)
    fingerprint = Fingerprint(
        config,
        hardware.rasterizer.name,
        opened.origins,
        surface.charts_file,
        coco,
        photos.ignores_exif,
        surface=surface.named,
        reference=reference,
        tried=others.files,
        compared=None if comparison is None else comparison.shaping,
    )
    bodies = surface.paint(opened.bodies)
    errors = reference if comparison is None else None
    inputs = RunInputs(config, hardware, bodies, surface, coco, photos, errors, others, comparison)
    if config.job.product == "labels":
        check_demands(config.layer_specs(), fits)
    return OpenedRun(inputs, selection.selected, fits, selection.skipped, fingerprint)
