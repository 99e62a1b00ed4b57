"""Insets of a figure: what of a picture they show, and the corner in which they cover least of the people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from render.run.figures.looks import Observer
from render.run.figures.pictures import Cell
from render.run.figures.regions import cut_square
from render.types.figure.content import InsetContent
from render.types.figure.spec import Corner, Zoom

# In the order in which they are tried.
CORNERS: tuple[Corner, ...] = ("br", "bl", "tr", "tl")
# Beside the corners of a square of a picture, as a share of its shorter side.
_AIR = 0.02
# Of squares along each side of a picture, by which it is told how much of people an inset covers.
_GRID = 40


class InsetPlanner:
    """Plans the insets of a row of pictures after the other.

    Args:
        zooms: Of the figure.
        observer: Finds where joints are.

    Attributes:
        problems: What cannot be shown, a line each.
    """

    def __init__(self, zooms: tuple[Zoom, ...], observer: Observer) -> None:
        self._zooms = zooms
        self._observer = observer
        self.problems: list[str] = []

    def plan(self, cells: Mapping[int, Cell]) -> dict[int, tuple[InsetContent, ...]]:
        """The insets of the pictures of a row.

        Args:
            cells: What they show, by column.
        """
        found: dict[int, list[InsetContent]] = {j: [] for j in cells}
        taken: list[Corner] = []
        for number, zoom in enumerate(self._zooms):
            shown = {}
            for j, cell in cells.items():
                point = self._find_point(zoom, cell) if zoom.columns is None or j in zoom.columns else None
                if point is not None:
                    shown[j] = InsetContent(number, *cut_square(cell.region, point, zoom.size))
            corner = zoom.corner
            if zoom.finds_corner and shown:
                free = [one for one in CORNERS if one not in taken]
                corner = min(free, key=lambda one: self._weigh(one, zoom, cells, shown))
            taken.append(corner)
            for j, inset in shown.items():
                found[j].append(replace(inset, corner=corner))
        return {j: tuple(insets) for j, insets in found.items()}

    def _weigh(
        self, corner: Corner, zoom: Zoom, cells: Mapping[int, Cell], shown: Mapping[int, InsetContent]
    ) -> float:
        """How much of people an inset in a corner covers in the pictures of a row, and what it enlarges."""
        weight = 0.0
        for j, inset in shown.items():
            region = cells[j].region
            side = (zoom.scale + _AIR) * min(region.width, region.height)
            w, h = side / region.width, side / region.height
            left = 0.0 if corner[1] == "l" else 1 - w
            top = 0.0 if corner[0] == "t" else 1 - h
            is_across = inset.left < left + w and left < inset.left + inset.width
            if is_across and inset.top < top + h and top < inset.top + inset.height:
                weight += 10.0
            verts = self._observer.look(cells[j].view).verts_px.reshape(-1, 2)
            at = (verts - (region.left, region.top)) / (region.width, region.height)
            # Squares of a grid, for hands and heads have more vertices than their size is.
            squares = np.unique(np.floor(at[np.isfinite(at).all(1)] * _GRID), axis=0) / _GRID
            is_covered = (squares >= (left, top)) & (squares < (left + w, top + h))
            weight += is_covered.all(1).sum() / _GRID**2
        return weight

    def _find_point(self, zoom: Zoom, cell: Cell) -> tuple[float, float] | None:
        """Where an inset's part is, as shares of the picture; None where it is not on it."""
        if not isinstance(zoom.at, str):
            return zoom.at
        joint = self._observer.find_joint(cell.view, self._observer.look(cell.view), zoom.at)
        if joint is None:
            names = self._observer.list_joints(cell.view.people[0])
            close = get_close_matches(zoom.at, names, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(names[:24])}"
            problem = f"figure.zoom: the body has no joint {zoom.at!r}{hint}"
            if problem not in self.problems:
                self.problems.append(problem)
            return None
        x, y = cell.region.share(joint)
        # Written so that NaN is not on it.
        return (x, y) if 0 <= x <= 1 and 0 <= y <= 1 else None
