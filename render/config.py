"""The configuration: every key, its type, its range. Hydra fills it from conf/ and the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from render.errors import ConfigError
from render.panels import PanelSpec, parse_panel

MAX_BATCH = 4096
MAX_THREADS = 256


@dataclass
class DatasetConfig:
    """Which fits, and the photos that they belong to."""

    name: str = MISSING


@dataclass
class FilesDataset(DatasetConfig):
    """A fit file and a folder of photos."""

    format: str = MISSING
    fit_file: str = MISSING
    image_dir: str = MISSING


@dataclass
class DemoDataset(DatasetConfig):
    """A generated set below `root`: `count` photos from `seed`."""

    root: str = MISSING
    count: int = MISSING
    seed: int = MISSING

    def __post_init__(self) -> None:
        _check_range("dataset.count", self.count, 1, 1_000_000)
        _check_range("dataset.seed", self.seed, 0, 2**32 - 1)


@dataclass
class BodyConfig:
    """The body model: a file in SMPL's layout."""

    name: str = MISSING
    path: str = MISSING


@dataclass
class JobConfig:
    """A named set of panels; `panels` on the command line goes before it."""

    name: str = MISSING
    panels: list[str] = MISSING


@dataclass
class OutputConfig:
    """Where sheets go and in which format."""

    format: str = MISSING
    dir: str = "outputs/${dataset.name}/${job.name}"

    def options(self) -> dict[str, Any]:
        """What the format has of its own, for its encoder."""
        shared = {f.name for f in fields(OutputConfig)}
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in shared}


@dataclass
class JpgOutput(OutputConfig):
    quality: int = MISSING

    def __post_init__(self) -> None:
        _check_range("output.quality", self.quality, 1, 100)


@dataclass
class PngOutput(OutputConfig):
    pass


@dataclass
class Config:
    """All settings of a run.

    samples: entries of the fit file, `all`, one index, or a Python slice such as 0:100. panels: what a sheet
    shows, from left to right, each view/mode or view/mode/background. device: auto, cpu, cuda or cuda:1.
    batch: most sheets drawn in one pass. threads: 0 takes one for each core.
    """

    dataset: DatasetConfig = MISSING
    body: BodyConfig = MISSING
    job: JobConfig = MISSING
    output: OutputConfig = MISSING
    samples: str = "all"
    panels: list[str] = field(default_factory=lambda: "${job.panels}")
    device: str = "auto"
    batch: int = 64
    threads: int = 0

    def __post_init__(self) -> None:
        _check_range("batch", self.batch, 1, MAX_BATCH)
        _check_range("threads", self.threads, 0, MAX_THREADS)
        if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", self.device):
            raise ConfigError(f"device: expected auto, cpu, cuda or cuda:N, found {self.device!r}")
        parse_samples(self.samples)
        self.panel_specs()

    def panel_specs(self) -> tuple[PanelSpec, ...]:
        """The panels of a sheet, checked."""
        if not self.panels:
            raise ConfigError("panels: expected at least one, such as '[camera/geo]', found none")
        return tuple(parse_panel(text) for text in self.panels)


def register_schemas() -> None:
    """Tells Hydra the types behind the files of conf/."""
    store = ConfigStore.instance().store
    store(name="schema", node=Config)
    store(group="schema/dataset", name="files", node=FilesDataset)
    store(group="schema/dataset", name="demo", node=DemoDataset)
    store(group="schema/output", name="jpg", node=JpgOutput)
    store(group="schema/output", name="png", node=PngOutput)


def load_config(composed: DictConfig) -> Config:
    """The checked configuration. Raises ConfigError naming the key that is missing or out of range."""
    missing = OmegaConf.missing_keys(composed)
    if missing:
        settings = " ".join(f"{key}=..." for key in sorted(missing))
        raise ConfigError(f"settings without a value; add to the command line: {settings}")
    try:
        config: Any = OmegaConf.to_object(composed)
    except OmegaConfBaseException as error:
        raise ConfigError(f"configuration: {error}") from error
    _check_keys("", config)
    return config


def parse_samples(samples: str) -> slice:
    """`all`, one index, or start:stop or start:stop:step as in Python. Raises ConfigError otherwise."""
    if samples == "all":
        return slice(None)
    if re.fullmatch(r"\d{1,9}", samples):
        return slice(int(samples), int(samples) + 1)
    if re.fullmatch(r"(-?\d{1,9})?:(-?\d{1,9})?(:[1-9]\d{0,8})?", samples):
        return slice(*(int(part) if part else None for part in samples.split(":")))
    raise ConfigError(f"samples: expected all, an index, or start:stop[:step], found {samples!r}")


def _check_keys(path: str, node: Any) -> None:
    """Hydra lets `+key=value` add keys that no type has."""
    known = {f.name for f in fields(node)}
    for key, value in vars(node).items():
        if key not in known:
            raise ConfigError(f"{path}{key}: no such setting; there are: {', '.join(sorted(known))}")
        if is_dataclass(value):
            _check_keys(f"{path}{key}.", value)


def _check_range(key: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{key}: expected {low} to {high}, found {value}")
