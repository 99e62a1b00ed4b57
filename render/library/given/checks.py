"""What kernels read of what people made, checked at the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch

from render.rasterize.edges import GUARD_PX
from render.sheet.backgrounds import check_outside
from render.sheet.canvas import count_channels, sheet_starts
from render.sheet.framing import Batch
from render.sheet.layout import MAX_SHEET_BYTES
from render.sheet.panels import MAX_GAP, PanelSpec, check_paper
from render.sheet.staging import StagedBatch
from render.types.bodies import Bodies
from render.types.rays import RAYS
from render.types.sheets import FITS, MARGINS, UPS, ZOOMS, Framing

# Kernels count vertices and corners in 32 bits.
MOST_INDICES = 2**31 - 1


def find_sizes(
    count: int,
    size_px: tuple[int, int] | Literal["auto"] | None,
    photos: Sequence[np.ndarray] | None,
    needs_photos: bool = True,
) -> list[tuple[int, int]]:
    """How large the panels are that lie over the photo.

    Args:
        count: How many sheets there are.
        size_px: Width and height, where there are no photos to have them from; see `build_sheets`.
        photos: One for each sheet.
        needs_photos: Whether something depends on the size of a photo.

    Returns:
        Height and width for each sheet.

    Raises:
        ValueError: `size_px` is no size, or `photos` are not one (H, W, 3) uint8 array for each sheet.
    """
    # It may be left out where photos have one, but must not be wrong.
    is_auto = isinstance(size_px, str) and size_px == "auto"
    if not is_auto and not _is_size(size_px) and (photos is None or size_px is not None):
        raise ValueError(f"size_px: expected width and height of a panel in pixels, found {size_px!r}")
    if photos is None:
        if not is_auto:
            assert size_px is not None
            return [(int(size_px[1]), int(size_px[0]))] * count
        if needs_photos:
            raise ValueError(
                "size_px: these sheets have the size of a photo in them; pass photos=..., or width and height"
            )
        # As in a run that opens no photo.
        return [(0, 0)] * count
    if not (hasattr(photos, "__len__") and hasattr(photos, "__getitem__")):
        raise TypeError(f"photos: expected a list of pictures, found a {type(photos).__name__}")
    if len(photos) != count:
        raise ValueError(f"photos: expected one for each of {count} sheets, found {len(photos)}")
    for i, photo in enumerate(photos):
        if not isinstance(photo, np.ndarray):
            raise ValueError(f"photos[{i}]: expected (H, W, 3) uint8 pixels, found a {type(photo).__name__}")
        if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8 or not photo.size:
            raise ValueError(f"photos[{i}]: expected (H, W, 3) uint8, found {photo.shape} {photo.dtype}")
    return [(photo.shape[0], photo.shape[1]) for photo in photos]


def _is_size(value: object) -> bool:
    if not isinstance(value, Sequence | np.ndarray) or len(value) != 2:
        return False
    # No picture is as wide as the limit; infinities and NaN are no whole numbers.
    return all(
        isinstance(n, int | float | np.number)
        and not isinstance(n, bool | np.complexfloating)
        and 1 <= n < MOST_INDICES
        and int(n) == n
        for n in value
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def check_look(gap: int, paper: str, outside: str, specs: tuple[PanelSpec, ...]) -> None:
    """Raises ValueError or ConfigError for what paper cannot be; the options are those of `build_sheets`."""
    if not _is_whole(gap) or not 0 <= gap <= MAX_GAP:
        raise ValueError(f"gap: expected 0 to {MAX_GAP} pixels, found {gap!r}")
    for name, colour in (("paper", paper), ("outside", outside)):
        if not isinstance(colour, str):
            raise TypeError(f"{name}: expected the name of a colour, found {colour!r}")
    check_paper(paper, specs)
    check_outside("outside", outside)


def check_options(people: str, supersample: int, columns: int | None, frames: int, has_fits: bool) -> None:
    """Raises ValueError for what sheets cannot be; the options are those of `build_sheets`."""
    if not isinstance(people, str) or people not in ("alone", "together"):
        raise ValueError(f"people: expected alone or together, found {people!r}")
    if people == "together" and not has_fits:
        raise ValueError("people: who is together is known by the photos that fits name; pass fits=...")
    if not _is_whole(supersample) or supersample not in (1, 2, 4):
        raise ValueError(f"supersample: expected 1, 2 or 4, found {supersample!r}")
    for name, value in (("columns", columns), ("frames", frames)):
        # Only columns may be left out.
        if value is None and name == "columns":
            continue
        if value is None or not _is_whole(value) or value < 1:
            raise ValueError(f"{name}: expected a number of them, found {value!r}")


def check_rays(rays: int) -> int:
    """How many rays a pixel has; raises ValueError for what cannot be. See `shade_sheets`."""
    if not _is_whole(rays) or rays not in (0, *RAYS):
        raise ValueError(f"rays: expected one of {', '.join(map(str, (0, *RAYS)))}, found {rays!r}")
    return int(rays)


def check_framing(up: str, fit: str, zoom: float, margin: float) -> Framing:
    """How views around bodies look at them; raises ValueError for what cannot be. See `build_sheets`."""
    for name, value, known in (("up", up, UPS), ("fit", fit, FITS)):
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{name}: expected one of {', '.join(known)}, found {value!r}")
    for name, number, (low, high) in (("zoom", zoom, ZOOMS), ("margin", margin, MARGINS)):
        is_number = isinstance(number, int | float | np.integer | np.floating) and not isinstance(
            number, bool
        )
        # Written so that NaN fails.
        if not is_number or not low <= number <= high:
            raise ValueError(f"{name}: expected {low} to {high}, found {number!r}")
    return Framing(up, fit, float(zoom), float(margin))


def check_count(name: str, found: int, bodies: Bodies) -> None:
    """Raises ValueError, which begins with `name`, unless there is one for each body."""
    if found != len(bodies.verts):
        raise ValueError(f"{name}: expected one for each of {len(bodies.verts)} bodies, found {found}")


def check_load(batch: Batch, bodies: Bodies) -> None:
    """Raises ValueError for more than kernels can count in 32 bits."""
    placements = sum(len(batch.sheets[shot.sheet].fits) for shot in batch.shots)
    most = max(bodies.verts.shape[1], 3 * len(bodies.faces))
    taken = sheet_starts(batch.sheets, count_channels(batch.sheets))[-1]
    if placements * most > MOST_INDICES or taken > MAX_SHEET_BYTES:
        raise ValueError(
            f"bodies: {placements} in the views of {len(batch.sheets)} sheets, {taken / 1e9:.2f} GB of "
            f"pixels, are more than one batch can hold; pass fewer at a time"
        )


def check_reach(staged: StagedBatch) -> None:
    """Raises ValueError for a body that reaches farther from its shot than the rasterizer can place it."""
    placements = staged.placements
    reach = torch.cat([placements.low[:, :2], placements.high[:, :2]], 1).abs().amax(1)
    is_off = ~(reach <= GUARD_PX)
    for d in torch.nonzero(is_off | (staged.cameras.focal_px > 0))[:, 0].tolist():
        # With perspective, what is behind the eye or beside it is not missed, as long as not all is beside.
        if staged.cameras.focal_px[d] > 0:
            verts = placements.verts[d]
            is_in_front = verts[:, 3] > 0
            is_drawable = is_in_front & (verts[:, :2].abs() <= GUARD_PX).all(1)
            if not is_in_front.any() or is_drawable[placements.faces.long()].all(1).any():
                continue
        raise ValueError(
            f"bodies: body {staged.placement_list.body[d]} reaches more than {float(GUARD_PX):.0f} pixels "
            f"from its panel; check its fit, its camera or its unit, which is metres"
        )
