"""The pixels of a batch and its visibility buffer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, repr=False)
class Canvas(ShapeChecked):
    """The pixels of a batch of sheets, and where on them the layers of its shots lie.

    Attributes:
        pixels: All sheets in one flat uint8 buffer, RGB or RGBA, rows from the top.
        channels: 3 or 4.
        layer_start: int64 index in the shot's section of the top-left byte of each layer of each shot, -1
            where a shot has no such layer.
        layer_stride: Bytes in a row of each shot's sheet, int32.
        sections: Of `pixels`, in turn, each of whole sheets and of fewer bytes than 32 bits count with a
            sign: kernels are given one of them, and count within it. Left out, there is one.
        shot_section: The section of each shot; left out, the first.
    """

    pixels: torch.Tensor
    channels: int
    layer_start: torch.Tensor
    layer_stride: torch.Tensor
    sections: tuple[range, ...] = ()
    shot_section: tuple[int, ...] = ()

    # B bytes, K shots of up to L layers.
    SHAPES: ClassVar = {
        "pixels": ("B",),
        "layer_start": ("L", "K"),
        "layer_stride": ("K",),
    }

    def cut_sections(self) -> list[torch.Tensor]:
        """Views of the pixels of each section."""
        if not self.sections:
            return [self.pixels]
        return [self.pixels[section.start : section.stop] for section in self.sections]

    def cut_section_of(self, shot: int) -> torch.Tensor:
        """A view of the pixels of the section that a shot is in."""
        return self.cut_sections()[self.shot_section[shot] if self.shot_section else 0]


@dataclass(frozen=True, repr=False)
class Layout(ShapeChecked):
    """Where the shots of a batch lie in its visibility buffer.

    All shots one after the other, row by row, as large as they are drawn.

    Attributes:
        rect: What of each shot its placements can cover: x, y, width, height in its pixels, int32; the rest
            is not read.
        stride: Samples from one row of pixels to the next, int32.
        sample_bits: int32, b for shots with 2^b x 2^b samples a pixel, which are side by side in the buffer.
        start: int64 index of each shot's first sample, and the end.
        first_row: int32, how many rows of pixels come before each shot, and all of them.
        row_shot: int32, the shot of each row.
        depth_range: Least and greatest depth of its placements.
        size: Width and height of each shot in pixels, int32.
    """

    rect: torch.Tensor
    stride: torch.Tensor
    sample_bits: torch.Tensor
    start: torch.Tensor
    first_row: torch.Tensor
    row_shot: torch.Tensor
    depth_range: torch.Tensor
    size: torch.Tensor

    # K shots with R rows of pixels together; K1 is K + 1.
    SHAPES: ClassVar = {
        "rect": ("K", 4),
        "stride": ("K",),
        "sample_bits": ("K",),
        "start": ("K1",),
        "first_row": ("K1",),
        "row_shot": ("R",),
        "depth_range": ("K", 2),
        "size": ("K", 2),
    }


@dataclass(frozen=True)
class Chunk:
    """Rows of a batch's shots that are drawn at once.

    Attributes:
        rows: Rows of pixels, counted through all shots.
        placements: Those that can cover them.
        samples: Range of their samples in the batch's visibility buffer.
    """

    rows: range
    placements: range
    samples: range


@dataclass(frozen=True, repr=False)
class Visibility(ShapeChecked):
    """The ragged visibility buffer: what is in front at each sample of a chunk.

    Attributes:
        keys: int64, one a sample, in the order of the layout, from the chunk's first on; the depth's order in
            the upper 32 bits and placement * F + face in the lower; EMPTY where nothing is. There may be more
            of them than the chunk has samples.
        chunk: Whose samples they are.
        EMPTY: The key of a sample that nothing covers.
    """

    keys: torch.Tensor
    chunk: Chunk

    # The greatest int64, so that every key is nearer than it.
    EMPTY: ClassVar[int] = 2**63 - 1
    SHAPES: ClassVar = {"keys": ("P",)}
