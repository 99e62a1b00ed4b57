"""What labels are of: a picture and people, as the fit file has them."""

from __future__ import annotations

from dataclasses import dataclass

# Beyond, programs that read numbers of JSON as doubles take one for another.
MOST_ID = 2**53 - 1


@dataclass(frozen=True)
class Crop:
    """Which part of a photo a picture is.

    Attributes:
        corner_px: x, y of its top left corner in the photo; it may lie outside.
        zoom: Pixels of the picture to a pixel of the photo.
        width, height: Of the picture, in its own pixels.
    """

    corner_px: tuple[float, float]
    zoom: float
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """What the labels are of.

    Attributes:
        file_name: Of the photo, as in the fit file.
        width, height: Of the photo, in pixels.
        crop: The part of it that the labels are of; None for all of it.
    """

    file_name: str
    width: int
    height: int
    crop: Crop | None = None

    @property
    def hw(self) -> tuple[int, int]:
        """The size of the labels in pixels."""
        frame = self.crop or self
        return frame.height, frame.width


@dataclass(frozen=True)
class LabelledPerson:
    """Who someone is in the fit file.

    Attributes:
        row: Of the fit file.
        annot_id: COCO's annotation id; 0 or less where there is none.
        person: Number of the person in the file; less than 0 where there is none.
        box_xywh: The box of the file, in pixels of the photo; None where there is none.
    """

    row: int
    annot_id: int = -1
    person: int = -1
    box_xywh: tuple[float, float, float, float] | None = None
