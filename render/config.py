"""The configuration: every key, its type, its range. Hydra fills it from conf/ and the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import II, MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from render.annotate import ANNOTATIONS
from render.device import check_device_name
from render.errors import ConfigError
from render.help import build_help
from render.panels import PanelSpec, check_background, parse_panel
from render.rasterize import RASTERIZERS
from render.shade import load_mode
from render.shard import parse_shard

MAX_BATCH = 4096
MAX_THREADS = 256
MAX_FRAMES = 3600
# Panels of a sheet; a row of so many never breaks.
MAX_COLUMNS = 256
SUPERSAMPLES = (1, 2, 4)
# Formats that keep every bit, and formats that keep alpha.
EXACT_FORMATS = ("png", "webp")
ALPHA_FORMATS = ("png", "gif", "webp")


@dataclass
class DatasetConfig:
    """Which fits, and the photos that they belong to."""

    name: str = MISSING


@dataclass
class FilesDataset(DatasetConfig):
    """A fit file, a folder of photos, and COCO's person_keypoints file if its annotations are drawn.

    entries: how many the fit file is known to have, in one release or another. fits_url: where it is served.
    image_source: where the photos are to be had. image_layout: what `image_dir` must hold. licence: of fits
    and photos.
    """

    format: str = MISSING
    fit_file: str = MISSING
    image_dir: str = MISSING
    coco_file: str | None = None
    entries: list[int] = field(default_factory=list)
    fits_url: str | None = None
    image_source: str | None = None
    image_layout: str | None = None
    licence: str | None = None


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
    """The body model: a file in SMPL's layout, and its DensePose charts, which only some modes need.

    charts_url: where an archive with the charts is served.
    """

    name: str = MISSING
    path: str = MISSING
    charts: str = MISSING
    charts_url: str | None = None


@dataclass
class JobConfig:
    """A named set of panels, how many stand in a row, and how many frames a full turn of them takes.

    `panels`, `columns` and `frames` on the command line go before these. One frame is a still picture.
    """

    name: str = MISSING
    panels: list[str] = MISSING
    columns: int = MAX_COLUMNS
    frames: int = 1


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
class ClipOutput(OutputConfig):
    """A moving picture."""

    fps: float = MISSING

    def __post_init__(self) -> None:
        # Browsers slow down GIFs whose frames last less than 2/100 s.
        _check_range("output.fps", self.fps, 1, 50)


@dataclass
class Config:
    """All settings of a run.

    samples: entries of the fit file, `all`, one index, or a Python slice such as 0:100. people: alone, a
    sheet for each person, or together, one for each image. panels: what a sheet shows, from left to right,
    each view/mode or view/mode/background. background: of panels that name none. draw: annotations over them.
    size: of panels that do not lie over the photo, `photo` or 512x512. opacity: of the bodies, above 0 to 1.
    supersample: n for n x n samples a pixel. columns: most panels in a row. frames: of a full turn. device:
    auto, cpu, cuda or cuda:1. rasterizer: auto takes the fastest that works there. batch: most sheets drawn
    in one pass, if memory holds so many. threads: 0 takes one for each core. shard: 3/64 is the third of 64
    parts of the selection. on_error: skip what cannot be drawn, or stop at it. damaged_photos: fail, or draw
    what is left of them.
    """

    dataset: DatasetConfig = MISSING
    body: BodyConfig = MISSING
    job: JobConfig = MISSING
    output: OutputConfig = MISSING
    samples: str = "all"
    people: str = "alone"
    panels: list[str] = field(default_factory=lambda: II("job.panels"))
    background: str = "photo"
    draw: list[str] = field(default_factory=list)
    size: str = "photo"
    opacity: float = 1.0
    supersample: int = 1
    columns: int = II("job.columns")
    frames: int = II("job.frames")
    device: str = "auto"
    rasterizer: str = "auto"
    batch: int = MAX_BATCH
    threads: int = 0
    shard: str = "1/1"
    on_error: str = "skip"
    damaged_photos: str = "fail"

    def __post_init__(self) -> None:
        if not self.output.dir.strip():
            raise ConfigError("output.dir: expected a folder, found nothing")
        _check_range("batch", self.batch, 1, MAX_BATCH)
        _check_range("threads", self.threads, 0, MAX_THREADS)
        check_device_name(self.device)
        _check_choice("rasterizer", self.rasterizer, ("auto", *RASTERIZERS))
        _check_range("columns", self.columns, 1, MAX_COLUMNS)
        _check_range("frames", self.frames, 1, MAX_FRAMES)
        _check_choice("supersample", self.supersample, SUPERSAMPLES)
        _check_choice("people", self.people, ("alone", "together"))
        if not 0 < self.opacity <= 1:
            raise ConfigError(f"opacity: expected above 0 and up to 1, found {self.opacity}")
        check_background("background", self.background)
        parse_samples(self.samples)
        parse_shard(self.shard)
        _check_choice("on_error", self.on_error, ("skip", "stop"))
        _check_choice("damaged_photos", self.damaged_photos, ("fail", "draw"))
        parse_size(self.size)
        self._check_format()
        for name in self.draw:
            _check_choice("draw", name, ANNOTATIONS)
        if "coco" in self.draw and getattr(self.dataset, "coco_file", None) is None:
            raise ConfigError("draw: coco needs COCO's person_keypoints file; set dataset.coco_file")

    def panel_specs(self) -> tuple[PanelSpec, ...]:
        """The panels of a sheet, checked."""
        if not self.panels:
            raise ConfigError("panels: expected at least one, such as '[camera/geo]', found none")
        if len(self.panels) > MAX_COLUMNS:
            raise ConfigError(f"panels: expected at most {MAX_COLUMNS}, found {len(self.panels)}")
        return tuple(parse_panel(text, self.background) for text in self.panels)

    def _check_format(self) -> None:
        """Refuses formats that would lose what the panels show."""
        file_format = self.output.format
        for spec in self.panel_specs():
            if load_mode(spec.mode).is_exact and file_format not in EXACT_FORMATS:
                raise ConfigError(
                    f"output: {spec.mode} holds labels, and {file_format} would change them; use png or webp"
                )
            if spec.background == "transparent" and file_format not in ALPHA_FORMATS:
                raise ConfigError(
                    f"output: {file_format} has no transparency; use one of {', '.join(ALPHA_FORMATS)}"
                )
            if spec.background == "transparent" and file_format == "gif" and self.opacity < 1:
                raise ConfigError("output: gif has no half transparent pixels, as opacity asks for; use webp")
        if self.frames > 1 and not isinstance(self.output, ClipOutput):
            raise ConfigError(f"output: {file_format} holds one frame of {self.frames}; use gif, mp4 or webp")


def register_schemas() -> None:
    """Tells Hydra the types behind the files of conf/."""
    store = ConfigStore.instance().store
    store(name="schema", node=Config)
    store(group="hydra/help", name="render", node=build_help())
    store(group="schema/dataset", name="files", node=FilesDataset)
    store(group="schema/dataset", name="demo", node=DemoDataset)
    store(group="schema/output", name="jpg", node=JpgOutput)
    store(group="schema/output", name="png", node=PngOutput)
    store(group="schema/output", name="clip", node=ClipOutput)


def load_config(composed: DictConfig) -> Config:
    """The checked configuration. Raises ConfigError naming the key that is missing or out of range."""
    missing = OmegaConf.missing_keys(composed)
    if missing:
        settings = " ".join(f"{key}=..." for key in sorted(missing))
        advice = describe_images(composed.dataset) if "dataset.image_dir" in missing else ""
        raise ConfigError(
            f"settings without a value; add to the command line: {settings}\n  {advice}".rstrip()
        )
    try:
        config: Any = OmegaConf.to_object(composed)
    except OmegaConfBaseException as error:
        raise ConfigError(f"configuration: {error}") from error
    _check_keys("", config)
    return config


def describe_images(dataset: DatasetConfig | DictConfig) -> str:
    """Where the photos of a dataset come from and how they must lie, if its configuration says so."""
    said = (getattr(dataset, key, None) for key in ("image_source", "image_layout"))
    return " ".join(text for text in said if text)


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


def parse_size(size: str) -> tuple[int, int] | None:
    """Height and width of `512x256` (width first), None for `photo`. Raises ConfigError otherwise."""
    if size == "photo":
        return None
    match = re.fullmatch(r"([1-9]\d{1,3})x([1-9]\d{1,3})", size)
    if not match:
        raise ConfigError(
            f"size: expected photo, or width x height in pixels such as 512x512, found {size!r}"
        )
    return int(match[2]), int(match[1])


def _check_choice(key: str, value: Any, known: tuple) -> None:
    if value not in known:
        raise ConfigError(f"{key}: expected one of {', '.join(map(str, known))}, found {value!r}")


def _check_range(key: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{key}: expected {low} to {high}, found {value}")
