"""What a run is made from: fits, body, device, rasterizer; opened for the run and the doctor."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from render.compute.device import describe_device, open_device
from render.compute.threads import count_cores
from render.config.dataset import DatasetConfig, DemoDataset, FilesDataset
from render.config.groups import BodyConfig
from render.config.schema import Config
from render.demo.dataset import FIT_FILE, RECIPE_FILE, find_demo_dataset, make_demo_dataset, name_demo_folder
from render.errors import ConfigError
from render.files.stores.fetch import find_input
from render.fits.coco import CocoPerson, read_coco
from render.fits.read import read_fits
from render.fits.reader import READERS
from render.fits.rows.samples import select_samples
from render.fits.rows.shards import allot_shards, parse_shard, take_shard
from render.library.bodies import load_body
from render.library.kernels import list_measuring
from render.photos.sources.segmentations import BODY_ENDING, PARTS_ENDING, SegmentationDir
from render.photos.sources.source import PhotoSource, open_photo_source
from render.photos.stored.open import PhotoPlace, open_image_dir
from render.rasterize.choose import Chosen, choose_rasterizer
from render.resources import DEMO_BODY, DEMO_BODY_FILE
from render.run.clips.group import name_sequences
from render.run.kernels.drawn import find_drawn
from render.run.opening.warm import warm_kernels, warm_listed
from render.sheet.view import VIEWS
from render.types.fits import Fits, RowProblem
from render.write.format import FORMATS

log = logging.getLogger("render")


@dataclass(frozen=True)
class Dataset:
    """Which fits and photos a run is of.

    Attributes:
        format: Name of the fit file's format.
        fit_files: The fit files, whose rows are counted through.
        image_dir: The folder that its image names are relative to, a video or archives; None without photos.
        annotation_file: A COCO-format annotation file, which some formats need.
        options: What the format takes beside the files.
        rename_images: What is replaced in them, so that they become names of files.
        exif: Whether photos are turned by their EXIF orientation: apply, ignore, or format.
    """

    format: str
    fit_files: tuple[Path, ...]
    image_dir: PhotoPlace
    annotation_file: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    rename_images: Mapping[str, str] = field(default_factory=dict)
    exif: str = "format"

    def open_photos(self, fits: Fits) -> PhotoSource:
        """Where its photos are, and whether they are turned by their EXIF orientation.

        Args:
            fits: Those that are drawn over them, whose formats say what their numbers refer to.

        Raises:
            RenderError: Only some of them refer to turned photos, or it is no video that can be read.
        """
        formats = sorted({fits.sources[source].format for source in np.unique(fits.source).tolist()})
        ignoring = [name for name in formats if READERS.load(name).ignores_exif]
        if self.exif == "format" and 0 < len(ignoring) < len(formats):
            raise ConfigError(
                f"dataset.exif: numbers of {', '.join(ignoring)} are of photos without their EXIF "
                f"orientation, and those of {', '.join(name for name in formats if name not in ignoring)} "
                f"are not; set it to apply or ignore, or draw them apart"
            )
        is_ignored = bool(ignoring) if self.exif == "format" else self.exif == "ignore"
        return open_photo_source(self.image_dir, self.rename_images, is_ignored)


@dataclass(frozen=True)
class Selection:
    """What of a fit file a run takes.

    Attributes:
        valid: All valid rows of the file.
        rejected: All others.
        selected: Those of the valid rows that `samples` takes.
        fits: Those of them that are in the shard.
        skipped: Of what `samples` and the shard take, what is no valid fit.
    """

    valid: Fits
    rejected: list[RowProblem]
    selected: Fits
    fits: Fits
    skipped: list[RowProblem]


@dataclass(frozen=True)
class Hardware:
    """What a run is computed on.

    Attributes:
        device: The device.
        threads: How many work for it.
        rasterizer: What rasterizes on it.
    """

    device: torch.device
    threads: int
    rasterizer: Chosen

    def describe(self) -> str:
        """As the log has it."""
        return f"{describe_device(self.device)}, {self.threads} threads, rasterizer {self.rasterizer.name}"


def open_dataset(config: DatasetConfig) -> Dataset:
    """Finds the dataset; the demo set is generated if it is not there yet."""
    if isinstance(config, FilesDataset):
        return Dataset(
            config.format,
            tuple(find_input(path) for path in (config.fit_file, *config.also)),
            open_image_dir(config.image_dir),
            None if config.coco_file is None else find_input(config.coco_file),
            config.options,
            config.rename_images,
            config.exif,
        )
    assert isinstance(config, DemoDataset)
    folder = name_demo_folder(Path(config.root), config.count, config.seed)
    # On the CPU, so that the set does not depend on the device.
    fit_file = find_demo_dataset(folder, config.count, config.seed, DEMO_BODY)
    if fit_file is None:
        warm_kernels([], "warp", torch.device("cpu"), count_cores())
        log.info("demo set: making %d photos in %s, about 8 a second", config.count, folder)
        body = load_body(DEMO_BODY_FILE, "cpu", name=DEMO_BODY)
        fit_file = make_demo_dataset(folder, config.count, config.seed, body)
    return Dataset("eft", (fit_file,), folder / "images")


def open_fits(config: Config, dataset: Dataset) -> Selection:
    """Reads the fit file and takes what `samples` and `shard` ask for.

    Raises:
        RenderError: The file cannot be used, or `samples` takes nothing of it.
    """
    valid, rejected = read_fits(
        dataset.format,
        dataset.fit_files,
        image_dir=dataset.image_dir,
        annotation_file=dataset.annotation_file,
        options=dataset.options,
    )
    selected, skipped = select_samples(valid, rejected, config.samples, config.audit_dir)
    of_rows = name_sequences(selected) if config.motion == "sequence" else None
    shard = parse_shard(config.shard)
    fits, skipped = take_shard(selected, skipped, shard, allot_shards(selected, shard.count, of_rows))
    return Selection(valid, rejected, selected, fits, skipped)


def open_hardware(config: Config, compilers: int | None = None) -> Hardware:
    """The device, threads and rasterizer of the settings; kernels that are missing there are compiled.

    Args:
        config: The settings.
        compilers: Threads that compile them; None for those of the settings.

    Raises:
        RenderError: One of them is not there.
    """
    device = open_device(config.device)
    threads = config.threads or count_cores()
    drawn = find_drawn(config)
    # Before a rasterizer is tried, which would compile its own one after the other.
    workers = compilers or threads
    warm_kernels(
        drawn.shadings,
        config.rasterizer,
        device,
        workers,
        drawn.has_ground,
        drawn.layers,
        drawn.has_shadow,
    )
    if config.job.is_review:
        warm_listed(list_measuring(), torch.device("cpu"), workers)
    return Hardware(device, threads, choose_rasterizer(config.rasterizer, device))


def open_segmentations(config: Config) -> SegmentationDir | None:
    """What people are compared with beside their photos; None where there is nothing.

    Raises:
        ConfigError: There is no such folder.
    """
    if config.segmentation_dir is None:
        return None
    path = find_input(config.segmentation_dir)
    if not path.is_dir():
        raise ConfigError(
            f"dataset.segmentation_dir: expected a folder of pictures such as im1001{BODY_ENDING} and "
            f"im1001{PARTS_ENDING}, found no folder {path}"
        )
    return SegmentationDir(path)


def open_coco(config: Config, fits: Fits) -> dict[int, CocoPerson]:
    """COCO's annotations of the people; who has none is said once.

    Args:
        config: The settings.
        fits: The people of the run.

    Returns:
        The annotations by annotation id; none unless they are shown, or compared with.
    """
    coco_file = getattr(config.dataset, "coco_file", None)
    if not (config.shows_coco or config.job.is_review) or coco_file is None:
        return {}
    # 0 and -1 stand for no annotation.
    wanted = {int(annot_id) for annot_id in fits.annot_id if annot_id > 0}
    people, missing = read_coco(find_input(coco_file), wanted, has_segments=config.job.is_review)
    if missing:
        first = min(missing)
        log.warning(
            "%d of %d people have no COCO annotation, the first is %d: %s",
            len(missing),
            len(wanted),
            first,
            missing[first],
        )
    faults = {annot_id: person.segmentation_fault for annot_id, person in people.items()}
    faulty = [annot_id for annot_id, fault in faults.items() if fault]
    if faulty:
        log.warning(
            "%d of %d people have no good segmentation in COCO's file, the first is %d: %s",
            len(faulty),
            len(people),
            faulty[0],
            faults[faulty[0]],
        )
    return people


def find_body_mismatch(body: BodyConfig, dataset: DatasetConfig) -> str | None:
    """Why these bodies will not fit their photos; None if they will."""
    if (body.name == DEMO_BODY) == _is_demo_set(dataset):
        return None
    return (
        f"the body {body.name!r} was not the one that {dataset.name!r} was fitted with: its betas mean other "
        f"shapes, so bodies will not fit their photos; use body=smpl with real fits and body=demo with the "
        f"demo set"
    )


def _is_demo_set(dataset: DatasetConfig) -> bool:
    """Whether the fits are the demo set's, as a dataset or as the file in its folder."""
    if isinstance(dataset, FilesDataset):
        fit_file = find_input(dataset.fit_file)
        return fit_file.name == FIT_FILE and os.path.isfile(fit_file.with_name(RECIPE_FILE))
    return isinstance(dataset, DemoDataset)


def find_still(config: Config) -> str | None:
    """Why nothing moves in the clips of a run; None if something does, or if they are no clips."""
    if not FORMATS.load(config.output.format).holds_frames or config.motion == "sequence":
        return None
    # These lie over the photo, which does not turn; all others turn by a full circle.
    is_still = all(VIEWS.load(spec.viewpoint.name).over_photo for spec in config.panel_specs())
    if config.frames == 1:
        turn = "add a panel such as orbit/geo and set frames=90" if is_still else "set frames=90"
        return (
            f"{config.output.format}: a clip of one frame is a still picture; {turn} for a turn of the "
            f"bodies, or choose output=png"
        )
    if is_still:
        return (
            f"nothing moves in these clips of {config.frames} frames: panels over the photo do not turn; add "
            f"a panel such as orbit/geo, or set frames=1 and output=png"
        )
    return None
