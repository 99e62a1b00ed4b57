"""The settings of a run: every key, its type, its range. Hydra fills them from conf/ and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from omegaconf import II, MISSING

from render.annotate.annotation import ANNOTATIONS
from render.config.checks import check_range, expand_path, expand_place, open_mapping
from render.config.dataset import DatasetConfig
from render.config.figure.declare import declare_figure
from render.config.figure.settings import list_specs
from render.config.groups import (
    MAX_COLUMNS,
    MOST_IN_TAR,
    BodyConfig,
    ExecutorConfig,
    JobConfig,
    OutputConfig,
)
from render.config.made.check import check_made
from render.config.values import check_values
from render.errors import ConfigError
from render.files.sheet_names import sheet_file
from render.labels.layer import LayerSpec, parse_layers
from render.library.style import ERROR_MM
from render.sheet.panels import (
    PanelSpec,
    label_panel,
    leave_photo,
    parse_panel,
    split_views,
    stage_panel,
)
from render.types.figure.spec import FigureSpec
from render.types.sheets import ORIGINAL, Framing
from render.write.format import FORMATS


@dataclass
class Config:
    """All settings of a run.

    Attributes:
        dataset: Which fits and photos.
        body: Which body model.
        job: What is made of each person or image, by a name.
        output: Where it goes, and in which format.
        executor: What works on it: auto, threads (one process), processes (several on this machine), or ray
            (on a cluster).
        samples: Entries of the fit file: all, a row, start:stop[:step] as in Python, image:NAME (with * and
            ?), annotation:ID, random:COUNT[:SEED], worst:COUNT:COLUMN[:FOLDER] of an audit, or @FILE (one of
            these a line); several with commas between.
        people: alone (a sheet, a label set or a mesh file for each person) or together (one for each image).
        panels: What a sheet shows, from left to right, each view/mode or view/mode/background, or several
            views in one mode, as camera|side/geo.
        layers: With job=labels, what is written of each pixel, each name or name:type, as iuv or depth:half.
        view: With job=labels, whose pixels: camera (the photo's), or crop or crop:MAGNIFICATION (those of the
            fit's crop).
        figure: With job=figure, the file that declares it, or single keys of it: figure.rows='[12, 15]'
            figure.columns='[image, camera/studio]' figure.width=cvpr.text.
        background: Of panels that name none; photo is white where a view does not lie over the photo. ground
            is a grid with soft shadows below bodies that stand on it, the photo where a view lies over that.
            All others may end in +shadow: the shadows of bodies on the ground then lie over them, as in
            white+shadow or transparent+shadow.
        look: The mode that the panels of jobs are drawn in.
        crowd_look: The same of jobs whose sheets have several people, such as video.
        annotate: Annotations over the panels, but not over labels.
        size: Of panels that do not lie over the photo: auto (as high as those that do), photo (as large as
            the photo), or width x height as 512x512.
        gap: Pixels between panels, 0 to 1000.
        paper: Colour between and around panels, transparent, or auto: the background that all share, else
            white.
        outside: Colour of a crop where it reaches beyond the photo.
        titles: none, or grid: names above the columns and left of the rows of panels, which say the views and
            the modes that vary along them; above each panel where rows and columns do not say it all.
        up: What stands upright in views around bodies: world (the vertical of their sequence, else as body),
            body (estimated from how they stand), or picture (the photo's vertical).
        fit: How near views around bodies come: bodies (as near as all of them allow, at every frame of a
            turn), or original (as the original viewer does).
        zoom: Magnifies what views around bodies show, 0.1 to 10; above 1 may cut off.
        margin: With fit=bodies, free at each side of a panel, 0 to 0.4 of its shorter side.
        opacity: Of the bodies, above 0 to 1.
        reference: Of mode error and job=compare, the file of other fits, in any format, that the fits are
            compared with: of the same people in the same photos.
        align: Of mode error, how bodies are first laid over those of the reference: root (both root joints at
            one place), procrustes (turned, scaled and moved so that vertices fit best), or none.
        error_mm: Of mode error, where its scale ends, above 0 to 10000; what is farther off has one colour.
        joint_regressor: With job=compare, a file (npy or npz) with a matrix (J, V) that gives the J joints to
            be compared out of the V vertices of a body, the root first; without, they are the models' own.
        joint_subset: Rows of joint_regressor that count once roots are at one place, or none for all.
        supersample: 1, 2 or 4 for n x n samples a pixel, of all pixels; most pictures need no more than
            smooth edges.
        edges: smooth, with 16 samples in pixels on edges alone, or hard, as the original has them; labels are
            always hard. It does nothing where supersample is above 1.
        rays: Of modes with light, such as studio: 0 finds what of it reaches bodies by depth maps, 16, 32,
            64, 128 or 256 by so many rays a pixel, for figures, which is finer and takes far longer. Shadows
            on the ground are the same with both.
        columns: Most panels in a row, 1 to 256; more rows follow below.
        frames: Of a full turn, 1 to 3600; more than one with output=gif, mp4 or webp.
        transition: Frames, 0 to 600, in which the camera comes from the photo into the turn while the photo
            fades out, and as many back, so that the clip loops: frames + 2 x transition in all. Panels are as
            large as the photo, unless size= says otherwise. A GIF has 256 colours; photos look better as mp4
            or webp.
        motion: What moves in a clip: turn (the bodies turn over the frames), or sequence (a clip for each
            sequence, or for each person of it with people=alone, whose frames follow one another in time).
        frame: With job=meshes, the frame of the vertices: camera (before the photo's camera, in its axes), or
            model (as the body model has them).
        track: How views around the bodies of a sequence move: follow (with them), or fixed (they stand still
            and show all that happens).
        page: true writes a gallery of the sheets, in a page for browsers, when the run is whole.
        device: auto, cpu, cuda or cuda:1.
        rasterizer: auto (the fastest that works on the device), warp or pytorch3d.
        decoder: What decodes photos: cpu, or gpu, for JPEG sheets on a GPU with nvImageCodec. Then the CPU
            finds what is damaged, in half of the time, and the GPU makes the pixels, which differ a little.
        batch: Most sheets drawn in one pass, 1 to 4096, if memory holds so many; 0 for what is
            quickest: about 30 on a CPU, hundreds on a GPU.
        threads: How many work side by side, up to 256; 0 takes one for each core.
        workers: With executor=processes or ray, how many processes work, up to 4096; 0 takes one for each
            device, or on CPUs as many as the cores are enough for.
        devices: With executor=processes, the GPUs that workers share out, as [0,1]; none for all there are.
        shard: 3/64 draws the third of 64 shards of the samples; smpl-render merge joins their lists.
        on_error: skip what cannot be drawn, or stop at it.
        damaged_photos: fail, or draw over what is left of them.
        progress: Who else is told how far a run is: file (progress.jsonl beside the manifest), tensorboard
            (curves in output.dir/tensorboard), wandb (Weights & Biases); several as [file, wandb].
        dry_run: true says what a run would make, what is there already and what cannot be made; nothing is
            drawn or written.
    """

    dataset: DatasetConfig = MISSING
    body: BodyConfig = MISSING
    job: JobConfig = MISSING
    output: OutputConfig = MISSING
    executor: ExecutorConfig = field(default_factory=ExecutorConfig)
    samples: str = "all"
    people: str = II("job.people")
    # OmegaConf takes them from the job unless the user says otherwise.
    panels: list[str] = field(default_factory=lambda: II("job.panels"))
    layers: list[str] = field(default_factory=lambda: II("job.layers"))
    view: str = "camera"
    figure: dict[str, Any] = field(default_factory=partial(open_mapping, Any))
    background: str = "photo"
    look: str = "geo"
    crowd_look: str = "colorgeo"
    annotate: list[str] = field(default_factory=list)
    size: str = "photo"
    gap: int = 0
    paper: str = "auto"
    outside: str = "black"
    titles: str = II("job.titles")
    up: str = ORIGINAL.up
    fit: str = ORIGINAL.fit
    zoom: float = ORIGINAL.zoom
    margin: float = ORIGINAL.margin
    opacity: float = 1.0
    reference: str | None = None
    align: str = "root"
    error_mm: float = ERROR_MM
    joint_regressor: str | None = None
    joint_subset: list[int] = field(default_factory=list)
    supersample: int = 1
    edges: str = "hard"
    rays: int = 0
    columns: int = II("job.columns")
    frames: int = II("job.frames")
    transition: int = 0
    motion: str = II("job.motion")
    frame: str = "camera"
    track: str = "follow"
    page: bool = False
    device: str = "auto"
    rasterizer: str = "auto"
    decoder: str = "cpu"
    batch: int = 0
    threads: int = 0
    workers: int = 0
    devices: list[int] = field(default_factory=list)
    shard: str = "1/1"
    on_error: str = "skip"
    damaged_photos: str = "fail"
    progress: list[str] = field(default_factory=list)
    dry_run: bool = False

    def __post_init__(self) -> None:
        self.output.dir = expand_place("output.dir", self.output.dir)
        for key in ("reference", "joint_regressor"):
            setattr(self, key, None if (path := getattr(self, key)) is None else expand_path(key, path))
        check_range("output.tar", self.output.tar, 0, MOST_IN_TAR)
        check_values(vars(self))
        self.output.options()
        check_made(vars(self), self.panel_specs, self.layer_specs)
        for name in self.annotate:
            ANNOTATIONS.check("annotate", name)
        if self.shows_coco and getattr(self.dataset, "coco_file", None) is None:
            raise ConfigError("annotate: coco needs COCO's person_keypoints file; set dataset.coco_file")

    def panel_specs(self) -> tuple[PanelSpec, ...]:
        """The panels of a sheet, checked; what stands for one in labels and audits, none of what has none.

        Raises:
            ConfigError: There are none or too many, or one of them cannot be.
        """
        if self.job.product in ("labels", "audit"):
            return (label_panel(self.view),)
        if self.job.product in ("meshes", "compare") and not self.panels:
            return ()
        if self.job.product == "figure":
            return list_specs(self.figure_spec(), self.background, self.has_photos)
        if not self.panels:
            raise ConfigError("panels: expected at least one, such as '[camera/geo]', found none")
        panels = [panel for text in self.panels for panel in split_views(text)]
        if len(panels) > MAX_COLUMNS:
            raise ConfigError(f"panels: expected at most {MAX_COLUMNS}, found {len(panels)}")
        parse = parse_panel if self.has_photos else stage_panel
        specs = tuple(parse(text, self.background) for text in panels)
        return leave_photo(specs) if self.transition else specs

    def layer_specs(self) -> tuple[LayerSpec, ...]:
        """The layers of a label set, checked; none where other things are made.

        Raises:
            ConfigError: There are none, or one of them cannot be.
        """
        return parse_layers(self.layers) if self.job.product == "labels" else ()

    def figure_spec(self) -> FigureSpec:
        """The figure that is declared, checked; its file is read anew each time.

        Raises:
            ConfigError: A key of it is not known, or its value cannot be.
        """
        return declare_figure(self.job.figure, self.figure, self.reference)

    def name_product(self, sheet: str) -> str:
        """What a product is called in the manifest: after its file, or where it has several what they share.

        Args:
            sheet: Path below the output folder, without extension.
        """
        return sheet if self.makes_sets else sheet_file(sheet, self.output.format)

    @property
    def has_photos(self) -> bool:
        """Whether the dataset has photos, as the demo set does."""
        return getattr(self.dataset, "image_dir", "") is not None

    @property
    def audit_dir(self) -> str:
        """Where the dataset is audited, unless the user says otherwise."""
        return f"outputs/{self.dataset.name}/audit"

    @property
    def segmentation_dir(self) -> str | None:
        """The folder of segmentations that people are compared with; None where nothing is."""
        return getattr(self.dataset, "segmentation_dir", None) if self.job.is_review else None

    @property
    def makes_sets(self) -> bool:
        """Whether a product may have several files."""
        # Of a person a file, where one holds no more.
        is_split = FORMATS.load(self.output.format).holds_one and self.people == "together"
        has_none = self.job.product == "compare" and not self.panels
        return self.job.product in ("labels", "audit") or has_none or is_split

    def framing(self) -> Framing:
        """How views around bodies look at them."""
        return Framing(self.up, self.fit, self.zoom, self.margin)

    @property
    def writes_cameras(self) -> bool:
        """Whether products hold the cameras of photos."""
        is_asked = self.job.product == "meshes" and self.frame == "camera"
        return is_asked and FORMATS.load(self.output.format).holds_cameras

    @property
    def shows_coco(self) -> bool:
        """Whether an annotation shows COCO's own."""
        return any(ANNOTATIONS.load(name).needs_coco for name in self.annotate)
