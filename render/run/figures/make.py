"""A figure from settings to files: planned, laid out, drawn at the paper's pixels, and written together."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from tqdm.contrib.logging import logging_redirect_tqdm

from render.compute.memory import plan_memory, settle
from render.compute.threads import one_thread_each
from render.config.checks import check_is_folder
from render.config.figure.declare import DEFAULT_ROWS
from render.config.schema import Config
from render.figure.lay_out import lay_out
from render.figure.report import describe
from render.figure.write import write_figure
from render.figure.writers.typst_files import open_typst
from render.files.output_dir import OutputDir
from render.photos.behind_sheets import PhotoReader
from render.photos.decode import quiet_opencv
from render.run.executor import Job, ThreadExecutor
from render.run.figures.contents import plan_figure
from render.run.figures.errors import draw_bar, find_reference
from render.run.figures.pictures import Cell, PictureMaker
from render.run.figures.samples import find_rows, refuse, take_used
from render.run.figures.table import open_table
from render.run.folders import check_folders
from render.run.opening.bodies import open_bodies
from render.run.opening.inputs import (
    Hardware,
    find_body_mismatch,
    open_coco,
    open_dataset,
    open_hardware,
)
from render.run.opening.renderer import RunInputs, open_renderer
from render.run.opening.surfaces import open_surface
from render.run.progress import open_progress
from render.types.figure.content import BAR

log = logging.getLogger("render")

# Files that only a figure makes.
_PICTURE = re.compile(rf"(row\d+_column\d+(_zoom\d+)?|{BAR})\.(png|jpg)")
# Bytes of a pixel while it is drawn, with its samples.
_PIXEL_BYTES = 16


def make_figure(config: Config) -> str:
    """Makes the figure that `config` declares, and returns what is to be said of it.

    Raises:
        RenderError: It cannot be made; all that is missing is said, and nothing is written.
    """
    spec = config.figure_spec()
    check_is_folder("output.dir", config.output.dir, "figures are made there")
    # Before all that takes time.
    open_typst()
    dataset = open_dataset(config.dataset)
    check_folders(config.output.dir, dataset.image_dir, config.has_photos)
    # Other figures may be made in the same folder at the same time.
    output = OutputDir(Path(config.output.dir), spec.name)
    output.remove_temporaries([spec.name])
    table = open_table(config, dataset, spec)
    rows = find_rows(spec, table, DEFAULT_ROWS)
    spec = replace(spec, rows=tuple(row.sample for row in rows))
    hardware = open_hardware(config)
    log.info("device: %s", hardware.describe())
    fits, rows = take_used(table.fits, rows)
    opened = open_bodies(config.body, fits, hardware.device)
    mismatch = find_body_mismatch(config.body, config.dataset)
    if mismatch is not None and opened.poses_chosen:
        log.warning("%s", mismatch)
    surface = open_surface(config, opened.bodies, opened.origins, fits)
    coco = open_coco(config, fits)
    bodies = surface.paint(opened.bodies)
    reference = find_reference(config, spec, rows, fits, bodies)
    photos = dataset.open_photos(fits)
    renderer = open_renderer(RunInputs(config, hardware, bodies, surface, coco, photos, reference))
    with closing(photos), one_thread_each(), quiet_opencv(), logging_redirect_tqdm():
        plan = plan_figure(config, spec, rows, fits, photos, renderer)
        page = lay_out(spec, plan.content)
        sizes = {placed.name: placed.size_px for placed in page.pictures}
        reader = PhotoReader(True, config.damaged_photos == "draw", photos)
        maker = PictureMaker(
            renderer, reader, plan.fits, config.framing(), config.supersample, config.outside
        )
        asked = {name: (plan.cells[name], size) for name, size in sizes.items() if name != BAR}
        pictures = _draw(maker, asked, hardware)
        if BAR in sizes and plan.scale is not None:
            pictures[BAR] = draw_bar(plan.scale, sizes[BAR])
    for damage in sorted(maker.damaged):
        log.warning("damaged: %s", damage)
    files = write_figure(page, spec, spec.name, pictures)
    output.write_together(files)
    _remove_old(output, files)
    return f"{describe(page, files)}, in {output.path}"


def _remove_old(output: OutputDir, files: Mapping[str, bytes]) -> None:
    """Removes pictures that an earlier figure of the same name had and this one has not."""
    for folder in {name.rpartition("/")[0] for name in files if "/" in name}:
        for path in sorted((output.path / folder).iterdir()):
            if _PICTURE.fullmatch(path.name) and f"{folder}/{path.name}" not in files:
                output.remove(f"{folder}/{path.name}")


def _draw(
    maker: PictureMaker, asked: dict[str, tuple[Cell, tuple[int, int]]], hardware: Hardware
) -> dict[str, np.ndarray]:
    """The pictures by name.

    Raises:
        ConfigError: Some of them cannot be drawn.
    """
    found: dict[str, np.ndarray | str] = {}
    memory = plan_memory(hardware.device, hardware.threads)
    wait = partial(settle, hardware.device)
    executor = ThreadExecutor(hardware.threads, memory.capacity_bytes, memory.most_batches, wait)
    with closing(open_progress(len(asked), "picture")) as progress:

        def finish(name: str, picture: np.ndarray | str) -> None:
            found[name] = picture
            progress.advance()

        executor.run(
            Job(_PIXEL_BYTES * size_px[0] * size_px[1], maker.make(cell, size_px, partial(finish, name)))
            for name, (cell, size_px) in asked.items()
        )
    refuse([f"{name}: {found[name]}" for name in asked if isinstance(found[name], str)])
    return {name: picture for name in asked if isinstance(picture := found[name], np.ndarray)}
