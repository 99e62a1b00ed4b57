"""What a rasterizer is, and which there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    import torch

from render.registry import Registry
from render.types.buffer import Chunk, Layout
from render.types.placements import Draws


class Rasterizer(Protocol):
    """Draws the draws of one batch into its visibility buffer, chunk by chunk.

    Chunks share no memory, so threads may each take their own. ADVICE: what to do where it does not work.
    """

    ADVICE: ClassVar[str]

    def __init__(self, draws: Draws, layout: Layout) -> None: ...

    def open(self, is_supersampled: bool, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What draws a chunk into `keys`, which are EMPTY or hold other draws of it.

        is_supersampled: whether its panels have more than one sample a pixel, all or none. keys: int64, one
        for each sample of the chunk or more. One thread may use what is returned.
        """
        ...


# `auto` takes the first that works: the fastest one on every device that was measured comes first.
RASTERIZERS: Registry[type[Rasterizer]] = Registry(
    "rasterizer", "smpl_render.rasterizers", "render.rasterize.backends", "Rasterizer", first=("warp",)
)
