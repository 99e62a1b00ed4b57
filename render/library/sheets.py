"""Sheets of bodies or of any meshes, for people who write their own code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from render.compute.transfer import upload
from render.errors import ConfigError
from render.files.sheet_names import sheet_name
from render.library.arrays import check_faces
from render.library.fits import make_fits
from render.rasterize.edges import GUARD_PX
from render.shade.mode import MODES
from render.sheet.canvas import count_channels, sheet_starts
from render.sheet.crops import find_crops
from render.sheet.framing import Batch, DrawList, make_batch
from render.sheet.layout import MAX_SHEET_BYTES, lay_out_sheet
from render.sheet.panels import PanelSpec, parse_panel
from render.sheet.staging import StagedBatch, stage_batch
from render.sheet.view import VIEWS
from render.types.bodies import Bodies, Charts
from render.types.fits import BOX_UNIT_PX, FitTable
from render.types.placements import Cameras
from render.types.sheets import Sheet

# Of the panel, what a body without a fit takes in the view `camera`.
FILL = 0.9
# Kernels count vertices and corners in 32 bits.
MOST_INDICES = 2**31 - 1


@dataclass(frozen=True)
class SheetBatch:
    """A sheet for each body, framed and ready to be rasterized; see `build_sheets`.

    staged: the sheets, their panels and what is drawn where. photos: (H, W, 3) uint8 RGB of each sheet, None
    where no panel shows it.
    """

    staged: StagedBatch
    photos: list[np.ndarray | None]

    @property
    def sheets(self) -> list[Sheet]:
        """One for each body, in their order."""
        return self.staged.batch.sheets

    @property
    def panels(self) -> list[tuple[int, str]]:
        """The sheet and the mode of each panel, in the order in which fragments count panels."""
        return [(i, panel.mode) for i, panel in self.staged.batch.panels]

    def __repr__(self) -> str:
        first = self.sheets[0]
        return f"SheetBatch({len(self.sheets)} sheets of {first.width}x{first.height}, {self.staged.draws})"


def build_sheets(
    bodies: Bodies,
    panels: Sequence[str],
    *,
    size_px: tuple[int, int] | None = None,
    photos: Sequence[np.ndarray] | None = None,
    fits: FitTable | None = None,
    cameras: Cameras | None = None,
    charts: Charts | None = None,
) -> SheetBatch:
    """A sheet for each body: a row of panels, each a view in a mode, written as on the command line.

    panels: view/mode or view/mode/background, such as camera/geo or orbit:45:10/normal. size_px: width and
    height of a panel; left out, it is the photo's. photos: one for each body, (H, W, 3) uint8 RGB; without,
    backgrounds are white. fits: one for each body, which the views `camera` and `crop` place over its photo;
    without, they show it from the front and whole. cameras: one for each body, what `camera` shows instead.
    charts: see `load_charts`; some modes need them. Faces are drawn from both sides, for surfaces that are
    not closed. Raises RenderError for panels that there are not, ValueError for arrays that do not fit, for
    sheets of one name, and for bodies too far off to be drawn.

    >>> from render import build_sheets, load_body, pose_bodies
    >>> import numpy as np
    >>> bodies = pose_bodies(load_body(), np.tile(np.eye(3), (2, 24, 1, 1)), np.zeros((2, 10)))
    >>> sheets = build_sheets(bodies, ["camera/geo", "side/normal/black"], size_px=(320, 240))
    >>> sheets.panels
    [(0, 'geo'), (1, 'geo'), (0, 'normal'), (1, 'normal')]
    """
    bodies = _take_bodies(bodies)
    sizes_hw = _find_sizes(len(bodies.verts), size_px, photos)
    specs = _parse_panels(panels, charts, has_photos=photos is not None)
    if fits is None:
        fits = _frame_bodies(bodies, sizes_hw)
        names = [f"{i:06d}" for i in range(len(fits))]
    else:
        _check_count("fits", len(fits), bodies)
        names = [sheet_name(name, int(row)) for name, row in zip(fits.image_name, fits.row, strict=True)]
    if cameras is not None:
        _check_count("cameras", len(cameras.focal_px), bodies)
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise ValueError(f"fits: two of them make the sheet {twice!r}; give each a row of its own")
    if charts is not None:
        _check_charts(charts, bodies)
    free_hw = None if size_px is None else (int(size_px[1]), int(size_px[0]))
    batch = make_batch(
        fits,
        [
            lay_out_sheet(name, None, hw, specs, (i,), columns=len(specs), free_hw=free_hw)
            for i, (name, hw) in enumerate(zip(names, sizes_hw, strict=True))
        ],
    )
    _check_load(batch, bodies)

    def adjust(of_views: Cameras, listed: DrawList) -> Cameras:
        return _adjust_cameras(of_views, batch, listed, cameras)

    staged = stage_batch(batch, bodies, charts, adjust=adjust)
    _check_reach(staged)
    return SheetBatch(staged, list(photos) if photos is not None else [None] * len(fits))


def _adjust_cameras(of_views: Cameras, batch: Batch, listed: DrawList, own: Cameras | None) -> Cameras:
    """Without culling, and with their own cameras in the view `camera`."""
    cameras = replace(of_views, cull=torch.zeros_like(of_views.cull))
    if own is None:
        return cameras
    device = of_views.focal_px.device
    views = [VIEWS.load(panel.viewpoint.name) for _, panel in batch.panels]
    is_camera = np.array([view.over_photo and not view.is_crop for view in views])
    is_own = is_camera[listed.panel]
    draw, body = np.flatnonzero(is_own), listed.body[is_own].astype(np.int64)
    draw, body = upload(draw, device), upload(body, device)
    for name in Cameras.SHAPES:
        getattr(cameras, name)[draw] = getattr(own, name).to(device)[body]
    return cameras


def _frame_bodies(bodies: Bodies, sizes_hw: list[tuple[int, int]]) -> FitTable:
    """Fits that show each body from the front and whole in the middle of its panel."""
    low, high = (edge[:, :2].double().cpu().numpy() for edge in (bodies.verts.amin(1), bodies.verts.amax(1)))
    size_wh = np.array(sizes_hw, np.float64)[:, ::-1]
    px_per_m = FILL * (size_wh / np.maximum(high - low, 1e-9)).min(1)
    box_px = size_wh.max(1)
    fits = make_fits(
        np.tile(np.eye(3), (len(low), 24, 1, 1)),
        np.zeros((len(low), 10)),
        np.ones((len(low), 3)),
        size_wh / 2,
        box_px / BOX_UNIT_PX,
    )
    upper_left, side_px = find_crops(fits)
    origin = size_wh / 2 - px_per_m[:, None] * (low + high) / 2
    translation = (origin - upper_left) * 2 / side_px[:, None] - 1
    return replace(fits, cam=np.column_stack([px_per_m * 2 / side_px, translation]))


def _parse_panels(panels: Sequence[str], charts: Charts | None, has_photos: bool) -> tuple[PanelSpec, ...]:
    if isinstance(panels, str) or not (panels := list(panels)):
        raise ConfigError(f"panels: expected a list of them, such as ['camera/geo'], found {panels!r}")
    specs = tuple(parse_panel(text, "photo" if has_photos else "white") for text in panels)
    for text, spec in zip(panels, specs, strict=True):
        if spec.background == "photo" and not has_photos:
            raise ConfigError(f"panels: {text!r} shows a photo; pass photos=..., one for each body")
        if MODES.load(spec.mode).needs_charts and charts is None:
            raise ConfigError(f"panels: {text!r} needs DensePose's charts; pass charts=load_charts(...)")
    return specs


def _find_sizes(
    count: int, size_px: tuple[int, int] | None, photos: Sequence[np.ndarray] | None
) -> list[tuple[int, int]]:
    """Height and width of what lies over the photo, for each body."""
    is_size = size_px is not None and len(size_px) == 2 and all(int(n) == n >= 1 for n in size_px)
    if not is_size and (photos is None or size_px is not None):
        raise ValueError(f"size_px: expected width and height of a panel in pixels, found {size_px}")
    if photos is None:
        return [(int(size_px[1]), int(size_px[0]))] * count
    if len(photos) != count:
        raise ValueError(f"photos: expected one for each of {count} bodies, found {len(photos)}")
    for i, photo in enumerate(photos):
        if not isinstance(photo, np.ndarray):
            raise ValueError(f"photos[{i}]: expected (H, W, 3) uint8 pixels, found a {type(photo).__name__}")
        if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8 or not photo.size:
            raise ValueError(f"photos[{i}]: expected (H, W, 3) uint8, found {photo.shape} {photo.dtype}")
    return [photo.shape[:2] for photo in photos]


def _check_count(name: str, found: int, bodies: Bodies) -> None:
    if found != len(bodies.verts):
        raise ValueError(f"{name}: expected one for each of {len(bodies.verts)} bodies, found {found}")


def _take_bodies(bodies: Bodies) -> Bodies:
    """The bodies as kernels take them, whatever was done to them since they were made."""
    if not bodies.verts.numel():
        raise ValueError(f"bodies: expected some with vertices, found {bodies}")
    devices = {str(getattr(bodies, name).device) for name in Bodies.SHAPES}
    if len(devices) > 1:
        raise ValueError(f"bodies: expected all arrays on one device, found {', '.join(sorted(devices))}")
    for name in ("verts", "normals"):
        broken = torch.nonzero(~getattr(bodies, name).isfinite().flatten(1).all(1))[:, 0].tolist()
        if broken:
            raise ValueError(f"bodies: body {broken[0]} has {name} that are not finite numbers")
    return Bodies(
        **{
            name: getattr(bodies, name).detach().float().contiguous()
            for name in ("verts", "normals", "joints")
        },
        # A copy: faces that change later would lead kernels out of their memory.
        faces=check_faces(bodies.faces, bodies.verts.shape[1]).clone(),
    )


def _check_charts(charts: Charts, bodies: Bodies) -> None:
    """Those of another topology would lead kernels out of their memory."""
    found = (len(charts.part), len(charts.corner_count), charts.part.device)
    expected = (len(bodies.faces), bodies.verts.shape[1], bodies.verts.device)
    if found != expected:
        says = "{} faces and {} vertices on {}"
        raise ValueError(f"charts: expected those of {says.format(*expected)}, found {says.format(*found)}")


def _check_load(batch: Batch, bodies: Bodies) -> None:
    """Kernels count in 32 bits."""
    draws = len(batch.panels)
    most = max(bodies.verts.shape[1], 3 * len(bodies.faces))
    taken = sheet_starts(batch.sheets, count_channels(batch.sheets))[-1]
    if draws * most > MOST_INDICES or taken > MAX_SHEET_BYTES:
        raise ValueError(
            f"bodies: {len(batch.sheets)} on {draws} panels, {taken / 1e9:.2f} GB of pixels, are more than "
            f"one batch can hold; pass fewer at a time"
        )


def _check_reach(staged: StagedBatch) -> None:
    draws = staged.draws
    reach = torch.cat([draws.low[:, :2], draws.high[:, :2]], 1).abs().amax(1)
    # Infinite is what has nothing in front of the eye, and leaves its panel empty.
    far = torch.nonzero((reach > GUARD_PX) & reach.isfinite())[:, 0]
    for d in far.tolist():
        verts = draws.verts[d]
        is_drawable = (verts[:, 3] > 0) & (verts[:, :2].abs() <= GUARD_PX).all(1)
        # With perspective, what is beside the eye is far off the picture, and is not missed.
        if staged.cameras.focal_px[d] > 0 and is_drawable[draws.faces.long()].all(1).any():
            continue
        raise ValueError(
            f"bodies: body {staged.draw_list.body[d]} reaches more than {float(GUARD_PX):.0f} pixels from "
            f"its panel; check its fit, its camera or its unit, which is metres"
        )
