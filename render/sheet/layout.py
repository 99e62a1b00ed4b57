"""How a sheet is laid out: who is on it, how large it is, where its panels lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, chain
from typing import Literal

import numpy as np

from render.errors import PhotoError
from render.shade.mode import MODES
from render.sheet.panels import PanelSpec
from render.sheet.titles.names import Names, name_panels
from render.sheet.titles.room import Room, make_room, place_titles
from render.sheet.transition.course import Moment, list_moments
from render.sheet.view import VIEWS
from render.types.fits import Fits, Unit
from render.types.sheets import Panel, Photo, Rect, Sheet, Title, Viewpoint

# Eyes somewhat aside and above see more of a body, and of the ground below it.
FROM_THE_FRONT = Viewpoint("orbit", azimuth_deg=25.0, elevation_deg=10.0)
# EFT's crop, which a crop view magnifies.
CROP_PX = 224
# Of panels whose size is `auto`: a row is so high where no panel of it lies over the photo, and the width of
# each is this share of the height. Who stands is a third as wide as high or less, and fills such a panel from
# top to bottom; who walks, or turns with an arm stretched out, has the room that this takes.
AUTO_HEIGHT = 512
AUTO_ASPECT = 3 / 4
# Height and width of panels that do not lie over the photo. With None they are the photo's; with `auto` the
# height is that of the row, as the highest of its panels over the photo gives it.
FreeSize = tuple[int, int] | Literal["auto"] | None
# A sheet's are made at once, and its vertices with them.
MOST_PLACEMENTS = 10_000
# A sheet's pixels, up to four bytes each, and its samples have 32-bit indices.
MAX_SHEET_BYTES = 2**31 - 1


def group_people(fits: Fits, people: str) -> list[list[tuple[int, ...]]]:
    """Who is on each sheet.

    Args:
        fits: The people.
        people: `alone`, or `together` for one sheet with all people of an image.

    Returns:
        A list for each image, in the order of the file; in it the people of each sheet, as positions in
        `fits`.
    """
    images: dict[str, list[int]] = {}
    for i, image_name in enumerate(fits.image_name):
        images.setdefault(image_name, []).append(i)
    if people == "alone":
        return [[(i,) for i in image] for image in images.values()]
    return [[tuple(image)] for image in images.values()]


def have_cameras(fits: Fits, people: Sequence[int] | np.ndarray) -> bool:
    """Whether anybody of these people has a camera, or a place in no world."""
    who = np.asarray(people)
    return bool(((fits.unit[who] != Unit.FRAMED) | np.isnan(fits.world_rotation[who]).any((1, 2))).any())


def needs_photo_size(specs: tuple[PanelSpec, ...], free_hw: FreeSize) -> bool:
    """Whether a sheet of these panels depends on its photo at all.

    Args:
        specs: The panels.
        free_hw: See `FreeSize`.
    """
    # A crop has the size of its magnification, whatever the photo; and what takes the height of its row takes
    # the photo's only where another panel has it.
    return shows_photo(specs) or any(
        not view.is_crop and (view.over_photo or free_hw is None)
        for view in (VIEWS.load(spec.viewpoint.name) for spec in specs)
    )


def shows_photo(specs: tuple[PanelSpec, ...]) -> bool:
    """Whether a panel has the photo behind it, in a clip in one frame at least."""
    return any(spec.background == "photo" or spec.leaves_photo for spec in specs)


def lay_out_sheet(
    name: str,
    photo: Photo | None,
    photo_hw: tuple[int, int],
    specs: tuple[PanelSpec, ...],
    fits: tuple[int, ...],
    *,
    columns: int,
    free_hw: FreeSize = None,
    frames: int = 1,
    transition: int = 0,
    samples: int = 1,
    gap: int = 0,
    paper: str = "auto",
    outside: str = "black",
    titles: str = "none",
    has_cameras: bool = True,
) -> Sheet:
    """A sheet with its panels in rows of `columns`, from the left, and its frames one below the other.

    Panels that are lower than their row begin at its top, or with `auto` lie in its middle.

    Args:
        name: Path below the output folder, without extension.
        photo: The picture behind it, None where none is needed.
        photo_hw: The photo's height and width in pixels.
        specs: The panels of a frame.
        fits: Positions in the Fits of the people on it.
        columns: Most panels in a row.
        free_hw: See `FreeSize`.
        frames: Views around the bodies turn by a full circle over so many frames.
        transition: Frames from the photo into that turn, for panels that leave it, and as many back.
        samples: Of a pixel.
        gap: Pixels between panels that are neighbours; frames have none between them.
        paper: See `Sheet`.
        outside: See `Sheet`.
        titles: `none`, or `grid` for what varies along rows and columns, beside them; see `name_panels`.
        has_cameras: Whether its people have cameras; others are looked at from the front and a little aside,
            where a panel would lie over the photo.

    Raises:
        PhotoError: The sheet would be larger than a batch can hold, or has more people than one of its modes
            can tell apart.
    """
    for spec in specs:
        most = MODES.load(spec.mode).most_people
        if most is not None and len(fits) > most:
            raise PhotoError(
                f"{name}: {spec.mode} tells {most} people apart, found {len(fits)} on the sheet; draw "
                f"fewer of them, or people=alone"
            )
    names = name_panels(specs, columns) if titles == "grid" else Names()
    rows = [range(i, min(i + columns, len(specs))) for i in range(0, len(specs), columns)]
    sizes = [size for row in rows for size in _size_row([specs[i] for i in row], photo_hw, free_hw)]
    heights = [max(sizes[i][0] for i in row) for row in rows]
    # Panels under a name are as wide as their column; others follow one another without one.
    widths = [[sizes[i][1] for i in row] for row in rows]
    if names != Names():
        widest = [max(size[1] for size in sizes[i::columns]) for i in rows[0]]
        widths = [widest[: len(row)] for row in rows]
    room = make_room(names, widths[0], heights)
    width = room.left + max(sum(of_row) + gap * (len(of_row) - 1) for of_row in widths) + room.around
    height = room.top + sum(heights) + room.above * len(rows) + gap * (len(rows) - 1) + room.around
    moments = list_moments(frames, transition)
    count = len(moments)
    # Four bytes a pixel with alpha; more samples than that a pixel are what there is most of.
    if height * width * count * max(samples, 4) > MAX_SHEET_BYTES:
        smaller = "set size=, such as size=960x720" if transition else "scale the photo down"
        raise PhotoError(
            f"{photo or name}: {count} frame(s) of {width} x {height} pixels, {samples} sample(s) each, are "
            f"more than a sheet can hold; draw fewer panels, frames or samples, or {smaller}"
        )
    if len(fits) * len(specs) * count > MOST_PLACEMENTS:
        raise PhotoError(
            f"{photo or name}: {len(fits)} people on {len(specs)} panel(s) in {count} frame(s) are more "
            f"than the {MOST_PLACEMENTS} bodies that a sheet can hold; draw fewer of them, or people=alone"
        )
    panels: list[Panel] = []
    placed: list[Title] = []
    for frame, moment in enumerate(moments):
        cells = _lay_out_cells(widths, heights, room, gap, top=frame * height)
        rects = [
            _place_in_cell(cell, size, is_middle=free_hw == "auto" or names != Names())
            for cell, size in zip(chain.from_iterable(cells), sizes, strict=True)
        ]
        for spec, rect in zip(specs, rects, strict=True):
            viewpoint = _turn(spec, moment)
            if not has_cameras and VIEWS.load(viewpoint.name).over_photo:
                viewpoint = FROM_THE_FRONT
            panels.append(Panel(viewpoint, spec.mode, spec.background, rect, spec.has_shadow))
        placed += place_titles(names, room, cells, rects, top=frame * height)
    return Sheet(
        name,
        height * count,
        width,
        photo,
        photo_hw,
        tuple(panels),
        fits,
        count,
        paper,
        outside,
        tuple(placed),
    )


def _lay_out_cells(
    widths: list[list[int]], heights: list[int], room: Room, gap: int, top: int
) -> list[list[Rect]]:
    """The places of panels, row by row, below the frames above."""
    cells = []
    y = top + room.top + room.above
    for of_row, height in zip(widths, heights, strict=True):
        lefts = accumulate([room.left, *(width + gap for width in of_row[:-1])])
        cells.append([Rect(x, y, width, height) for x, width in zip(lefts, of_row, strict=True)])
        y += height + gap + room.above
    return cells


def _place_in_cell(cell: Rect, size: tuple[int, int], is_middle: bool) -> Rect:
    h, w = size
    return Rect(cell.x + (cell.w - w) // 2, cell.y + (cell.h - h) // 2 if is_middle else cell.y, w=w, h=h)


def _size_row(specs: list[PanelSpec], photo_hw: tuple[int, int], free_hw: FreeSize) -> list[tuple[int, int]]:
    """Height and width of the panels of a row."""
    views = [VIEWS.load(spec.viewpoint.name) for spec in specs]
    # Who leaves the photo has its size, unless he is told another, which the photo is then fitted into.
    over_photo = [
        view.over_photo or (spec.leaves_photo and free_hw == "auto")
        for view, spec in zip(views, specs, strict=True)
    ]
    sides = [round(CROP_PX * spec.viewpoint.magnification) for spec in specs]
    if free_hw == "auto":
        has_photo = any(over and not view.is_crop for view, over in zip(views, over_photo, strict=True))
        # What others of the row are to be as high as: the photo, and crops of a size of their own.
        grows = [spec.fits_row and has_photo for spec in specs]
        heights = [
            side if view.is_crop else photo_hw[0]
            for view, over, side, grown in zip(views, over_photo, sides, grows, strict=True)
            if over and not grown
        ]
        height = max(heights, default=AUTO_HEIGHT)
        sides = [height if grown else side for side, grown in zip(sides, grows, strict=True)]
        free_hw = height, max(1, round(AUTO_ASPECT * height))
    return [
        (side, side) if view.is_crop else photo_hw if over or free_hw is None else free_hw
        for view, over, side in zip(views, over_photo, sides, strict=True)
    ]


def _turn(spec: PanelSpec, moment: Moment) -> Viewpoint:
    # A photo is seen from one side only.
    if VIEWS.load(spec.viewpoint.name).over_photo:
        return spec.viewpoint
    return replace(
        spec.viewpoint,
        azimuth_deg=spec.viewpoint.azimuth_deg + 360.0 * moment.turn,
        from_photo=moment.from_photo if spec.leaves_photo else 1.0,
    )
