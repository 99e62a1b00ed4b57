"""Where the fits and photos of a dataset are, which of them a run takes, and which body they show."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from render.body.smpl import SmplBody
from render.config import BodyConfig, DatasetConfig, DemoDataset, parse_samples
from render.demo.dataset import make_demo_dataset
from render.errors import ConfigError
from render.types import FitTable, RowProblem

REPOSITORY = Path(__file__).parents[1]
DEMO_BODY = "demo"
# The demo set shows this body, whichever one is drawn over it.
DEMO_BODY_FILE = REPOSITORY / "extradata" / "demo" / "demo_smpl.npz"

log = logging.getLogger("render")


@dataclass(frozen=True)
class Dataset:
    """A fit file, the name of its format, and the folder that its image names are relative to."""

    format: str
    fit_file: Path
    image_dir: Path
    is_demo: bool


def open_dataset(config: DatasetConfig) -> Dataset:
    """Finds the dataset; the demo set is generated if it is not there yet."""
    if not isinstance(config, DemoDataset):
        return Dataset(config.format, find_file(config.fit_file), Path(config.image_dir), is_demo=False)
    folder = Path(config.root) / f"n{config.count}_seed{config.seed}"
    body = SmplBody(DEMO_BODY_FILE, DEMO_BODY, torch.device("cpu"))
    if not folder.exists():
        log.info("demo set: making %d photos in %s, about 4 a second", config.count, folder)
    fit_file = make_demo_dataset(folder, config.count, config.seed, body)
    return Dataset("eft", fit_file, folder / "images", is_demo=True)


def select_samples(
    fits: FitTable, problems: list[RowProblem], samples: str
) -> tuple[FitTable, list[RowProblem]]:
    """What of a fit file `samples` asks for; it counts entries of the file, valid or not.

    Raises ConfigError where that is none.
    """
    entries = len(fits) + len(problems)
    wanted = range(entries)[parse_samples(samples)]
    if not wanted:
        raise ConfigError(f"samples: {samples!r} selects none of the {entries} entries of the fit file")
    if len(wanted) == entries:
        # As it is mapped from the cache.
        return fits, problems
    chosen = fits.take(np.isin(fits.row, np.array(wanted)))
    return chosen, [problem for problem in problems if problem.row in wanted]


def find_body_mismatch(body: BodyConfig, dataset: DatasetConfig) -> str | None:
    """Why these bodies will not fit their photos; None if they will."""
    if (body.name == DEMO_BODY) == isinstance(dataset, DemoDataset):
        return None
    return (
        f"the body {body.name!r} was not the one that {dataset.name!r} was fitted with: its betas mean other "
        f"shapes, so bodies will not fit their photos; use body=smpl with real fits and body=demo with the "
        f"demo set"
    )


def check_folders(output_dir: Path, image_dir: Path, needs_photos: bool) -> None:
    """Raises ConfigError where sheets could overwrite photos, or where there are no photos at all."""
    output, images = follow("output.dir", output_dir), follow("dataset.image_dir", image_dir)
    if output.is_relative_to(images) or images.is_relative_to(output):
        raise ConfigError(
            f"output.dir: {output_dir} and the image folder {image_dir} overlap, and sheets could overwrite "
            f"photos; set output.dir to a folder of its own"
        )
    if needs_photos and not image_dir.is_dir():
        raise ConfigError(
            f"dataset.image_dir: {image_dir} is no folder; set it to the folder that the image names of the "
            f"fit file are relative to"
        )


def follow(setting: str, path: Path) -> Path:
    """Where the folder that a setting names really is, or would be; ConfigError if links go in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            f"{setting}: {path} cannot be followed ({error}); set it to another folder"
        ) from error


def find_file(path: str) -> Path:
    """A relative path is looked for in the current folder, then in the repository."""
    return Path(path) if Path(path).exists() or not (REPOSITORY / path).exists() else REPOSITORY / path
