"""Sheets and their panels, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rect:
    """A rectangle of whole pixels: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True)
class Viewpoint:
    """From where a panel looks: a view by name and what that view may be told.

    azimuth_deg, elevation_deg: of a view around the bodies; azimuth turns about the picture's vertical, 90 is
    the side, and elevation raises the eye. is_orthographic: without perspective. magnification: of a crop,
    over 224 px.
    """

    name: str
    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    is_orthographic: bool = False
    magnification: float = 1.0


@dataclass(frozen=True)
class Panel:
    """A view drawn in a mode over a background inside a rectangle of its sheet."""

    viewpoint: Viewpoint
    mode: str
    background: str
    rect: Rect


@dataclass(frozen=True)
class Sheet:
    """One output: a picture, a row of panels, or the frames of a clip, one below the other.

    name: path below the output folder, without extension. photo: the picture file behind it, None where
    none is needed, and photo_hw its height and width in pixels. fits: positions in the FitTable of the
    people drawn.
    """

    name: str
    height: int
    width: int
    photo: Path | None
    photo_hw: tuple[int, int]
    panels: tuple[Panel, ...]
    fits: tuple[int, ...]
    frames: int = 1
