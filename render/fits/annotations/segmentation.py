"""Which pixels a person covers, as an annotation file says it: polygons, or run lengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Segmentation:
    """A segmentation whose numbers are checked, so that pycocotools' C code can take them.

    Attributes:
        parts: Polygons, each (2n,) float64 x, y, x, y, ... in pixels with n >= 3, whose union it is; or one
            part, the run lengths down the columns.
        is_rle: Whether the parts are run lengths.
        is_crowd: Whether it is of a crowd, and not of one person.
        hw: Height and width of the photo that it is of; None where the file does not say.
    """

    parts: tuple[np.ndarray, ...]
    is_rle: bool
    is_crowd: bool
    hw: tuple[int, int] | None

    def make_mask(self, photo_hw: tuple[int, int]) -> np.ndarray | None:
        """The pixels that it covers, as COCO's own tools have them.

        Args:
            photo_hw: Height and width of the photo.

        Returns:
            (H, W) bool, whose columns lie together in memory; None where it is of a photo of another size.
        """
        # Only here: pictures without audits need no such package.
        import pycocotools.mask

        if self.hw is not None and self.hw != photo_hw:
            return None
        height, width = photo_hw
        if self.is_rle:
            counts = self.parts[0].astype(np.uint32)
            encoded = pycocotools.mask.frPyObjects({"size": [height, width], "counts": counts}, height, width)
        else:
            polygons = [part.tolist() for part in self.parts]
            encoded = pycocotools.mask.merge(pycocotools.mask.frPyObjects(polygons, height, width))
        return pycocotools.mask.decode(encoded).view(bool)

    def list_pieces(self) -> list[bytes]:
        """All of it, to be hashed."""
        about = (self.is_rle, self.is_crowd, self.hw, [len(part) for part in self.parts])
        return [repr(about).encode(), *(part.tobytes() for part in self.parts)]
