"""Sheets before the bodies are drawn: one buffer for a batch, with the backgrounds in it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch

from render.compute.transfer import upload
from render.photos.crop import crop_photo, cut_photo
from render.sheet.backgrounds import background_rgb
from render.sheet.layout import MAX_SHEET_BYTES
from render.sheet.shots import Shot
from render.sheet.titles.paint import paint_title
from render.sheet.transition.photo import lay_photo
from render.sheet.view import VIEWS
from render.types.buffer import Canvas
from render.types.sheets import Panel, Sheet

# On the CPU, or on the device where sheets are drawn.
Pixels = TypeVar("Pixels", np.ndarray, torch.Tensor)


def lay_out_canvas(sheets: list[Sheet], shots: list[Shot], pixels: torch.Tensor, channels: int) -> Canvas:
    """A canvas over `pixels`, with the sheets one after the other.

    Args:
        sheets: Of a batch.
        shots: In the order that the placements will count them.
        pixels: As many bytes as the sheets have, on the device where they are drawn.
        channels: 3 or 4, as `count_channels` has it.
    """
    starts, device = sheet_starts(sheets, channels), pixels.device
    sections = split_sections(starts)
    of_sheet = [number for number, section in enumerate(sections) for _ in section]
    corners = np.full((max(len(shot.panels) for shot in shots), len(shots)), -1, np.int64)
    for k, shot in enumerate(shots):
        width = sheets[shot.sheet].width
        for layer, panel in enumerate(shot.panels):
            pixel = panel.rect.y * width + panel.rect.x
            begin = starts[shot.sheet] - starts[sections[of_sheet[shot.sheet]].start]
            corners[layer, k] = begin + pixel * channels
    strides = [sheets[shot.sheet].width * channels for shot in shots]
    return Canvas(
        pixels=pixels,
        channels=channels,
        layer_start=upload(corners, device),
        layer_stride=upload(np.array(strides, np.int32), device),
        sections=tuple(range(starts[section.start], starts[section.stop]) for section in sections),
        shot_section=tuple(of_sheet[shot.sheet] for shot in shots),
    )


def split_sections(starts: list[int]) -> list[range]:
    """Sheets in groups whose bytes 32 bits count with a sign, as kernels count them; nearly always one.

    Args:
        starts: From `sheet_starts`; a sheet alone is never too large.

    Returns:
        Which sheets are in each group.
    """
    sections, first = [], 0
    for sheet in range(len(starts) - 1):
        if starts[sheet + 1] - starts[first] > MAX_SHEET_BYTES:
            sections.append(range(first, sheet))
            first = sheet
    return [*sections, range(first, len(starts) - 1)]


def count_channels(sheets: list[Sheet]) -> int:
    """4 with alpha, which a batch has if a panel or paper is transparent; everything else is opaque then."""
    has_alpha = any(
        sheet.paper == "transparent" or any(panel.background == "transparent" for panel in sheet.panels)
        for sheet in sheets
    )
    return 4 if has_alpha else 3


def paint_backgrounds(
    view: Pixels, sheet: Sheet, photo: Pixels | None, crop: tuple[np.ndarray, float] | None
) -> None:
    """Lays each panel's background into its place on one sheet.

    View and photo are both on a GPU, or both on the CPU, where alone a part of the photo can be shown, or one
    that fades.

    Args:
        view: The sheet's pixels, (H, W, 3) or (H, W, 4) uint8.
        sheet: Its panels.
        photo: (H, W, 3) uint8 RGB, None where no panel shows it, or there is none: white then.
        crop: Upper left corner and side in the photo of what a crop of it shows.
    """
    # Most sheets have no gaps, and need not be written twice.
    if sum(panel.rect.w * panel.rect.h for panel in sheet.panels) < sheet.width * sheet.height:
        paper = find_paper_colour(sheet, view.shape[2])
        _fill(view, paper)
        for title in sheet.titles:
            paint_title(view, title, paper)
    for panel in sheet.panels:
        rect = panel.rect
        area = view[rect.y : rect.y + rect.h, rect.x : rect.x + rect.w]
        # Without a colour either: files may keep what transparent pixels hold.
        if panel.background == "transparent":
            area[:] = 0
            _lay_fading(area, panel, photo)
            continue
        if panel.background == "photo" and photo is None:
            # A dataset without photos.
            _fill(area[:, :, :3], background_rgb("white"))
        elif panel.background == "photo":
            assert photo is not None
            # Crops and windows are scaled on the CPU; runs that show one keep to it.
            if panel.window is not None:
                assert isinstance(photo, np.ndarray)
                area[:, :, :3] = _cut_window(photo, panel, crop, background_rgb(sheet.outside))
            elif VIEWS.load(panel.viewpoint.name).is_crop:
                assert isinstance(photo, np.ndarray)
                assert crop is not None
                area[:, :, :3] = crop_photo(photo, *crop, rect.h, background_rgb(sheet.outside))
            else:
                area[:, :, :3] = photo
        else:
            _fill(area[:, :, :3], background_rgb(panel.background))
        # Nothing where there is no alpha.
        area[:, :, 3:] = 255
        _lay_fading(area, panel, photo)


def _lay_fading(area: Pixels, panel: Panel, photo: Pixels | None) -> None:
    """Lays what is left of the photo over the panel's own background."""
    if panel.viewpoint.from_photo < 1 and photo is not None:
        # No GPU encodes clips, so these are painted on the CPU.
        assert isinstance(area, np.ndarray)
        assert isinstance(photo, np.ndarray)
        lay_photo(area, photo, panel.viewpoint.from_photo, panel.background == "transparent")


