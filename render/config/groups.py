"""Settings of the groups that a run chooses from by a file of conf/ each: body, job and output."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from functools import cache, partial
from typing import Any, ClassVar

from omegaconf import MISSING

from render.body.model import BODY_MODELS
from render.config.checks import check_choice, check_range, check_text, expand_path, open_mapping
from render.config.dataset import TOLD
from render.errors import ConfigError
from render.write.format import FORMATS

# Larger ones take long to be packed anew.
MOST_IN_TAR = 100_000
PRODUCTS = ("sheets", "labels", "meshes", "figure", "audit", "compare")
# Of a GPU that workers share.
LEAST_GPUS = 0.01
EXECUTORS = ("auto", "threads", "processes", "ray")
# Panels of a sheet; a row of so many never breaks.
MAX_COLUMNS = 256
# Where files of other models than the chosen one are looked for, by kind and, of men and women, by that too.
# The names are those of the downloads, and of conf/body/.
BODY_FILES = {
    "smpl": "extradata/smpl/basicModel_neutral_lbs_10_207_0_v1.0.0.pkl",
    "smpl_male": "extradata/smpl/basicmodel_m_lbs_10_207_0_v1.1.0.pkl",
    "smpl_female": "extradata/smpl/basicmodel_f_lbs_10_207_0_v1.1.0.pkl",
    "smplh": "extradata/smplh/neutral/model.npz",
    "smplh_male": "extradata/smplh/male/model.npz",
    "smplh_female": "extradata/smplh/female/model.npz",
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
        charts: The file of its DensePose charts, for the modes densepose, uv, iuv and parts, and the layers
            iuv, parts and densepose; null where there are none.
        uv: The file of its own UV map, for the mode texture and the layer uv: an OBJ with vt, or an npz with
            vt and ft; null takes the map in the model's file; densepose takes the charts, in the squares of
            DensePose's atlas.
        texture: The picture on that map, for the mode texture: a PNG or JPEG.
        colors: The file with a colour of each vertex, for the mode vertexcolor: npz, npy, OBJ, PLY or GLB;
            meshes that have colours keep theirs.
        files: Files of other models, by kind, for fits that `path` is not of: smplx, smplx_female, mhr.
        charts_url: Where an archive with the charts is served.
    """

    name: str = MISSING
    model: str = "smpl"
    path: str | None = MISSING
    charts: str | None = MISSING
    uv: str | None = None
    texture: str | None = None
    colors: str | None = None
    files: dict[str, str] = field(default_factory=lambda: dict(BODY_FILES))
    charts_url: str | None = field(default=None, metadata=TOLD)

    def __post_init__(self) -> None:
        check_text("body.name", self.name)
        BODY_MODELS.check("body.model", self.model)
        if self.path is not None:
            self.path = expand_path("body.path", self.path)
        for key in ("charts", "uv", "texture", "colors"):
            if getattr(self, key) is not None:
                setattr(self, key, expand_path(f"body.{key}", getattr(self, key)))
        self.files = {kind: expand_path(f"body.files.{kind}", path) for kind, path in self.files.items()}


@dataclass
class JobConfig:
    """A named set of panels, how many stand in a row, and how many frames a full turn of them takes.

    `panels`, `columns`, `frames`, `motion` and `people` on the command line go before these.

    Attributes:
        name: What the job is called, in the folder of what is made.
        product: What it makes: sheets (pictures of panels), labels (layers of them), meshes (the posed bodies
            themselves), figure (one figure of many pictures), audit (a table of numbers), or compare (the
            same of two fits of each person, and their panels side by side).
        panels: What a sheet shows, as `Config` has it.
        columns: Most panels in a row.
        frames: Of a full turn; one frame is a still picture.
        motion: What moves, as `Config` has it.
        people: Who is on a sheet, as `Config` has it.
        layers: Of labels, as `Config` has it.
        titles: Names beside the panels, as `Config` has it.
        figure: Of a figure whose author names no columns, as `Config` has it.
    """

    name: str = MISSING
    product: str = field(default="sheets", metadata=TOLD)
    panels: list[str] = field(default=MISSING, metadata=TOLD)
    columns: int = field(default=MAX_COLUMNS, metadata=TOLD)
    frames: int = field(default=1, metadata=TOLD)
    motion: str = field(default="turn", metadata=TOLD)
    people: str = field(default="alone", metadata=TOLD)
    layers: list[str] = field(default_factory=list, metadata=TOLD)
    titles: str = field(default="none", metadata=TOLD)
    figure: dict[str, Any] = field(default_factory=partial(open_mapping, Any), metadata=TOLD)

    def __post_init__(self) -> None:
        check_text("job.name", self.name)
        check_choice("job.product", self.product, PRODUCTS)

    @property
    def is_review(self) -> bool:
        """Whether people are measured, by what is drawn of them where they are on the photo."""
        return self.product in ("audit", "compare")


@dataclass
class ExecutorConfig:
    """What works on a run.

    Attributes:
        name: threads, processes, ray, or auto, which takes what is faster on this machine.
        address: With executor=ray, that of the cluster: auto (this machine's), host:6379 or ray://host:10001;
            null starts one on this machine.
        cpus: With executor=ray, CPUs that a worker takes; 0 takes what threads says, or the share that goes
            with its GPU, or up to eight.
        gpus: With executor=ray, GPUs that a worker takes: 0.01 to 1, or a whole number; 0 takes one where the
            cluster has any, unless device=cpu.
    """

    name: str = "auto"
    address: str | None = None
    cpus: int = 0
    gpus: float = 0.0

    def __post_init__(self) -> None:
        check_choice("executor.name", self.name, EXECUTORS)
        check_range("executor.cpus", self.cpus, 0, 4096)
        # Ray shares one GPU between workers, and gives several as a whole.
        check_range("executor.gpus", self.gpus, 0, 64)
        if self.gpus and (self.gpus < LEAST_GPUS or (self.gpus > 1 and self.gpus % 1)):
            raise ConfigError(
                f"executor.gpus: expected 0, {LEAST_GPUS} to 1, or a whole number, found {self.gpus}"
            )


@dataclass
class OutputConfig:
    """Where sheets go and in which format; a format's own options are further keys.

    Attributes:
        format: Name of the format.
        dir: The folder of what is made. What is there already, whole and of the same inputs, is not made
            again.
        tar: How many sheets, label sets or mesh files go into one tar file, as WebDataset and DALI read them,
            up to 100000; 0 for none.
    """

    format: str = field(default=MISSING, metadata=TOLD)
    dir: str = "outputs/${dataset.name}/${job.name}"
    tar: int = 0

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
            if not option.takes(found[option.name]):
                raise ConfigError(f"output.{option.name}: expected {option.span}, found {found[option.name]}")
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
