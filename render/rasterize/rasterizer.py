"""What a rasterizer is, and which there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    import torch

from render.registry import Registry
from render.types.buffer import Chunk, Layout
from render.types.placements import Placements


class ChunkFiller(Protocol):
    """Fills chunks of the visibility buffer of one batch."""

    def open(self, is_supersampled: bool, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What fills the keys of a chunk.

        Args:
            is_supersampled: Whether the chunk's shots have more than one sample a pixel, all or none.
            keys: int64, EMPTY, one for each sample of the chunk or more.

        Returns:
            A function that one thread may use, on one chunk after the other.
        """
        ...


class Rasterizer(ChunkFiller, Protocol):
    """Rasterizes the placements of one batch into its visibility buffer, chunk by chunk.

    Chunks share no memory, so threads may each take their own.

    Args:
        placements: All of the batch.
        layout: Of their shots.

    Attributes:
        ADVICE: What to do where it does not work.
    """

    ADVICE: ClassVar[str]

    def __init__(self, placements: Placements, layout: Layout) -> None: ...


# `auto` takes the first that works: the fastest one on every device that was measured comes first.
RASTERIZERS: Registry[type[Rasterizer]] = Registry(
    "rasterizer", "smpl_render.rasterizers", "render.rasterize.backends", "Rasterizer", first=("warp",)
)
