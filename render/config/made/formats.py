"""Which output formats and settings hold what a run makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from render.errors import ConfigError
from render.labels.layer import LayerSpec
from render.shade.mode import MODES
from render.sheet.panels import PanelSpec
from render.sheet.titles.names import check_titles
from render.write.format import FORMATS, Format

# Of pictures alone, with what they are where nobody sets them.
OF_PICTURES: dict[str, Any] = {
    "annotate": [],
    "frames": 1,
    "transition": 0,
    "motion": "turn",
    "supersample": 1,
    "titles": "none",
    "reference": None,
}

# Settings of one kind of product alone, with what they are where nobody sets them.
_OF_PRODUCTS: dict[str, tuple[Any, str]] = {
    "layers": ([], "labels"),
    "view": ("camera", "labels"),
    "frame": ("camera", "meshes"),
    "figure": ({}, "figure"),
    "joint_regressor": (None, "compare"),
    "joint_subset": ([], "compare"),
}


def check_products(settings: Mapping[str, Any]) -> None:
    """Raises ConfigError, naming the key, for settings of another product than the job makes.

    Args:
        settings: All of them, by their keys.
    """
    job = settings["job"]
    for key, (plain, product) in _OF_PRODUCTS.items():
        if settings[key] != plain and job.product != product:
            raise ConfigError(
                f"{key}: this is for {product}, and job={job.name} makes {job.product}; add job={product}, "
                f"or leave it out"
            )


def check_reference(settings: Mapping[str, Any], specs: tuple[PanelSpec, ...]) -> None:
    """Raises ConfigError for modes that show errors where there is nothing to compare with, or the reverse.

    Args:
        settings: All of them, by their keys.
        specs: The panels.
    """
    users = [spec.mode for spec in specs if MODES.load(spec.mode).needs_values]
    if users and settings["reference"] is None:
        raise ConfigError(
            f"reference: {users[0]} shows how far the fits are from others of the same people; set "
            f"reference=FILE to a file of those"
        )
    if settings["reference"] is not None and not users:
        raise ConfigError(
            "reference: no panel shows how far the fits are from others; add one that does, such as "
            "camera/error/white, or leave it out"
        )


def check_layers(output: str, job: str, layers: tuple[LayerSpec, ...]) -> None:
    """Raises ConfigError, naming the key, where a format does not hold these layers.

    Args:
        output: The format's name.
        job: Its name, for the message.
        layers: Of label sets.
    """
    chosen = FORMATS.load(output)
    if chosen.encode_layers is None:
        raise ConfigError(
            f"output: {output} holds no label layers, and job={job} makes some; use "
            f"{name_formats(lambda other: other.encode_layers is not None)}"
        )
    for spec in layers:
        if not spec.is_in_sidecar and spec.dtype not in chosen.layer_types:
            dtype = spec.dtype
            raise ConfigError(
                f"layers: output={output} does not hold {spec.name} in {dtype}; use output="
                f"{name_formats(lambda other: dtype in other.layer_types)}"  # noqa: B023
            )


def check_label_settings(settings: Mapping[str, Any]) -> None:
    """Raises ConfigError, naming the key, for settings that label sets do not take.

    Args:
        settings: All of them, by their keys.
    """
    panels = settings["panels"]
    if panels:
        raise ConfigError(
            f"panels: label sets have layers instead; expected none, found {panels[0]!r}; leave them out, or "
            f"choose another job, such as job=overlay"
        )
    for key, plain in OF_PICTURES.items():
        if settings[key] != plain:
            raise ConfigError(
                f"{key}: label sets are of still pictures without annotations or titles, a sample a pixel; "
                f"expected {plain}, found {settings[key]}"
            )


def check_meshes(output: str, settings: Mapping[str, Any]) -> None:
    """Raises ConfigError, naming the key, for a format or settings that files of bodies do not take.

    Args:
        output: The format's name.
        settings: All of them, by their keys.
    """
    chosen = FORMATS.load(output)
    panels, motion = settings["panels"], settings["motion"]
    if panels:
        raise ConfigError(
            f"panels: job=meshes draws nothing; expected none, found {panels[0]!r}; leave them "
            f"out, or choose another job, such as job=overlay"
        )
    if not chosen.holds_meshes:
        raise ConfigError(
            f"output: {output} holds pictures, and job=meshes makes none; use "
            f"{name_formats(lambda other: other.holds_meshes)}"
        )
    if chosen.package is not None and find_spec(chosen.package) is None:
        raise ConfigError(
            f"output: {output} needs the package {chosen.package}, which is not installed; pip install "
            f"{chosen.package}, or 'smpl-render[meshes]'"
        )
    for key in ("annotate", "frames", "transition", "supersample", "titles", "reference"):
        if settings[key] != OF_PICTURES[key]:
            raise ConfigError(
                f"{key}: job=meshes draws nothing; expected {OF_PICTURES[key]}, found {settings[key]}"
            )
    if motion == "sequence" and not chosen.holds_motion:
        raise ConfigError(
            f"output: {output} does not hold the frames of a sequence; use "
            f"{name_formats(lambda other: other.holds_motion)}"
        )
    if chosen.encode_meshes is None and motion != "sequence":
        raise ConfigError(
            f"output: {output} holds the poses of a sequence; add motion=sequence, or use "
            f"{name_formats(lambda other: other.encode_meshes is not None)}"
        )
    if chosen.encode_meshes is None and settings["frame"] == "model":
        raise ConfigError(
            f"frame: {output} holds poses in a world whose y is up; expected camera, found model"
        )


def check_pictures(output: str, job: str, settings: Mapping[str, Any], specs: tuple[PanelSpec, ...]) -> None:
    """Raises ConfigError, naming the key, where a format would lose what the panels show.

    Args:
        output: The format's name.
        job: Its name, for the message.
        settings: All of them, by their keys.
        specs: The panels.
    """
    check_titles(settings["titles"], specs)
    chosen = FORMATS.load(output)
    paper, opacity, frames = settings["paper"], settings["opacity"], settings["frames"]
    if chosen.encode is None:
        other_job = "meshes" if chosen.holds_meshes else "labels"
        raise ConfigError(
            f"output: {output} holds no pictures, and job={job} makes some; use "
            f"{name_formats(lambda other: other.encode is not None)}, or job={other_job}"
        )

    def name(holds: Callable[[Format], bool]) -> str:
        """The formats that hold something, and as many frames."""
        is_clip = settings["motion"] == "sequence"
        return name_formats(
            lambda other: (
                holds(other)
                and (other.holds_frames or frames == 1)
                and (other.open_clip is not None or not is_clip)
            )
        )

    if paper == "transparent" and chosen.alpha == "none":
        raise ConfigError(
            f"paper: {output} has no transparency; use {name(lambda other: other.alpha != 'none')}"
        )
    for spec in specs:
        is_transparent = spec.background == "transparent"
        if MODES.load(spec.mode).is_exact and not chosen.is_exact:
            raise ConfigError(
                f"output: {spec.mode} holds labels, and {output} would change them; use "
                f"{name(lambda other: other.is_exact)}"
            )
        if is_transparent and chosen.alpha == "none":
            raise ConfigError(
                f"output: {output} has no transparency; use {name(lambda other: other.alpha != 'none')}"
            )
        # A GIF's pixels are opaque or not there at all.
        if is_transparent and chosen.alpha == "binary" and (opacity < 1 or spec.has_shadow):
            asks = "opacity asks" if opacity < 1 else "shadows ask"
            raise ConfigError(
                f"output: {output} has no half transparent pixels, as {asks} for; use "
                f"{name(lambda other: other.alpha == 'full')}"
            )
    if settings["motion"] == "sequence":
        if chosen.open_clip is None:
            raise ConfigError(
                f"output: {output} does not hold the frames of a sequence; use "
                f"{name_formats(lambda other: other.open_clip is not None)}"
            )
        if frames > 1:
            raise ConfigError(
                f"frames: a sequence has its own frames; expected 1 with motion=sequence, found {frames}"
            )
    if frames > 1 and not chosen.holds_frames:
        raise ConfigError(
            f"output: {output} holds one frame of {frames}; use "
            f"{name_formats(lambda other: other.holds_frames)}"
        )
    if settings["transition"]:
        check_transition(output, settings, specs)


def check_transition(output: str, settings: Mapping[str, Any], specs: tuple[PanelSpec, ...]) -> None:
    """Raises ConfigError, naming the key, where no clip can begin at a photo and turn then.

    Args:
        output: The format's name.
        settings: All of them, by their keys.
        specs: The panels.
    """
    found = f"found {settings['transition']}"
    if settings["motion"] == "sequence" or settings["frames"] == 1:
        why = "a sequence" if settings["motion"] == "sequence" else "a still picture"
        raise ConfigError(
            f"transition: it leads from the photo into a turn, and this makes {why}; expected 0 but with "
            f"job=turntable, {found}"
        )
    if getattr(settings["dataset"], "image_dir", "") is None:
        raise ConfigError(
            f"transition: it begins at the photo, and there are none; set dataset.image_dir, or leave it "
            f"out, {found}"
        )
    leaving = [spec for spec in specs if spec.leaves_photo]
    if not leaving:
        raise ConfigError(
            f"transition: all panels stay over the photo; add one that turns, such as orbit/clay, or leave "
            f"it out, {found}"
        )
    for spec in leaving:
        if MODES.load(spec.mode).is_label:
            raise ConfigError(
                f"transition: {spec.mode} holds labels, whose background is black, and no photo; choose "
                f"another mode, such as clay, or leave it out, {found}"
            )
        if spec.background == "transparent" and FORMATS.load(output).alpha != "full":
            raise ConfigError(
                f"output: {output} has no half transparent pixels, as a photo that fades on a transparent "
                f"background; use {name_formats(lambda other: other.alpha == 'full' and other.holds_frames)}"
            )


def name_formats(fits: Callable[[Format], bool]) -> str:
    """The formats that something holds of, in words.

    Args:
        fits: What holds of them; of one at least.
    """
    names = [name for name in FORMATS.names if fits(FORMATS.load(name))]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
