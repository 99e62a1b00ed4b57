"""What a viewer shows of a data set: its photos or its sequences, opened with the settings of a run."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from render.compute.device import describe_device, open_device
from render.compute.threads import count_cores
from render.config.schema import Config
from render.errors import ConfigError
from render.files.sheet_names import sheet_name
from render.library.poser import BatchPoser
from render.photos.decode import quiet_opencv
from render.photos.sources.source import PhotoSource
from render.rasterize.choose import choose_rasterizer
from render.run.clips.group import number_people
from render.run.clips.run import find_clips
from render.run.clips.survey import ClipSurvey
from render.run.folders import check_folders
from render.run.opening.bodies import open_bodies
from render.run.opening.inputs import find_body_mismatch, open_dataset, open_fits
from render.run.opening.reference import open_reference
from render.run.opening.surfaces import open_surface
from render.run.opening.warm import warm_kernels
from render.sheet.layout import group_people
from render.types.fits import Fits
from render.viewer.loader import Shot, StageLoader

log = logging.getLogger("render")


@dataclass(frozen=True)
class Subject:
    """What is looked at: a photo, or somebody of it, or a sequence.

    Attributes:
        name: Path below the output folder, without extension, as its sheet or its clip has it.
        shots: The one of a photo, or the frames of a sequence.
        starts_s: When each frame begins, and when the last one ends; of a photo nothing.
    """

    name: str
    shots: tuple[Shot, ...]
    starts_s: tuple[float, ...] = ()


@dataclass(frozen=True)
class Source:
    """A data set, ready to be looked at.

    Attributes:
        config: The settings.
        loader: Makes stages.
        subjects: What there is to be seen, in the order of the fit file; never empty.
    """

    config: Config
    loader: StageLoader
    subjects: list[Subject]


@contextlib.contextmanager
def open_source(config: Config, shares_stage: bool) -> Iterator[Source]:
    """Opens what the settings of a run name.

    Args:
        config: The settings.
        shares_stage: Whether all people of a sequence are on one stage, whatever `people` is.

    Raises:
        RenderError: It cannot be used, or there is nobody to be seen.
    """
    if config.job.product != "sheets":
        raise ConfigError(
            f"job: the viewer shows what sheets show, and {config.job.name} makes none; leave the job out"
        )
    dataset = open_dataset(config.dataset)
    check_folders(config.output.dir, dataset.image_dir, needs_photos=True)
    selection = open_fits(config, dataset)
    is_sequence = config.motion == "sequence" or bool((selection.fits.sequence != "").all())
    if not len(selection.fits):
        raise ConfigError("samples: none of the rows that it takes in this shard is a fit; take others")
    fits = number_people(selection.fits) if is_sequence else selection.fits
    device = open_device(config.device)
    log.info("device: %s; fits: %d people", describe_device(device), len(fits))
    warm_kernels([], config.rasterizer, device, config.threads or count_cores())
    opened = open_bodies(config.body, fits, device)
    mismatch = find_body_mismatch(config.body, config.dataset)
    if mismatch is not None and opened.poses_chosen:
        log.warning("%s", mismatch)
    bodies = open_surface(config, opened.bodies, opened.origins, fits).paint(opened.bodies)
    reference = open_reference(config, dataset, selection.valid, fits, bodies)
    photos = dataset.open_photos(selection.selected)
    poser = BatchPoser(bodies, None, choose_rasterizer(config.rasterizer, device).make)
    loader = StageLoader(fits, poser, photos, config.damaged_photos == "draw", reference)
    with contextlib.closing(photos), quiet_opencv():
        if is_sequence:
            people = "together" if shares_stage else config.people
            subjects = _list_clips(config, selection.selected, fits, photos, people)
        else:
            subjects = _list_photos(fits, config.people)
        yield Source(config, loader, subjects)


def _list_photos(fits: Fits, people: str) -> list[Subject]:
    groups = [group for image in group_people(fits, people) for group in image]
    return [
        Subject(sheet_name(fits.image_name[group[0]], int(fits.row[group[0]])), (_shoot(fits, group),))
        for group in groups
    ]


def _shoot(fits: Fits, people: tuple[int, ...]) -> Shot:
    return Shot(str(fits.image_name[people[0]]), people)


def _list_clips(
    config: Config, selected: Fits, fits: Fits, photos: PhotoSource, people: str
) -> list[Subject]:
    clips = find_clips(selected, fits, people)
    survey = ClipSurvey(config, fits, clips, photos)
    found = []
    for clip in clips:
        plan = survey.plan(clip)
        names = plan.names if photos.has_photos else [""] * plan.count
        shots = tuple(Shot(name, who, is_frame=True) for name, who in zip(names, plan.fits, strict=True))
        found.append(Subject(clip.name, shots, tuple(plan.starts_s.tolist())))
    return found
