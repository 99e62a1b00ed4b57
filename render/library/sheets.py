"""Sheets of bodies or of any meshes, for people who write their own code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import torch

from render.body.anatomy import find_anatomy
from render.body.model import BodyModel
from render.compute.transfer import upload
from render.errors import ConfigError
from render.files.sheet_names import sheet_name
from render.fits.build import assemble
from render.fits.cameras import framed
from render.library.given.checks import (
    check_count,
    check_framing,
    check_load,
    check_look,
    check_options,
    check_reach,
    find_sizes,
)
from render.library.given.handed import check_fits, check_model, take_bodies, take_cameras, take_charts
from render.library.surface.textures import take_texture
from render.shade.mode import MODES
from render.sheet.framing import Batch, PlacementList, find_crops, lacks_crops, make_batch
from render.sheet.layout import FreeSize, group_people, lay_out_sheet, needs_photo_size
from render.sheet.panels import PanelSpec, parse_panel
from render.sheet.photo_cameras import need_picture_size
from render.sheet.staging import StagedBatch, stage_batch
from render.sheet.view import VIEWS
from render.types.bodies import Bodies, Charts, TextureMap
from render.types.fits import Fits
from render.types.placements import Cameras
from render.types.sheets import ORIGINAL, Sheet
from render.types.sources import Meshes


@dataclass(frozen=True)
class SheetBatch:
    """Sheets, framed and ready to be rasterized; see `build_sheets`.

    Attributes:
        staged: The sheets, their shots and what is drawn where.
        photos: (H, W, 3) uint8 RGB of each sheet, None where no panel shows it.
        has_fits: Whether the bodies lie over photos as fits say, or are only framed.
    """

    staged: StagedBatch
    photos: list[np.ndarray | None]
    has_fits: bool

    @property
    def sheets(self) -> list[Sheet]:
        """In the order of their first bodies."""
        return self.staged.batch.sheets

    @property
    def shots(self) -> list[tuple[int, tuple[str, ...]]]:
        """The sheet and the modes of each shot, in the order in which fragments count shots.

        Panels of a sheet with the same view, size and number of samples are one shot.
        """
        return [(shot.sheet, shot.modes) for shot in self.staged.batch.shots]

    def __repr__(self) -> str:
        first = self.sheets[0]
        return (
            f"SheetBatch({len(self.sheets)} sheets of {first.width}x{first.height}, {self.staged.placements})"
        )


def build_sheets(
    bodies: Bodies,
    panels: Sequence[str],
    *,
    size_px: tuple[int, int] | Literal["auto"] | None = None,
    photos: Sequence[np.ndarray] | None = None,
    fits: Fits | None = None,
    cameras: Cameras | None = None,
    charts: Charts | None = None,
    people: str = "alone",
    supersample: int = 1,
    columns: int | None = None,
    frames: int = 1,
    gap: int = 0,
    paper: str = "auto",
    outside: str = "black",
    up: str = ORIGINAL.up,
    fit: str = ORIGINAL.fit,
    zoom: float = ORIGINAL.zoom,
    margin: float = ORIGINAL.margin,
    body: BodyModel | None = None,
    texture: TextureMap | None = None,
) -> SheetBatch:
    """Sheets of bodies: rows of panels, each a view in a mode, written as on the command line.

    Faces are drawn from both sides, for surfaces that are not closed.

    Args:
        bodies: M of them, of one topology.
        panels: view/mode or view/mode/background, such as camera/geo, orbit:45:10/normal or
            side/studio/white+shadow.
        size_px: Width and height of a panel; left out, it is the photo's. With `auto` panels that do not lie
            over the photo are as high as those beside them that do.
        photos: One for each sheet, (H, W, 3) uint8 RGB; without, backgrounds are white.
        fits: One for each body, which the views `camera` and `crop` place over its photo; without, they show
            it from the front and whole.
        cameras: One for each body, what `camera` shows instead.
        charts: See `load_charts`; some modes need them.
        people: `alone`, a sheet for each body, or `together`, one for all whose fits name the same photo.
        supersample: n for n x n samples a pixel, 1, 2 or 4, of panels that hold no labels.
        columns: Most panels in a row; left out, all are in one.
        frames: Of a full turn of the views around the bodies, for clips.
        gap: Pixels between panels.
        paper: Colour between and around panels, `transparent`, or `auto`: the background that all share, else
            white.
        outside: Colour of a crop where it reaches beyond the photo.
        up: What stands upright in views around bodies: `world`, the vertical of the sequence that fits are
            of, where they know it, else as `body`; `body`, estimated from how bodies stand; or `picture`.
        fit: How near these views come: `bodies`, as near as all of them allow, or `original`.
        zoom: Magnifies what these views show, 0.1 to 10.
        margin: With `bodies`, free at each side of a panel, 0 to 0.4 of its shorter side.
        body: The model of the bodies, whose joints tell what is up; without, that is the picture's.
        texture: See `load_texture`; the mode texture needs it.

    Returns:
        The sheets, for `rasterize_sheets` and `shade_sheets`.

    Raises:
        RenderError: There are no such panels.
        TypeError: What is given is of another type.
        ValueError: Arrays do not fit, two sheets would have one name, or a body is too far off to be drawn.

    Examples:
        >>> from render import build_sheets, load_body, pose_bodies
        >>> import numpy as np
        >>> bodies = pose_bodies(load_body(), np.tile(np.eye(3), (2, 24, 1, 1)), np.zeros((2, 10)), up="y")
        >>> panels = ["camera/geo", "camera/mask", "side/normal/black"]
        >>> build_sheets(bodies, panels, size_px=(320, 240)).shots
        [(0, ('geo', 'mask')), (1, ('geo', 'mask')), (0, ('normal',)), (1, ('normal',))]
    """
    bodies = take_bodies(bodies)
    # All of it is checked before anything is computed: kernels trust what they are given.
    specs = _parse_panels(panels, has_photos=photos is not None)
    _check_painting(specs, charts, texture, bodies)
    check_options(people, supersample, columns, frames, has_fits=fits is not None)
    check_look(gap, paper, outside, specs)
    framing = check_framing(up, fit, zoom, margin)
    if body is not None:
        check_model("body", body)
    # Its numbers may be NumPy's.
    supersample, frames = int(supersample), int(frames)
    columns = None if columns is None else int(columns)
    if fits is not None:
        check_fits(fits)
        check_count("fits", len(fits), bodies)
        groups = [group for image in group_people(fits, people) for group in image]
        names = [sheet_name(fits.image_name[group[0]], int(fits.row[group[0]])) for group in groups]
    # Without fits there is no photo or row to name sheets by.
    else:
        groups = [(i,) for i in range(len(bodies.verts))]
        names = [f"{i:06d}" for i in range(len(groups))]
    sizes_hw = find_sizes(len(groups), size_px, photos, _need_photos(specs, fits, groups))
    free_hw: FreeSize = None
    if size_px is not None:
        free_hw = "auto" if isinstance(size_px, str) else (int(size_px[1]), int(size_px[0]))
    placed = fits if fits is not None else _frame_bodies(len(bodies.verts))
    if cameras is not None:
        cameras = take_cameras(cameras)
        check_count("cameras", len(cameras.focal_px), bodies)
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise ValueError(f"fits: two of them make the sheet {twice!r}; give each a row of its own")
    if charts is not None:
        charts = take_charts(charts, bodies)
    if texture is not None:
        texture = take_texture(texture, bodies)
    lay_out = partial(
        lay_out_sheet,
        columns=columns or len(specs),
        free_hw=free_hw,
        frames=frames,
        samples=supersample**2,
        gap=int(gap),
        paper=paper,
        outside=outside,
    )
    laid_out = [
        lay_out(name, None, hw, specs, group) for name, hw, group in zip(names, sizes_hw, groups, strict=True)
    ]
    batch = make_batch(placed, laid_out, framing, supersample=supersample)
    # The batch has its people sheet by sheet.
    order = [i for group in groups for i in group]
    # Mostly they are in that order already, and a copy is saved.
    if order != list(range(len(order))):
        index = torch.tensor(order, device=bodies.verts.device)
        colors = None if bodies.colors is None else bodies.colors[index]
        bodies = Bodies(
            bodies.verts[index], bodies.normals[index], bodies.joints[index], bodies.faces, colors
        )
        cameras = None if cameras is None else _reorder_cameras(cameras, index)
    check_load(batch, bodies)
    if lacks_crops(batch):
        batch = find_crops(batch, bodies)

    def adjust(of_views: Cameras, listed: PlacementList) -> Cameras:
        return _adjust_cameras(of_views, batch, listed, cameras)

    anatomies = None if body is None else [find_anatomy(body)] * len(bodies.verts)
    staged = stage_batch(batch, bodies, charts, adjust, anatomies, texture)
    check_reach(staged)
    shown: list[np.ndarray | None] = [None] * len(groups)
    if photos is not None:
        shown = list(photos)
    return SheetBatch(staged, shown, has_fits=fits is not None)


def _reorder_cameras(cameras: Cameras, index: torch.Tensor) -> Cameras:
    return Cameras(**{name: getattr(cameras, name).to(index.device)[index] for name in Cameras.SHAPES})


def _adjust_cameras(of_views: Cameras, batch: Batch, listed: PlacementList, own: Cameras | None) -> Cameras:
    """Without culling, and with their own cameras in the view `camera`."""
    # Those of the views take bodies to be closed, which meshes need not be.
    cameras = replace(of_views, cull=torch.zeros_like(of_views.cull))
    if own is None:
        return cameras
    device = of_views.focal_px.device
    is_camera = np.array([shot.view.over_photo and not shot.view.is_crop for shot in batch.shots])
    is_own = is_camera[listed.shot]
    placement = upload(np.flatnonzero(is_own), device)
    body = upload(listed.body[is_own].astype(np.int64), device)
    for name in Cameras.SHAPES:
        getattr(cameras, name)[placement] = getattr(own, name).to(device)[body]
    return cameras


def _frame_bodies(count: int) -> Fits:
    """Fits that show each body from the front and whole in the middle of its panel."""
    meshes = Meshes("", np.zeros((0, 3), np.int32), np.zeros((count, 0, 3), np.float32))
    names = [f"{i:06d}" for i in range(count)]
    return assemble("none", names, meshes, framed(count))


def _need_photos(specs: tuple[PanelSpec, ...], fits: Fits | None, groups: list[tuple[int, ...]]) -> bool:
    """Whether something depends on the size of a photo although that of the panels does not."""
    shows_crop = any(VIEWS.load(spec.viewpoint.name).is_crop for spec in specs)
    return needs_photo_size(specs, "auto") or (
        fits is not None and any(need_picture_size(fits, group, shows_crop) for group in groups)
    )


def _parse_panels(panels: Sequence[str], has_photos: bool) -> tuple[PanelSpec, ...]:
    # A string is a sequence too, of letters.
    is_list = not isinstance(panels, str) and isinstance(panels, Sequence)
    if not is_list or not panels or not all(isinstance(text, str) for text in panels):
        raise ConfigError(f"panels: expected a list of them, such as ['camera/geo'], found {panels!r}")
    specs = tuple(map(parse_panel, panels))
    if has_photos:
        return specs
    for text, spec in zip(panels, specs, strict=True):
        if spec.background == "photo" and text.count("/") > 1:
            raise ConfigError(f"panels: {text!r} shows a photo; pass photos=..., one for each sheet")
    return tuple(replace(spec, background="white") if spec.background == "photo" else spec for spec in specs)


def _check_painting(
    specs: tuple[PanelSpec, ...], charts: Charts | None, texture: TextureMap | None, bodies: Bodies
) -> None:
    """Raises ConfigError for a mode that shows what is not there."""
    for name in dict.fromkeys(spec.mode for spec in specs):
        mode = MODES.load(name)
        if mode.needs_charts and charts is None:
            raise ConfigError(f"panels: {name!r} needs DensePose's charts; pass charts=load_charts(...)")
        if mode.needs_texture and getattr(texture, "texels", None) is None:
            raise ConfigError(
                f"panels: {name!r} needs a UV map and a picture; pass texture=load_texture(uv, body, picture)"
            )
        if mode.needs_colors and bodies.colors is None:
            raise ConfigError(
                f"panels: {name!r} needs colours of vertices; pass make_bodies(..., colors=...)"
            )
        if mode.needs_values and bodies.values is None:
            raise ConfigError(
                f"panels: {name!r} needs a number of each vertex; pass bodies_with_errors(bodies, reference) "
                f"or make_bodies(..., values=...)"
            )
