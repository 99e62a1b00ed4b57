"""Pixels of a batch that are more than 32 bits count: kernels get sections of them, and draw the same."""

import numpy as np
import pytest
import torch

from render.body.fit_bodies import FitBodies
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.sheet import canvas
from render.sheet.canvas import lay_out_canvas, sheet_starts, split_sections
from render.sheet.layout import MAX_SHEET_BYTES, lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.shots import list_shots
from render.types.sheets import Sheet
from tests.helpers.drawing import draw_sheets, plan_demo

# Both directions of a shot, a label, ground and shadow.
PANELS = ["camera/geo", "side/normal/ground", "orbit:40/clay/white+shadow", "camera/mask"]


@pytest.fixture
def draw(demo_body, demo_set):
    """Draws sheets of the demo set in one batch."""
    fits, sheets, photos = plan_demo(demo_set.fit_file, demo_set.image_dir, "together", PANELS)
    sheets, photos = sheets[:4], photos[:4]

    def draw_batch(**style) -> tuple[list[Sheet], list[np.ndarray]]:
        renderer = BatchRenderer(FitBodies((demo_body,)), Style(**style))
        return sheets, draw_sheets(renderer, fits, sheets, photos)

    return draw_batch


@pytest.mark.parametrize("edges", ["smooth", "hard"])
def test_sections_do_not_show(draw, monkeypatch, edges):
    sheets, whole = draw(edges=edges)
    found = []

    def split_noted(starts: list[int]) -> list[range]:
        found.append(split_sections(starts))
        return found[-1]

    # So small that there are two sheets and more in some, and one in others.
    sizes = np.diff(sheet_starts(sheets, 3))
    monkeypatch.setattr(canvas, "MAX_SHEET_BYTES", int(sizes[0] + sizes[1]))
    monkeypatch.setattr(canvas, "split_sections", split_noted)
    _, parts = draw(edges=edges)
    assert len(found[-1]) > 1
    for ours, theirs in zip(parts, whole, strict=True):
        assert np.array_equal(ours, theirs)


def test_no_section_has_more_than_32_bits_count_and_no_sheet_is_split():
    starts = [0, 2**30, 2**31 - 1, 2**31, 2**31 + 5, 2**32 - 1, 2**32 + 4]
    sections = split_sections(starts)
    assert sections == [range(2), range(2, 4), range(4, 6)]
    assert all(starts[one.stop] - starts[one.start] <= MAX_SHEET_BYTES for one in sections)
    assert split_sections([0, 10, 20]) == [range(2)]


def test_kernels_are_told_places_within_sections(monkeypatch):
    specs = (parse_panel("orbit/geo"), parse_panel("side/mask"))
    sheets = [lay_out_sheet("a", None, (4, 6), specs, (0,), columns=2) for _ in range(5)]
    shots = list_shots(sheets, 1, is_fitted=True)
    size = sheet_starts(sheets, 3)[1]
    monkeypatch.setattr(canvas, "MAX_SHEET_BYTES", 2 * size)
    pixels = torch.arange(5 * size, dtype=torch.uint8)
    laid = lay_out_canvas(sheets, shots, pixels, 3)
    assert [len(section) for section in laid.sections] == [2 * size, 2 * size, size]
    for k, shot in enumerate(shots):
        rect = shot.panels[0].rect
        section = laid.cut_section_of(k)
        first = shot.sheet * size + (rect.y * sheets[0].width + rect.x) * 3
        assert section[int(laid.layer_start[0, k])] == pixels[first]
        assert int(laid.layer_start[0, k]) < len(section)
