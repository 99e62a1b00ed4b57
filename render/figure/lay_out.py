"""From a declared figure to a page: what lies where, in millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from render.errors import ConfigError
from render.figure.colours import choose_ink, find_page
from render.figure.place.bar import LEAST_UPRIGHT, find_upright_width, place_lying, place_upright
from render.figure.place.grid import Cell, shape_grid, size_cells
from render.figure.place.headings import Headings, letter, read_headings
from render.figure.place.insets import choose_corners, place_inset
from render.figure.place.marks import place_letter, place_mark
from render.figure.place.sketch import Sketch
from render.figure.typesetting import Face, Paragraph, check_width, clean_text, set_text
from render.types.figure.content import CellContent, FigureContent, name_cell
from render.types.figure.page import Box, FigurePage, PlacedLine, PlacedPicture, Role
from render.types.figure.spec import FigureSpec

# mm: below titles, right of labels, above notes, and what notes and rules need between rows at least.
_BELOW_TITLES, _BESIDE_LABELS, _ABOVE_NOTES, _BELOW_NOTES, _AROUND_RULE = 0.7, 0.9, 0.5, 1.4, 2.4


@dataclass(frozen=True)
class _Grid:
    """Cells that have their sizes, and what stands beside them.

    Attributes:
        rows: Cells from left to right.
        labels: Beside each row.
        left: Where the cells begin, mm.
        wide: Of all cells of a row and the gaps between them, mm.
        high: Of all rows of cells, without what lies between them, mm.
    """

    rows: list[list[Cell]]
    labels: list[Paragraph]
    left: float
    wide: float
    high: float


def lay_out(spec: FigureSpec, content: FigureContent) -> FigurePage:
    """Places all pictures, lines and texts of a figure.

    Columns have one width and pictures one shape, so that they can be compared. Titles stand on a common
    baseline above them, labels read upwards at their left, notes stand below. Nothing overlaps but what is
    meant to lie over a picture, and nothing is cut: text that finds no room is broken into lines.

    Args:
        spec: The figure.
        content: What is known of its pictures.

    Returns:
        The page, as wide as the figure is to be, and as high as it needs.

    Raises:
        ConfigError: There is no room for something; the message says for what, and what to do.
    """
    page = find_page(spec.style.page)
    sketch = Sketch(choose_ink(page))
    shape = shape_grid(spec, content)
    headings = read_headings(spec, shape)
    grid, is_upright = _size_beside_bar(spec, content, headings)
    top = _place_titles(sketch, spec, headings, grid)
    bottom = _place_rows(sketch, spec, content, grid, top)
    everything = Box(grid.left, top, grid.wide, bottom - top)
    whole = Box(0.0, top, spec.style.width_mm, bottom - top)
    face = Face(spec.style.font, spec.style.note_pt)
    if content.bar is not None:
        if is_upright:
            place_upright(sketch, content.bar, face, everything, grid.high, spec.style.dpi)
        else:
            bottom = place_lying(sketch, content.bar, face, whole, spec.style.dpi)
    return FigurePage(
        spec.style.width_mm,
        bottom,
        spec.style.font,
        page,
        (*sketch.pictures, *sketch.insets),
        tuple(sketch.lines),
        tuple(sorted(sketch.texts, key=lambda text: get_args(Role).index(text.role))),
        tuple(sketch.plates),
        spec.style.dpi,
    )


def _size_beside_bar(spec: FigureSpec, content: FigureContent, headings: Headings) -> tuple[_Grid, bool]:
    """The cells, and whether the bar stands beside them: not where there is no room, or they are too low."""
    if content.bar is not None:
        try:
            grid = _size_grid(spec, content, headings, is_upright=True)
        except ConfigError:
            # What is wrong for other reasons is so without the bar, too.
            pass
        else:
            if grid.high >= LEAST_UPRIGHT:
                return grid, True
    return _size_grid(spec, content, headings, is_upright=False), False


def _size_grid(spec: FigureSpec, content: FigureContent, headings: Headings, is_upright: bool) -> _Grid:
    """Cells as wide as labels and the bar leave, and labels in as many lines as the rows are high."""
    style, shape = spec.style, shape_grid(spec, content)
    face, small = Face(style.font, style.text_pt), Face(style.font, style.note_pt)
    left = right = 0.0
    while True:
        wide = style.width_mm - left - right
        rows = size_cells(shape, spec, content, wide)
        labels = _set_labels(headings.labels, face, rows, style.letters == "rows")
        needed = max(label.height for label in labels)
        needed += _BESIDE_LABELS if needed else 0.0
        high = sum(row[0].box.h for row in rows)
        beside = 0.0
        if is_upright and content.bar is not None:
            beside = find_upright_width(content.bar, small, max(high, LEAST_UPRIGHT))
        # Wider labels make narrower and so lower rows, which may break labels into more lines. Both only
        # grow, and cells end in an error when they are too small, so this ends.
        if needed <= left + 1e-9 and beside <= right + 1e-9:
            break
        left, right = max(left, needed), max(right, beside)
    for number, (label, row) in enumerate(zip(labels, rows, strict=True)):
        check_width(f"label of row {number + 1}", label, row[0].box.h)
    return _Grid(rows, labels, left, wide, high)


def _set_labels(
    texts: Sequence[str], face: Face, rows: list[list[Cell]], has_letters: bool
) -> list[Paragraph]:
    """Breaks labels into lines as long as their rows are high."""
    rooms = [row[0].box.h for row in rows]
    labels = [set_text(text, face, room) for text, room in zip(texts, rooms, strict=True)]
    if has_letters and any(len(label.lines) > 1 for label in labels):
        # Letters have a line of their own in all rows, not in some.
        apart = [text.replace(" ", "\n", 1) for text in texts]
        labels = [set_text(text, face, room) for text, room in zip(apart, rooms, strict=True)]
    return labels


def _place_titles(sketch: Sketch, spec: FigureSpec, headings: Headings, grid: _Grid) -> float:
    """Puts titles on a common last baseline, and gives where the pictures begin, mm."""
    face = Face(spec.style.font, spec.style.text_pt)
    pitch = (grid.wide + spec.style.gap_mm) / len(headings.titles)
    room = pitch - spec.style.gap_mm
    titles = [set_text(title, face, room) for title in headings.titles]
    if not any(title.lines for title in titles):
        return 0.0
    last = max(title.height - title.descent for title in titles)
    for number, title in enumerate(titles):
        check_width(f"title of column {number + 1}", title, room)
        first = last - title.leading * (len(title.lines) - 1)
        sketch.write(title, face, "title", grid.left + number * pitch + room / 2, first)
    return last + max(title.descent for title in titles) + _BELOW_TITLES


def _place_rows(sketch: Sketch, spec: FigureSpec, content: FigureContent, grid: _Grid, top: float) -> float:
    """Puts rows below one another, and gives the lower end of the last, mm."""
    style = spec.style
    face, small = Face(style.font, style.text_pt), Face(style.font, style.note_pt)
    y = bottom = top
    for number, (row, label) in enumerate(zip(grid.rows, grid.labels, strict=True)):
        if number:
            has_notes = bottom > y
            gap = max(
                style.gap_mm, _BELOW_NOTES if has_notes else 0.0, _AROUND_RULE if style.rule_pt else 0.0
            )
            if style.rule_pt:
                ends = ((0.0, bottom + gap / 2), (grid.left + grid.wide, bottom + gap / 2))
                sketch.lines.append(PlacedLine(ends, style.rule_pt, sketch.ink))
            top = bottom + gap
        y = top + row[0].box.h
        if label.lines:
            baseline = grid.left - _BESIDE_LABELS - label.descent - label.leading * (len(label.lines) - 1)
            sketch.write_upwards(label, face, "label", baseline, (top + y) / 2)
        bottom = y
        cells = [replace(cell, box=Box(grid.left + cell.box.x, top, cell.box.w, cell.box.h)) for cell in row]
        _place_cells(sketch, spec, content, cells)
        for cell in cells:
            note = content.cells.get((cell.row, cell.column), CellContent()).note
            where = f"note of row {cell.row + 1}, column {cell.column + 1}"
            lines = set_text(clean_text(where, note), small, cell.box.w)
            if lines.lines:
                check_width(where, lines, cell.box.w)
                x = cell.box.x + cell.box.w / 2
                sketch.write(lines, small, "note", x, y + _ABOVE_NOTES + lines.ascent)
                bottom = max(bottom, y + _ABOVE_NOTES + lines.height)
    return bottom


def _place_cells(sketch: Sketch, spec: FigureSpec, content: FigureContent, cells: list[Cell]) -> None:
    """Puts the pictures of a row and all that lies over them on the page."""
    nothing = CellContent()
    insets = [content.cells.get((cell.row, cell.column), nothing).insets for cell in cells]
    placed = choose_corners(list(zip(cells, insets, strict=True)), spec.zooms)
    for cell, own in zip(cells, placed, strict=True):
        sketch.pictures.append(PlacedPicture(name_cell(cell.row, cell.column), cell.box, cell.size_px))
        for inset in own:
            place_inset(sketch, cell, inset, spec.style.dpi)
        for number, mark in enumerate(spec.marks):
            if (mark.row, mark.column) == (cell.row, cell.column):
                place_mark(sketch, cell, mark, f"marks[{number}]")
        if spec.style.letters == "cells":
            face = Face(spec.style.font, spec.style.note_pt)
            taken = {inset.corner for inset in own}
            place_letter(sketch, cell, letter(len(sketch.pictures) - 1), face, taken)
