"""Fits and the entries that are none, as they come from the readers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked
from render.types.sources import FitSource

# Settings and help use these types, and are to start quickly.
if TYPE_CHECKING:
    import numpy as np


# A fit's bbox_scale is in this unit, as in MPII's annotations.
BOX_UNIT_PX = 200.0


class Unit(IntEnum):
    """What the cameras of fits are given in.

    Many files know only that their camera is of the whole picture, whose size they do not hold. All but
    PIXELS count from the picture's centre, and multiply lengths by one of its own.

    Attributes:
        PIXELS: Pixels of the photo, from its top left corner.
        CENTRED: Pixels of the photo, from its centre.
        SIDE: Of its longer side.
        HEIGHT: Of its height.
        DIAGONAL: Of its diagonal.
        FRAMED: There is no camera; the body is shown whole, in the middle.
    """

    PIXELS = 0
    CENTRED = 1
    SIDE = 2
    HEIGHT = 3
    DIAGONAL = 4
    FRAMED = 5


@dataclass(frozen=True, repr=False)
class Fits(ShapeChecked):
    """Fits as a struct of arrays, one row a person; only valid rows are in it.

    A row is an identity, a body (`place` in `source`), and where the body is in the photo. The bodies' frame
    is x right, y down, z away. Two cameras there are:

    - weak perspective: a point X of the body lies at origin + scale * X.xy, and at depth scale * X.z;
    - pinhole, as OpenCV has it: q = rotation X + transl, and it lies at center + focal * q.xy / q.z.

    Attributes:
        row: Index of the entry in the fit file, or in the list of all files; ascending.
        image_name: As in the file, relative to the image folder.
        person: Number of the person in the file, -1 where there is none.
        frame: Number of the frame in its sequence, -1 where there is none.
        time_s: Time of the frame, NaN where it is not known.
        sequence: Name of the sequence that the frame is of, as a relative path without extension; empty for
            pictures of their own.
        identity: Number of the person among all of the sequence, 0, 1, ..., the same in each frame; -1 for
            pictures of their own.
        annot_id: COCO annotation id, -1 where there is none.
        source: Index into `sources`, int32.
        place: Row there.
        unit: What the camera is given in, one of `Unit`, int8.
        scale: Of weak perspective, units per metre; 0 for a pinhole.
        origin: Of weak perspective, where the body's origin lies.
        focal: Of a pinhole, x and y; 0 for weak perspective.
        center: Of a pinhole, its principal point.
        transl_m: Of a pinhole, in the camera's frame.
        rotation: From the body's frame to the camera's; the identity for nearly all.
        is_metric: Whether depths are true in the camera's frame, so that people who share it are in order.
        world_rotation: From the camera's frame, in which posed vertices are, to the world of the sequence,
            whose axes are x right, y down along gravity and z away; NaN where the format does not know it.
        world_m: A posed vertex v, before `transl_m`, lies at world_rotation v + world_m; NaN where it is not
            known where the body stands.
        box_px: Left, top and side of the square crop in the photo, NaN where the file has none.
        sources: What the rows are of.
    """

    row: np.ndarray
    image_name: np.ndarray
    person: np.ndarray
    frame: np.ndarray
    time_s: np.ndarray
    sequence: np.ndarray
    identity: np.ndarray
    annot_id: np.ndarray
    source: np.ndarray
    place: np.ndarray
    unit: np.ndarray
    scale: np.ndarray
    origin: np.ndarray
    focal: np.ndarray
    center: np.ndarray
    transl_m: np.ndarray
    rotation: np.ndarray
    is_metric: np.ndarray
    world_rotation: np.ndarray
    world_m: np.ndarray
    box_px: np.ndarray
    sources: tuple[FitSource, ...]

    # N people.
    SHAPES: ClassVar = {
        "row": ("N",),
        "image_name": ("N",),
        "person": ("N",),
        "frame": ("N",),
        "time_s": ("N",),
        "sequence": ("N",),
        "identity": ("N",),
        "annot_id": ("N",),
        "source": ("N",),
        "place": ("N",),
        "unit": ("N",),
        "scale": ("N",),
        "origin": ("N", 2),
        "focal": ("N", 2),
        "center": ("N", 2),
        "transl_m": ("N", 3),
        "rotation": ("N", 3, 3),
        "is_metric": ("N",),
        "world_rotation": ("N", 3, 3),
        "world_m": ("N", 3),
        "box_px": ("N", 3),
    }

    def __len__(self) -> int:
        return len(self.row)

    def take(self, index: np.ndarray | slice) -> Fits:
        """Some of the rows.

        Args:
            index: Positions in this table, whole numbers; or a slice, or (N,) of True and False.

        Returns:
            Those rows in that order, with the same sources.
        """
        return Fits(**{name: getattr(self, name)[index] for name in self.SHAPES}, sources=self.sources)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """An entry of a fit file without a picture.

    Attributes:
        row: Its index in the file.
        image_name: Its image, if known.
        reason: Why there is no picture.
    """

    row: int
    image_name: str
    reason: str
