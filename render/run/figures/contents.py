"""All pictures of a figure: what each shows, and what is known of them before they lie on the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

from render.config.figure.panels import read_panel
from render.config.schema import Config
from render.library.renderer import BatchRenderer
from render.photos.sources.source import PhotoSource
from render.run.figures.errors import find_scale
from render.run.figures.insets import InsetPlanner
from render.run.figures.looks import Observer
from render.run.figures.notes import fill_notes
from render.run.figures.pictures import Cell
from render.run.figures.plan import Planner
from render.run.figures.samples import FigureRow, refuse
from render.run.figures.strips import plan_strip, stand_in_line
from render.shade.legend import ColourBar
from render.types.figure.content import BarContent, CellContent, FigureContent, name_cell
from render.types.figure.spec import FigureSpec
from render.types.fits import Fits


@dataclass(frozen=True)
class FigurePlan:
    """What a figure shows.

    Attributes:
        content: For the layout.
        cells: What each picture shows, by its name in the layout.
        fits: The people, as their pictures show them.
        scale: Of the errors that pictures show; None where none does.
    """

    content: FigureContent
    cells: dict[str, Cell]
    fits: Fits
    scale: ColourBar | None = None


def plan_figure(
    config: Config,
    spec: FigureSpec,
    rows: list[FigureRow],
    fits: Fits,
    photos: PhotoSource,
    renderer: BatchRenderer,
) -> FigurePlan:
    """Plans all pictures of a figure.

    Args:
        config: The settings.
        spec: The figure.
        rows: Whom it shows.
        fits: The people.
        photos: Where their photos are.
        renderer: Poses and frames them.

    Raises:
        ConfigError: Something cannot be shown; all of it is said, a line each.
    """
    for row in rows:
        if row.sample.strip is not None:
            observer = Observer(renderer, fits, config.framing())
            fits = stand_in_line(fits, row.people[None], row.sample.strip, observer)
    observer = Observer(renderer, fits, config.framing())
    planner = Planner(config, spec, fits, photos, observer)
    aspect, cells = planner.plan(rows)
    notes = fill_notes(spec, rows, fits, renderer)
    insets = InsetPlanner(spec.zooms, observer)
    contents = {}
    for i in range(len(rows)):
        of_row = {j: cell for (at, j), cell in cells.items() if at == i}
        for j, found in insets.plan(of_row).items():
            contents[i, j] = CellContent(notes.get((i, j)), found)
    named = {name_cell(*at): cell for at, cell in cells.items()}
    for (i, j), content in contents.items():
        for inset in content.insets:
            part = cells[i, j].cut(inset.left, inset.top, inset.width, inset.height)
            if part.background == "transparent":
                # Or the picture below would be seen through it.
                page = spec.style.page
                part = replace(part, background="white" if page == "transparent" else page)
            named[name_cell(i, j, inset.zoom)] = part
    strips = {}
    for i, row in enumerate(rows):
        if row.sample.strip is not None:
            path = f"figure.rows[{i}].strip.panel"
            panel = read_panel(path, row.sample.strip.panel, config.has_photos, config.background)
            strips[i], named[name_cell(i, 0)] = plan_strip(row.people[None], panel, observer)
            contents[i, 0] = CellContent()
    refuse([*planner.problems, *insets.problems])
    scale = find_scale(config)
    bar = None
    if scale is not None:
        bar = BarContent(scale.low, scale.high, scale.unit, scale.title, scale.is_clamped)
    return FigurePlan(FigureContent(aspect, contents, strips, bar), named, fits, scale)
