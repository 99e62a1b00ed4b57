"""The settings of a run: every key, its type, its range. Hydra fills them from conf/ and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, make_dataclass
from functools import cache
from typing import Any, ClassVar

from omegaconf import II, MISSING

from render.annotate.annotation import ANNOTATIONS
from render.body.model import BODY_MODELS
from render.compute.device_name import check_device_name
from render.config.checks import check_choice, check_range, check_text, expand_path, parse_size
from render.config.dataset import TOLD, DatasetConfig
from render.errors import ConfigError
from render.fits.rows.samples import parse_samples
from render.fits.rows.shards import parse_shard
from render.rasterize.rasterizer import RASTERIZERS
from render.shade.mode import MODES
from render.sheet.backgrounds import check_background
from render.sheet.panels import PanelSpec, parse_panel
from render.write.format import FORMATS, Format

# Also the default: in practice memory says how many there are.
MAX_BATCH = 4096
MAX_THREADS = 256
MAX_FRAMES = 3600
# Panels of a sheet; a row of so many never breaks.
MAX_COLUMNS = 256
SUPERSAMPLES = (1, 2, 4)
EDGES = ("smooth", "hard")
# Where files of other models than the chosen one are looked for, by kind and, of men and women, by that too.
# The names are those of the downloads.
BODY_FILES = {
    "smpl": "extradata/smpl/basicModel_neutral_lbs_10_207_0_v1.0.0.pkl",
    "smpl_male": "extradata/smpl/basicModel_m_lbs_10_207_0_v1.0.0.pkl",
    "smpl_female": "extradata/smpl/basicModel_f_lbs_10_207_0_v1.0.0.pkl",
    "smplh": "extradata/smplh/SMPLH_NEUTRAL.npz",
    "smplh_male": "extradata/smplh/SMPLH_MALE.npz",
    "smplh_female": "extradata/smplh/SMPLH_FEMALE.npz",
    "smplx": "extradata/smplx/SMPLX_NEUTRAL.npz",
    "smplx_male": "extradata/smplx/SMPLX_MALE.npz",
    "smplx_female": "extradata/smplx/SMPLX_FEMALE.npz",
    "mhr": "extradata/mhr/mhr_face_mask.ply",
}


@dataclass
class BodyConfig:
    """The body model: its kind and its file, and its DensePose charts, which only some modes need.

    Attributes:
        name: What the body is called, in messages.
        model: The kind of model, such as smpl.
        path: The model's file; null for a model that has none.
        charts: The file of its DensePose charts, for the modes densepose, uv, iuv and parts; null where there
            are none.
        files: Files of other models, by kind, for fits that `path` is not of: smplx, smplx_female, mhr.
        charts_url: Where an archive with the charts is served.
    """

    name: str = MISSING
    model: str = "smpl"
    path: str | None = MISSING
    charts: str | None = MISSING
    files: dict[str, str] = field(default_factory=lambda: dict(BODY_FILES))
    charts_url: str | None = field(default=None, metadata=TOLD)

    def __post_init__(self) -> None:
        check_text("body.name", self.name)
        BODY_MODELS.check("body.model", self.model)
        if self.path is not None:
            self.path = expand_path("body.path", self.path)
        if self.charts is not None:
            self.charts = expand_path("body.charts", self.charts)
        self.files = {kind: expand_path(f"body.files.{kind}", path) for kind, path in self.files.items()}


@dataclass
class JobConfig:
    """A named set of panels, how many stand in a row, and how many frames a full turn of them takes.

    `panels`, `columns` and `frames` on the command line go before these.

    Attributes:
        name: What the job is called, in the folder of the sheets.
        panels: What a sheet shows, as `Config` has it.
        columns: Most panels in a row.
        frames: Of a full turn; one frame is a still picture.
    """

    name: str = MISSING
    panels: list[str] = field(default=MISSING, metadata=TOLD)
    columns: int = field(default=MAX_COLUMNS, metadata=TOLD)
    frames: int = field(default=1, metadata=TOLD)

    def __post_init__(self) -> None:
        check_text("job.name", self.name)


@dataclass
class OutputConfig:
    """Where sheets go and in which format; a format's own options are further keys.

    Attributes:
        format: Name of the format.
        dir: The folder of the sheets. What is there already, whole and of the same inputs, is not drawn
            again.
    """

    format: str = field(default=MISSING, metadata=TOLD)
    dir: str = "outputs/${dataset.name}/${job.name}"

    CHOSEN: ClassVar[str] = ""

    def options(self) -> dict[str, Any]:
        """What the format's encoder takes, checked.

        Raises:
            ConfigError: There is no such format, it was not chosen by `output=`, or an option is out of
                range.
        """
        FORMATS.check("output.format", self.format)
        # The key only says what was chosen, with the options that the choice has.
        if self.format != self.CHOSEN:
            raise ConfigError(f"output.format: a format is chosen by output={self.format}")
        found = {}
        for option in FORMATS.load(self.format).options:
            found[option.name] = getattr(self, option.name)
            check_range(f"output.{option.name}", found[option.name], option.low, option.high)
        return found


@cache
def make_output_node(name: str) -> type[OutputConfig]:
    """The settings of an output format of that name: those of all, and a key for each of its options."""
    # A type of its own, so that Hydra knows which options the format has.
    options = [(option.name, option.kind, field(default=MISSING)) for option in FORMATS.load(name).options]
    namespace = {"CHOSEN": name, "__module__": __name__}
    return make_dataclass(f"{name.title()}Output", options, bases=(OutputConfig,), namespace=namespace)


def __getattr__(name: str) -> type[OutputConfig]:
    # Launchers pickle settings, and pickle looks for their types here.
    if not name.endswith("Output") or name.removesuffix("Output").lower() not in FORMATS.names:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return make_output_node(name.removesuffix("Output").lower())


@dataclass
class Config:
    """All settings of a run.

    Attributes:
        dataset: Which fits and photos.
        body: Which body model.
        job: Which panels, by a name.
        output: Where sheets go, and in which format.
        samples: Entries of the fit file: all, one index, or start:stop[:step] as in Python.
        people: alone (a sheet for each person) or together (one for each image).
        panels: What a sheet shows, from left to right, each view/mode or view/mode/background.
        background: Of panels that name none; photo is white where a view does not lie over the photo.
        annotate: Annotations over the panels, but not over labels.
        size: Of panels that do not lie over the photo: photo, or width x height as 512x512.
        opacity: Of the bodies, above 0 to 1.
        supersample: 1, 2 or 4 for n x n samples a pixel, of all pixels; most pictures need no more than
            smooth edges.
        edges: smooth, with 16 samples in pixels on edges alone, or hard, as the original has them; labels are
            always hard. It does nothing where supersample is above 1.
        columns: Most panels in a row, 1 to 256; more rows follow below.
        frames: Of a full turn, 1 to 3600; more than one with output=gif, mp4 or webp.
        device: auto, cpu, cuda or cuda:1.
        rasterizer: auto (the fastest that works on the device), warp or pytorch3d.
        batch: Most sheets drawn in one pass, 1 to 4096, if memory holds so many.
        threads: How many work side by side, up to 256; 0 takes one for each core.
        shard: 3/64 draws the third of 64 shards of the samples; smpl-render merge joins their lists.
        on_error: skip what cannot be drawn, or stop at it.
        damaged_photos: fail, or draw over what is left of them.
    """

    dataset: DatasetConfig = MISSING
    body: BodyConfig = MISSING
    job: JobConfig = MISSING
    output: OutputConfig = MISSING
    samples: str = "all"
    people: str = "alone"
    # OmegaConf takes them from the job unless the user says otherwise.
    panels: list[str] = field(default_factory=lambda: II("job.panels"))
    background: str = "photo"
    annotate: list[str] = field(default_factory=list)
    size: str = "photo"
    opacity: float = 1.0
    supersample: int = 1
    edges: str = "hard"
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
        self.output.dir = expand_path("output.dir", self.output.dir)
        check_range("batch", self.batch, 1, MAX_BATCH)
        check_range("threads", self.threads, 0, MAX_THREADS)
        check_device_name(self.device)
        check_choice("rasterizer", self.rasterizer, ("auto", *RASTERIZERS.names))
        check_range("columns", self.columns, 1, MAX_COLUMNS)
        check_range("frames", self.frames, 1, MAX_FRAMES)
        check_choice("supersample", self.supersample, SUPERSAMPLES)
        check_choice("edges", self.edges, EDGES)
        check_choice("people", self.people, ("alone", "together"))
        # Not a range that `check_range` knows: 0 is out, and NaN with it.
        if not 0 < self.opacity <= 1:
            raise ConfigError(f"opacity: expected above 0 and up to 1, found {self.opacity}")
        check_background("background", self.background)
        # Read again where they are used; here only for the errors, before anything is opened.
        parse_samples(self.samples)
        parse_shard(self.shard)
        check_choice("on_error", self.on_error, ("skip", "stop"))
        check_choice("damaged_photos", self.damaged_photos, ("fail", "draw"))
        parse_size(self.size)
        self._check_format()
        for name in self.annotate:
            ANNOTATIONS.check("annotate", name)
        if self.needs_coco and getattr(self.dataset, "coco_file", None) is None:
            raise ConfigError("annotate: coco needs COCO's person_keypoints file; set dataset.coco_file")

    def panel_specs(self) -> tuple[PanelSpec, ...]:
        """The panels of a sheet, checked.

        Raises:
            ConfigError: There are none or too many, or one of them cannot be.
        """
        if not self.panels:
            raise ConfigError("panels: expected at least one, such as '[camera/geo]', found none")
        if len(self.panels) > MAX_COLUMNS:
            raise ConfigError(f"panels: expected at most {MAX_COLUMNS}, found {len(self.panels)}")
        return tuple(parse_panel(text, self.background) for text in self.panels)

    @property
    def needs_coco(self) -> bool:
        """Whether an annotation shows COCO's own."""
        return any(ANNOTATIONS.load(name).needs_coco for name in self.annotate)

    def _check_format(self) -> None:
        """Refuses formats that would lose what the panels show."""
        self.output.options()
        name, chosen = self.output.format, FORMATS.load(self.output.format)
        for spec in self.panel_specs():
            is_transparent = spec.background == "transparent"
            if MODES.load(spec.mode).is_exact and not chosen.is_exact:
                raise ConfigError(
                    f"output: {spec.mode} holds labels, and {name} would change them; use "
                    f"{_name_formats(lambda other: other.is_exact)}"
                )
            if is_transparent and chosen.alpha == "none":
                raise ConfigError(
                    f"output: {name} has no transparency; use "
                    f"{_name_formats(lambda other: other.alpha != 'none')}"
                )
            # A GIF's pixels are opaque or not there at all.
            if is_transparent and chosen.alpha == "binary" and self.opacity < 1:
                raise ConfigError(
                    f"output: {name} has no half transparent pixels, as opacity asks for; use "
                    f"{_name_formats(lambda other: other.alpha == 'full')}"
                )
        if self.frames > 1 and not chosen.holds_frames:
            raise ConfigError(
                f"output: {name} holds one frame of {self.frames}; use "
                f"{_name_formats(lambda other: other.holds_frames)}"
            )


def _name_formats(fits: Callable[[Format], bool]) -> str:
    names = [name for name in FORMATS.names if fits(FORMATS.load(name))]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
