"""What kernels read of what people made, checked at the door."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from render.library.arrays import check_faces
from render.rasterize.edges import GUARD_PX
from render.sheet.canvas import count_channels, sheet_starts
from render.sheet.framing import Batch
from render.sheet.layout import MAX_SHEET_BYTES
from render.sheet.staging import StagedBatch
from render.types.bodies import Bodies, Charts
from render.types.placements import Cameras

# Kernels count vertices and corners in 32 bits.
MOST_INDICES = 2**31 - 1


def find_sizes(
    count: int, size_px: tuple[int, int] | None, photos: Sequence[np.ndarray] | None
) -> list[tuple[int, int]]:
    """How large the panels are that lie over the photo.

    Args:
        count: How many sheets there are.
        size_px: Width and height, where there are no photos to have them from.
        photos: One for each sheet.

    Returns:
        Height and width for each sheet.

    Raises:
        ValueError: `size_px` is no size, or `photos` are not one (H, W, 3) uint8 array for each sheet.
    """
    # It may be left out where photos have one, but must not be wrong.
    is_size = size_px is not None and len(size_px) == 2 and all(int(n) == n >= 1 for n in size_px)
    if not is_size and (photos is None or size_px is not None):
        raise ValueError(f"size_px: expected width and height of a panel in pixels, found {size_px}")
    if photos is None:
        assert size_px is not None
        return [(int(size_px[1]), int(size_px[0]))] * count
    if len(photos) != count:
        raise ValueError(f"photos: expected one for each of {count} sheets, found {len(photos)}")
    for i, photo in enumerate(photos):
        if not isinstance(photo, np.ndarray):
            raise ValueError(f"photos[{i}]: expected (H, W, 3) uint8 pixels, found a {type(photo).__name__}")
        if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8 or not photo.size:
            raise ValueError(f"photos[{i}]: expected (H, W, 3) uint8, found {photo.shape} {photo.dtype}")
    return [(photo.shape[0], photo.shape[1]) for photo in photos]


def check_options(people: str, supersample: int, columns: int | None, frames: int, has_fits: bool) -> None:
    """Raises ValueError for what sheets cannot be; the options are those of `build_sheets`."""
    if people not in ("alone", "together"):
        raise ValueError(f"people: expected alone or together, found {people!r}")
    if people == "together" and not has_fits:
        raise ValueError("people: who is together is known by the photos that fits name; pass fits=...")
    if supersample not in (1, 2, 4):
        raise ValueError(f"supersample: expected 1, 2 or 4, found {supersample!r}")
    for name, value in (("columns", columns), ("frames", frames)):
        if value is not None and not (isinstance(value, int) and value >= 1):
            raise ValueError(f"{name}: expected a number of them, found {value!r}")


def take_cameras(cameras: Cameras, index: torch.Tensor) -> Cameras:
    """The cameras at `index`, (N,) int64, in that order."""
    return Cameras(**{name: getattr(cameras, name).to(index.device)[index] for name in Cameras.SHAPES})


def check_count(name: str, found: int, bodies: Bodies) -> None:
    """Raises ValueError, which begins with `name`, unless there is one for each body."""
    if found != len(bodies.verts):
        raise ValueError(f"{name}: expected one for each of {len(bodies.verts)} bodies, found {found}")


def take_bodies(bodies: Bodies) -> Bodies:
    """The bodies as kernels take them, whatever was done to them since they were made.

    Raises:
        ValueError: There are none, they are on several devices, they hold numbers that are not finite, or
            faces have vertices that there are not.
    """
    if not bodies.verts.numel() or not bodies.faces.numel():
        raise ValueError(f"bodies: expected some with vertices and faces, found {bodies}")
    devices = {str(getattr(bodies, name).device) for name in Bodies.SHAPES}
    if len(devices) > 1:
        raise ValueError(f"bodies: expected all arrays on one device, found {', '.join(sorted(devices))}")
    for name in ("verts", "normals"):
        broken = torch.nonzero(~getattr(bodies, name).isfinite().flatten(1).all(1))[:, 0].tolist()
        if broken:
            raise ValueError(f"bodies: body {broken[0]} has {name} that are not finite numbers")
    # Kernels take float32, without gaps and without gradients.
    return Bodies(
        **{
            name: getattr(bodies, name).detach().float().contiguous()
            for name in ("verts", "normals", "joints")
        },
        # A copy: faces that change later would lead kernels out of their memory.
        faces=check_faces(bodies.faces, bodies.verts.shape[1]).clone(),
    )


def check_charts(charts: Charts, bodies: Bodies) -> None:
    """Raises ValueError for charts of another topology, which would lead kernels out of their memory."""
    found = (len(charts.part), len(charts.corner_count), charts.part.device)
    expected = (len(bodies.faces), bodies.verts.shape[1], bodies.verts.device)
    if found != expected:
        says = "{} faces and {} vertices on {}"
        raise ValueError(f"charts: expected those of {says.format(*expected)}, found {says.format(*found)}")


def check_load(batch: Batch, bodies: Bodies) -> None:
    """Raises ValueError for more than kernels can count in 32 bits."""
    placements = sum(len(batch.sheets[i].fits) for i, _ in batch.panels)
    most = max(bodies.verts.shape[1], 3 * len(bodies.faces))
    taken = sheet_starts(batch.sheets, count_channels(batch.sheets))[-1]
    if placements * most > MOST_INDICES or taken > MAX_SHEET_BYTES:
        raise ValueError(
            f"bodies: {placements} on the panels of {len(batch.sheets)} sheets, {taken / 1e9:.2f} GB of "
            f"pixels, are more than one batch can hold; pass fewer at a time"
        )


def check_reach(staged: StagedBatch) -> None:
    """Raises ValueError for a body that reaches farther from its panel than the rasterizer can place it."""
    placements = staged.placements
    reach = torch.cat([placements.low[:, :2], placements.high[:, :2]], 1).abs().amax(1)
    # Infinite is what has nothing in front of the eye, and leaves its panel empty.
    far = torch.nonzero((reach > GUARD_PX) & reach.isfinite())[:, 0]
    for d in far.tolist():
        verts = placements.verts[d]
        is_drawable = (verts[:, 3] > 0) & (verts[:, :2].abs() <= GUARD_PX).all(1)
        # With perspective, what is beside the eye is far off the picture, and is not missed.
        if staged.cameras.focal_px[d] > 0 and is_drawable[placements.faces.long()].all(1).any():
            continue
        raise ValueError(
            f"bodies: body {staged.placement_list.body[d]} reaches more than {float(GUARD_PX):.0f} pixels "
            f"from its panel; check its fit, its camera or its unit, which is metres"
        )