def _cut_window(
    photo: np.ndarray, panel: Panel, crop: tuple[np.ndarray, float] | None, outside_rgb: tuple[int, int, int]
) -> np.ndarray:
    """What a window of a view over the photo shows of it."""
    window, rect = panel.window, panel.rect
    assert window is not None
    corner, zoom = np.array([window.left, window.top]), window.zoom
    if VIEWS.load(panel.viewpoint.name).is_crop:
        assert crop is not None
        # From pixels of the crop's view to those of the photo.
        of_view = window.view_px[1] / crop[1]
        corner, zoom = crop[0] + corner / of_view, zoom * of_view
    return cut_photo(photo, corner, zoom, (rect.w, rect.h), outside_rgb)


def _fill(area: Pixels, colour: tuple[int, ...]) -> None:
    # NumPy is ten times quicker with one value than with three.
    if len(set(colour)) == 1:
        area[:] = colour[0]
        return
    for i, value in enumerate(colour):
        area[:, :, i] = value


def find_paper_colour(sheet: Sheet, channels: int) -> tuple[int, ...]:
    """Around the panels: with `auto` their background where all share one, so that labels stay labels."""
    paper = sheet.paper
    if paper == "auto":
        shared = {panel.background for panel in sheet.panels}
        paper = shared.pop() if len(shared) == 1 and shared != {"photo"} else "white"
    if paper == "transparent":
        return (0, 0, 0, 0)
    return (*background_rgb(paper), 255)[:channels]


def cut_sheets(pixels: Pixels, sheets: list[Sheet], channels: int) -> list[Pixels]:
    """Views of the sheets in the flat buffer, (H, W, 3) RGB or (H, W, 4) RGBA, uint8."""
    starts = sheet_starts(sheets, channels)
    return [
        pixels[start:end].reshape(sheet.height, sheet.width, channels)
        for sheet, start, end in zip(sheets, starts[:-1], starts[1:], strict=True)
    ]


def sheet_starts(sheets: list[Sheet], channels: int) -> list[int]:
    """The index of each sheet's first byte, and the end."""
    # In 64 bits, so that a batch that is too large is found to be so.
    sizes = [sheet.height * sheet.width * channels for sheet in sheets]
    return [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
