"""Which kernels draw: those of every run, and those that are made for modes, alpha and samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import warp as wp

from render.body import extent, normals, skinning
from render.body.abreast import shapes, width
from render.labels import joint_kernels
from render.labels.coverage import make_write_coverage
from render.labels.layer import ALPHA, LayerSpec, parse_layers
from render.labels.layer_kernels import make_write_layers
from render.labels.write_layers import group_layers
from render.library.label_renderer import list_drawn
from render.light import depth_maps, gather, placed_bodies, smoothing
from render.rasterize import buffer_layout, fragments, project
from render.rasterize.backends import warp
from render.rasterize.edge_pixels import find
from render.rasterize.edge_pixels.fill import make_fill_edge_pixels
from render.review.penetration import kernels as penetration
from render.shade.mode import MODES
from render.shade.resolve import choose_resolve_edges, make_resolve
from render.sheet import depth_order
from render.sheet.around import crowds, group_extents, reach, upright
from render.sheet.ground import catcher, contacts, plane, shadows, silhouettes
from render.sheet.panels import PanelSpec

# A module of kernels each, whatever is drawn. Fragments are for the demo set, and for those who ask for them.
FIXED = (
    *(extent, project, group_extents, depth_order, upright, reach, crowds),
    *(buffer_layout, fragments),
)
# Of modes that need light.
LIGHT = (placed_bodies, depth_maps, gather, smoothing)
# Of the background `ground`.
GROUND = (shadows, plane)
# Of the studio's shadows on it.
SHADOWS = (silhouettes, contacts, catcher)

EDGES = (find,)
# Of label sets; few are without keypoints.
LABELS = (joint_kernels,)
# Those of conf/job/labels.yaml, and depth in metres.
USUAL_LAYERS = ["iuv", "instance", "depth_relative", "normal", "keypoints", "depth"]


class Shading(NamedTuple):
    """For what a kernel that colours pixels is made; see `make_resolve`.

    Attributes:
        mode: The mode's name.
        channels: 3 for RGB, 4 for RGBA.
        is_supersampled: For layers of more than one sample a pixel.
        is_smooth: For layers with smooth edges, which other kernels colour.
        has_rays: For layers whose light rays find.
    """

    mode: str
    channels: int
    is_supersampled: bool = False
    is_smooth: bool = False
    has_rays: bool = False

    def describe(self) -> str:
        """As messages call the kernel."""
        return " ".join(
            [
                self.mode,
                *["with alpha"] * (self.channels == 4),
                *["supersampled"] * self.is_supersampled,
                *["beside smooth edges"] * self.is_smooth,
                *["by rays"] * self.has_rays,
            ]
        )


def list_shadings(panels: Iterable[PanelSpec], supersample: int, edges: str, rays: int = 0) -> list[Shading]:
    """What the sheets of a run are coloured by.

    Args:
        panels: Of a sheet.
        supersample: n for n x n samples a pixel, of panels that hold no labels.
        edges: smooth or hard, of those panels, as `Style` has it.
        rays: Of a pixel, as `Style` has it.
    """
    panels = list(panels)
    # All panels of a sheet have the channels that one of them needs.
    channels = 4 if any(panel.background == "transparent" for panel in panels) else 3
    is_supersampled, is_smooth = supersample > 1, edges == "smooth" and supersample == 1
    shadings = []
    for panel in panels:
        mode = MODES.load(panel.mode)
        kind = (False, False) if mode.is_label else (is_supersampled, is_smooth)
        shadings.append(Shading(panel.mode, channels, *kind, has_rays=rays > 0 and mode.needs_light))
    return list(dict.fromkeys(shadings))


def list_all_shadings() -> list[Shading]:
    """What any sheet can be coloured by."""
    plain, *others = ((False, False), (True, False), (False, True))
    return [
        Shading(mode, channels, *kind, has_rays)
        for mode, channels in product(MODES.names, (3, 4))
        for kind in ([plain] if MODES.load(mode).is_label else [plain, *others])
        for has_rays in ((False, True) if MODES.load(mode).needs_light else (False,))
    ]


def list_kernels(
    shadings: Iterable[Shading],
    rasterizer: str,
    has_ground: bool = False,
    layers: Iterable[LayerSpec] = (),
    has_shadow: bool = False,
    device_type: str = "cpu",
) -> dict[str, Callable[[], wp.Module]]:
    """The modules of kernels that draw; what another package's body model adds is not among them.

    Args:
        shadings: What pixels are coloured by.
        rasterizer: Its name, or `auto`, which tries ours first.
        has_ground: Whether a panel has the ground behind its bodies.
        layers: Of labels, as `list_drawn` has them.
        has_shadow: Whether a panel has the studio's shadows there.
        device_type: cpu or cuda: how many bodies, pixels or samples are side by side depends on it.

    Returns:
        What makes each module, by what messages call it. It may raise what a mode of another package does.
    """
    shadings, layers = list(shadings), list(layers)
    # Those that take longest first.
    kernels: dict[str, Callable[[], wp.Module]] = {}
    if rasterizer in ("auto", "warp"):
        # A rasterizer is tried without.
        for is_supersampled in sorted({False, *(one.is_supersampled for one in shadings)}):
            called = "rasterize supersampled" if is_supersampled else "rasterize"
            kernels[called] = partial(_module_of, warp.make_fill, is_supersampled, device_type)
    has_alpha = any(spec.name == ALPHA for spec in layers)
    is_smooth = has_alpha or any(one.is_smooth for one in shadings)
    # Edge pixels are rasterized by ours, whoever has found the others.
    if is_smooth or rasterizer in ("auto", "warp"):
        kernels["snap"] = partial(wp.get_module, warp.__name__)
    if is_smooth:
        kernels["fill edge pixels"] = partial(_module_of, make_fill_edge_pixels, device_type)
    for one in shadings:
        kernels[one.describe()] = partial(_module_of, make_resolve, *one, device_type)
        if one.is_smooth:
            called = f"{one.mode} smooth edges" + " with alpha" * (one.channels == 4)
            called += " by rays" * one.has_rays
            make = choose_resolve_edges(device_type)
            kernels[called] = partial(_module_of, make, one.mode, one.channels, one.has_rays)
    for group in group_layers(layers):
        written = tuple((spec.layer_name, spec.dtype) for spec in group)
        called = f"layers {', '.join(f'{name} {dtype}' for name, dtype in written)}"
        kernels[called] = partial(_module_of, make_write_layers, written)
    for spec in layers:
        if spec.name == ALPHA:
            kernels[f"coverage {spec.dtype}"] = partial(_module_of, make_write_coverage, spec.dtype)
    kernels |= _list_posing(width.WIDTH[device_type])
    needs_light = any(MODES.load(one.mode).needs_light for one in shadings)
    sets = FIXED + EDGES * is_smooth + LIGHT * needs_light + GROUND * has_ground + LABELS * bool(layers)
    for of in sets + SHADOWS * has_shadow:
        kernels[of.__name__.rpartition(".")[2]] = partial(wp.get_module, of.__name__)
    return kernels


def list_every_kernel(
    rasterizer: str = "auto", device_type: str = "cpu"
) -> dict[str, Callable[[], wp.Module]]:
    """The modules of kernels that any run may need: of all modes and backgrounds, and of the usual layers.

    Args:
        rasterizer: Its name, or `auto`, which tries ours first.
        device_type: cpu or cuda.
    """
    # Each other choice of layers is a module more.
    layers = list_drawn(parse_layers(USUAL_LAYERS))
    return list_kernels(list_all_shadings(), rasterizer, True, layers, True, device_type)


def _list_posing(abreast: int) -> dict[str, Callable[[], wp.Module]]:
    """Of so many bodies abreast."""
    if abreast == 1:
        return {
            "skinning": lambda: skinning.make_kernels(1).blend_motions.module,
            "normals": lambda: normals.make_kernels(1).sum_face_normals.module,
        }
    return {
        "skinning abreast": lambda: skinning.make_kernels(abreast).blend_motions.module,
        "normals abreast": lambda: normals.make_kernels(abreast).sum_face_normals.module,
        "bodies abreast": lambda: width.make_moves(abreast).line_up.module,
        "shapes": partial(wp.get_module, shapes.__name__),
    }


def list_measuring() -> dict[str, Callable[[], wp.Module]]:
    """The modules of kernels that measure people, on the CPU whatever draws; see `list_kernels`."""
    return {"penetration": partial(wp.get_module, penetration.__name__)}


def _module_of(make: Callable[..., wp.Kernel], *args: Any) -> wp.Module:
    return make(*args).module
