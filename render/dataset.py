"""Where the fits and photos of a dataset are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from render.body.smpl import SmplBody
from render.config import DatasetConfig, DemoDataset
from render.demo.dataset import make_demo_dataset

DEMO_BODY = "demo"
# The demo set shows this body, whichever one is drawn over it.
DEMO_BODY_FILE = Path(__file__).parents[1] / "extradata" / "demo" / "demo_smpl.npz"


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
        return Dataset(config.format, Path(config.fit_file), Path(config.image_dir), is_demo=False)
    folder = Path(config.root) / f"n{config.count}_seed{config.seed}"
    body = SmplBody(DEMO_BODY_FILE, DEMO_BODY, torch.device("cpu"))
    fit_file = make_demo_dataset(folder, config.count, config.seed, body)
    return Dataset("eft", fit_file, folder / "images", is_demo=True)
