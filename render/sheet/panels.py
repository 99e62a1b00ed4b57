"""Panels as the user writes them: view/mode, or view/mode/background."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from render.errors import ConfigError
from render.shade.mode import MODES
from render.sheet.backgrounds import check_background, parse_background
from render.sheet.view import VIEWS
from render.types.sheets import Panel, Viewpoint

# 3584 pixels a side, from a crop that EFT's networks see in 224.
MOST_MAGNIFICATION = 16.0
# Of a panel as the user writes it, in characters.
LONGEST = 200
# Between panels, in pixels.
MAX_GAP = 1000
# The mode of the panel that stands for a label set: a label, so that it lies on black and has one sample a
# pixel, of any number of people.
_LABELS_STAND_IN = "depth"


@dataclass(frozen=True)
class PanelSpec:
    """What a panel shows; where it lies on the sheet comes with the photo.

    Attributes:
        viewpoint: From where it looks.
        mode: The mode's name.
        background: The background's name.
        fits_row: Whether it is a crop without a magnification of its own, which a row may make larger.
        has_shadow: Whether the bodies' shadows on the ground lie over the background.
        leaves_photo: Whether its clips begin and end at the photo's camera.
    """

    viewpoint: Viewpoint
    mode: str
    background: str
    fits_row: bool = False
    has_shadow: bool = False
    leaves_photo: bool = False


def parse_panel(text: str, background: str = "photo") -> PanelSpec:
    """Reads `camera/geo`, `orbit:45:10/normal`, `camera/geo/white` or `side/studio/white+shadow`.

    Labels lie on black.

    Args:
        text: The panel, as the user writes it.
        background: For panels that name none themselves; where it is the photo, views that do not lie over it
            have white, with shadows in modes of the studio's light, and where it is the ground, views over
            the photo have that.

    Raises:
        ConfigError: A view, mode or background is not known, or does not go with the others; names it and
            says what there is.
    """
    words = text.split("/")
    if len(text) > LONGEST or len(words) not in (2, 3):
        raise ConfigError(
            f"panels: expected view/mode or view/mode/background, such as camera/geo, found "
            f"{text[:LONGEST]!r}"
        )
    viewpoint, mode = parse_viewpoint(words[0], f"panels: {text!r}"), words[1]
    MODES.check(f"panels: {text!r}", mode)
    view, is_label = VIEWS.load(viewpoint.name), MODES.load(mode).is_label
    over_photo, fits_row = view.over_photo, view.is_crop and ":" not in words[0]
    if len(words) == 3:
        own = parse_background(f"panels: {text!r}", words[2])
        if is_label and words[2] != "black":
            raise ConfigError(f"panels: {text!r}: {mode} holds labels, whose background is black")
        if own.name == "photo" and not over_photo:
            use = words[2].replace("photo", "white")
            raise ConfigError(
                f"panels: {text!r}: the photo does not show what the view {viewpoint.name!r} sees; use {use}"
            )
        if own.name == "ground" and over_photo:
            raise ConfigError(
                f"panels: {text!r}: the ground is drawn in views around the bodies, such as orbit:30:10, and "
                f"{viewpoint.name!r} lies over the photo"
            )
        return PanelSpec(viewpoint, mode, own.name, fits_row, own.has_shadow)
    name, has_shadow = parse_background("background", background)
    if is_label:
        name, has_shadow = "black", False
    elif name == "photo" and not over_photo:
        # In the studio a body without a shadow seems to hang in the air.
        name, has_shadow = "white", has_shadow or MODES.load(mode).needs_light
    elif name == "ground" and over_photo:
        name = "photo"
    return PanelSpec(viewpoint, mode, name, fits_row, has_shadow)


def catches_shadow(panel: Panel | PanelSpec) -> bool:
    """Whether the light of the studio lays shadows on the ground of a panel."""
    return panel.has_shadow or (panel.background == "ground" and MODES.load(panel.mode).needs_light)


def split_views(text: str) -> list[str]:
    """The panels that `camera|side/geo` stands for: `camera/geo` and `side/geo`.

    Args:
        text: One panel or several, as the user writes them.
    """
    views, *rest = text.split("/")
    # A text that is too long is refused as it is.
    return ["/".join([view, *rest]) for view in views.split("|")] if len(text) <= LONGEST else [text]


def stage_panel(text: str, background: str = "photo") -> PanelSpec:
    """Reads a panel as `parse_panel` does, where there are no photos: bodies stand on the ground.

    Args:
        text: The panel, as the user writes it.
        background: For panels that name none themselves.

    Raises:
        ConfigError: As `parse_panel` does.
    """
    spec = parse_panel(text, background)
    names_none = text.count("/") == 1 and background == "photo" and not MODES.load(spec.mode).is_label
    if spec.background == "photo" or names_none:
        return replace(spec, background="ground", has_shadow=False)
    return spec


def leave_photo(specs: tuple[PanelSpec, ...]) -> tuple[PanelSpec, ...]:
    """These panels; clips of those that do not lie over the photo begin and end there.

    Args:
        specs: Of a sheet.
    """
    return tuple(replace(spec, leaves_photo=not VIEWS.load(spec.viewpoint.name).over_photo) for spec in specs)


def label_panel(view: str) -> PanelSpec:
    """The panel that stands for a label set.

    Args:
        view: The setting, as the user writes it: `camera`, `crop` or `crop:2`.

    Raises:
        ConfigError: There is no such view, or it does not lie over the photo.
    """
    viewpoint = parse_viewpoint(view[:LONGEST], "view")
    if not VIEWS.load(viewpoint.name).over_photo:
        raise ConfigError(
            f"view: labels are of photos; expected camera, crop or crop:MAGNIFICATION, found {view!r}"
        )
    return parse_panel(f"{view}/{_LABELS_STAND_IN}")


def check_paper(paper: str, specs: tuple[PanelSpec, ...]) -> None:
    """Whether these panels may lie on paper of that colour.

    Args:
        paper: A colour, `transparent` or `auto`.
        specs: The panels of a sheet.

    Raises:
        ConfigError: There is no such colour, or it would be taken for a label.
    """
    if paper == "auto":
        return
    if paper in ("photo", "ground"):
        raise ConfigError(f"paper: expected auto, transparent or a colour, such as grey, found {paper!r}")
    check_background("paper", paper)
    labels = [spec.mode for spec in specs if MODES.load(spec.mode).is_label]
    # A sheet with other panels too is a picture for people.
    if len(labels) == len(specs) and paper != "black":
        raise ConfigError(f"paper: {labels[0]} holds labels, whose paper is black; use paper=auto")


def parse_viewpoint(text: str, where: str) -> Viewpoint:
    """Reads a view with its arguments: `camera`, `crop:4`, `orbit:45`, `orbit:-30:10:ortho`, `side:ortho`.

    Args:
        text: The view, as the user writes it.
        where: What it is of, for messages, such as the setting.

    Raises:
        ConfigError: There is no such view, or it does not take these arguments.
    """
    name, *arguments = text.split(":")
    VIEWS.check(where, name)
    view = VIEWS.load(name)
    given: dict[str, Any] = {}
    if arguments and arguments[-1] == "ortho" and not view.over_photo:
        given["is_orthographic"] = True
        arguments.pop()
    if len(arguments) > len(view.arguments):
        takes = ":".join([name, *view.arguments]) + ("" if view.over_photo else "[:ortho]")
        raise ConfigError(f"{where}: the view {name!r} is written {takes}, found {text!r}")
    for field, value in zip(view.arguments, arguments, strict=False):
        # `float` takes more than people mean by a number, such as nan and 1e9.
        if not re.fullmatch(r"[+-]?\d{1,4}(\.\d{1,6})?", value):
            raise ConfigError(f"{where}: {field} of the view {name!r}: expected a number, found {value!r}")
        given[field] = float(value)
    preset = Viewpoint(name, view.azimuth_deg, view.elevation_deg, magnification=view.magnification)
    viewpoint = replace(preset, **given)
    if not 1.0 <= viewpoint.magnification <= MOST_MAGNIFICATION:
        raise ConfigError(
            f"{where}: magnification: expected 1 to {MOST_MAGNIFICATION:g}, found {arguments[0]}"
        )
    return viewpoint
