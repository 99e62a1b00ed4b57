"""What a view is, and which there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from render.registry import Registry
from render.types.placements import Cameras

if TYPE_CHECKING:
    from render.sheet.view_cameras import ViewInputs

Frame = Callable[["ViewInputs"], Cameras]


@dataclass(frozen=True)
class View:
    """From where a panel looks at its bodies.

    Attributes:
        load_frame: Imports the function from what a view may know to cameras. It imports torch, so that the
            settings of a view can be checked before torch is loaded.
        over_photo: Its pixels are the photo's, or those of a crop of it.
        is_crop: It shows a square crop of the photo, magnified.
        azimuth_deg: Of the viewpoint, where none is given.
        elevation_deg: Of the viewpoint, where none is given.
        magnification: Of a crop, where none is given.
        arguments: Names of the fields of `Viewpoint` that may follow the view's name, in that order.
    """

    load_frame: Callable[[], Frame]
    over_photo: bool = False
    is_crop: bool = False
    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    magnification: float = 1.0
    arguments: tuple[str, ...] = ()


VIEWS: Registry[View] = Registry("view", "smpl_render.views", "render.sheet.views", "VIEW")
