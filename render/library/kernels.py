"""Which kernels draw: those of every run, and those that are made for modes, alpha and samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import warp as wp

from render.body import extent, normals, skinning
from render.rasterize import buffer_layout, fragments, project
from render.rasterize.backends import warp
from render.shade.mode import MODES
from render.shade.resolve import make_resolve
from render.sheet import depth_order, group_extents
from render.sheet.around import reach, upright
from render.sheet.ground import plane, shadows
from render.sheet.panels import PanelSpec

# A module of kernels each, whatever is drawn. Fragments are for the demo set, and for those who ask for them.
FIXED = (
    *(skinning, normals, extent, project, group_extents, depth_order, upright, reach),
    *(buffer_layout, fragments),
)
# Of the background `ground`.
GROUND = (shadows, plane)


class Shading(NamedTuple):
    """For what a kernel that colours pixels is made; see `make_resolve`.

    Attributes:
        mode: The mode's name.
        channels: 3 for RGB, 4 for RGBA.
        is_supersampled: For panels of more than one sample a pixel.
    """

    mode: str
    channels: int
    is_supersampled: bool

    def describe(self) -> str:
        """As messages call the kernel."""
        return " ".join(
            [
                self.mode,
                *["with alpha"] * (self.channels == 4),
                *["supersampled"] * self.is_supersampled,
            ]
        )


def list_shadings(panels: Iterable[PanelSpec], supersample: int) -> list[Shading]:
    """What the sheets of a run are coloured by.

    Args:
        panels: Of a sheet.
        supersample: n for n x n samples a pixel, of panels that hold no labels.
    """
    panels = list(panels)
    # All panels of a sheet have the channels that one of them needs.
    channels = 4 if any(panel.background == "transparent" for panel in panels) else 3
    shadings = (
        Shading(panel.mode, channels, supersample > 1 and not MODES.load(panel.mode).is_label)
        for panel in panels
    )
    return list(dict.fromkeys(shadings))


def list_all_shadings() -> list[Shading]:
    """What any sheet can be coloured by."""
    every = (Shading(*one) for one in product(MODES.names, (3, 4), (False, True)))
    return [one for one in every if not (one.is_supersampled and MODES.load(one.mode).is_label)]


def list_kernels(
    shadings: Iterable[Shading], rasterizer: str, has_ground: bool = False
) -> dict[str, Callable[[], wp.Module]]:
    """The modules of kernels that draw; what another package's body model adds is not among them.

    Args:
        shadings: What pixels are coloured by.
        rasterizer: Its name, or `auto`, which tries ours first.
        has_ground: Whether a panel has the ground behind its bodies.

    Returns:
        What makes each module, by what messages call it. It may raise what a mode of another package does.
    """
    shadings = list(shadings)
    # Those that take longest first.
    kernels: dict[str, Callable[[], wp.Module]] = {}
    if rasterizer in ("auto", "warp"):
        # A rasterizer is tried without.
        for is_supersampled in sorted({False, *(one.is_supersampled for one in shadings)}):
            called = "rasterize supersampled" if is_supersampled else "rasterize"
            kernels[called] = partial(_module_of, warp.make_fill, is_supersampled)
        kernels["snap"] = partial(wp.get_module, warp.__name__)
    for one in shadings:
        kernels[one.describe()] = partial(_module_of, make_resolve, *one)
    for of in (*FIXED, *GROUND) if has_ground else FIXED:
        kernels[of.__name__.rpartition(".")[2]] = partial(wp.get_module, of.__name__)
    return kernels


def _module_of(make: Callable[..., wp.Kernel], *args: Any) -> wp.Module:
    return make(*args).module
