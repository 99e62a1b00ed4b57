"""The demo set where it was not made yet: nothing can be said of its people."""

from __future__ import annotations

from pathlib import Path

from render.config.dataset import DemoDataset
from render.config.schema import Config
from render.demo.dataset import find_demo_dataset, name_demo_folder
from render.resources import DEMO_BODY


def describe_absent_demo(config: Config) -> str | None:
    """What is said where the demo set is asked for and was not made yet; None elsewhere."""
    if not isinstance(config.dataset, DemoDataset):
        return None
    made = config.dataset
    folder = name_demo_folder(Path(made.root), made.count, made.seed)
    if find_demo_dataset(folder, made.count, made.seed, DEMO_BODY) is not None:
        return None
    return (
        f"the demo set is not there yet, and a run makes its {made.count} photos in {folder} first; how many "
        f"people it has is known then"
    )
