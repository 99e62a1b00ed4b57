"""Sheets and their panels, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rect:
    """A rectangle of whole pixels.

    Attributes:
        x: Left.
        y: Top.
        w: Width.
        h: Height.
    """

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True)
class VideoFrame:
    """A picture of a video, which is a file no more than the video is.

    Attributes:
        path: The video's file.
        number: Of the frame, from 0 in the order in which they are shown.
    """

    path: Path
    number: int

    def __str__(self) -> str:
        return f"{self.path} (frame {self.number})"


@dataclass(frozen=True)
class StoredPhoto:
    """A photo that is no file of its own: a member of an archive, or what lies at a URL.

    Attributes:
        place: Of the archive or the folder, as messages show it.
        name: Of the photo in there.
    """

    place: str
    name: str

    def __str__(self) -> str:
        return f"{self.place.removesuffix('/')}/{self.name}"


Photo = Path | VideoFrame | StoredPhoto


@dataclass(frozen=True)
class Viewpoint:
    """From where a panel looks: a view by name and what that view may be told.

    Attributes:
        name: The view's.
        azimuth_deg: Of a view around the bodies; turns about the picture's vertical, 90 is the side.
        elevation_deg: Of a view around the bodies; raises the eye.
        is_orthographic: Without perspective.
        magnification: Of a crop, over 224 px.
        from_photo: How much is over of the transition from the photo to what the view shows, 0 to 1.
    """

    name: str
    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    is_orthographic: bool = False
    magnification: float = 1.0
    from_photo: float = 1.0


@dataclass(frozen=True)
class Framing:
    """How views around bodies look at them.

    Attributes:
        up: What stands upright on the panel: `picture` leaves it as the photo has it, `body` takes what the
            bodies tell, which is an estimate, `world` the vertical of the world of their sequence, or what
            the bodies tell where that is not known.
        fit: `bodies` comes as near as what is there allows, `original` frames as the original viewer does.
        zoom: Magnifies what is seen about the panel's middle.
        margin: Of `bodies`, left free at each side of a panel, as a share of its shorter side.
    """

    up: str = "picture"
    fit: str = "original"
    zoom: float = 1.0
    margin: float = 0.06


# As the original viewer frames bodies.
ORIGINAL = Framing()
UPS, FITS = ("world", "body", "picture"), ("bodies", "original")
# Least and most of each.
ZOOMS, MARGINS = (0.1, 10.0), (0.0, 0.4)


@dataclass(frozen=True)
class Window:
    """A part of a view that fills a panel: the view is framed as a whole, and only the part is drawn.

    Attributes:
        left: Of the part, in pixels of the view.
        top: Of the part, in pixels of the view.
        zoom: Pixels of the panel in one of the view's.
        view_px: Width and height of the whole view: in views over the photo those of the photo.
    """

    left: float
    top: float
    zoom: float
    view_px: tuple[int, int]


@dataclass(frozen=True)
class Panel:
    """A view drawn in a mode over a background inside a rectangle of its sheet.

    Attributes:
        viewpoint: From where it looks.
        mode: The mode's name.
        background: The background's name.
        rect: Where on the sheet it lies.
        has_shadow: Whether the bodies' shadows on the ground lie over the background.
        window: The part of the view that it shows; None for all of it.
    """

    viewpoint: Viewpoint
    mode: str
    background: str
    rect: Rect
    has_shadow: bool = False
    window: Window | None = None

    @property
    def shows_photo(self) -> bool:
        """Whether the photo is behind its bodies, all of it or what is left on the way from there."""
        return self.background == "photo" or self.viewpoint.from_photo < 1


@dataclass(frozen=True)
class Title:
    """A name on the paper of a sheet.

    Attributes:
        text: What it says.
        rect: Its room, in whose middle it stands.
        size_px: Of its letters.
        is_upward: Whether it goes from the bottom up.
    """

    text: str
    rect: Rect
    size_px: int
    is_upward: bool = False


@dataclass(frozen=True)
class Sheet:
    """One output: a picture, a row of panels, or the frames of a clip, one below the other.

    Attributes:
        name: Path below the output folder, without extension.
        height: In pixels, of all frames together.
        width: In pixels.
        photo: The picture behind it, None where none is needed.
        photo_hw: The photo's height and width in pixels.
        panels: Of all frames; a product that is no picture has none.
        fits: Positions in the Fits of the people drawn; a frame of a sequence may have none.
        frames: How many there are; 1 is a still picture.
        paper: Colour between and around panels, `transparent`, or `auto` for the background that all share.
        outside: Colour of a crop where it reaches beyond the photo.
        titles: Names beside its panels, of all frames.
    """

    name: str
    height: int
    width: int
    photo: Photo | None
    photo_hw: tuple[int, int]
    panels: tuple[Panel, ...]
    fits: tuple[int, ...]
    frames: int = 1
    paper: str = "auto"
    outside: str = "black"
    titles: tuple[Title, ...] = ()
