"""Sheets before the bodies are drawn: one buffer for a batch, with the backgrounds in it."""

from __future__ import annotations

import numpy as np
import torch

from render.types import Canvas, Panel, Sheet

CHANNELS = 3
WHITE = 255


def compose_backgrounds(
    sheets: list[Sheet],
    photos: list[np.ndarray | None],
    panels: list[tuple[int, Panel]],
    device: torch.device,
) -> Canvas:
    """A canvas with the sheets one after the other, white, and the photo in the panels that show it.

    photos: (H, W, 3) uint8 RGB for each sheet, None where no panel of it needs one. panels: index of the
    sheet and the panel, in the order that the draws will count them.
    """
    starts = sheet_starts(sheets)
    pixels = np.full(starts[-1], WHITE, np.uint8)
    for i, panel in panels:
        if panel.background == "photo":
            rect = panel.rect
            view = sheet_pixels(pixels, sheets[i], starts[i])
            view[rect.y : rect.y + rect.h, rect.x : rect.x + rect.w] = photos[i]
    return Canvas(
        pixels=torch.from_numpy(pixels).to(device),
        panel_rect=_int_tensor([[p.rect.x, p.rect.y, p.rect.w, p.rect.h] for _, p in panels], device),
        panel_start=torch.tensor([starts[i] for i, _ in panels], dtype=torch.int64, device=device),
        panel_stride=_int_tensor([sheets[i].width * CHANNELS for i, _ in panels], device),
    )


def cut_sheets(canvas: Canvas, sheets: list[Sheet]) -> list[np.ndarray]:
    """The finished sheets, (H, W, 3) uint8 RGB each."""
    pixels = canvas.pixels.cpu().numpy()
    starts = sheet_starts(sheets)
    return [sheet_pixels(pixels, sheet, start) for sheet, start in zip(sheets, starts, strict=False)]


def sheet_starts(sheets: list[Sheet]) -> list[int]:
    """The index of each sheet's first byte, and the end."""
    sizes = [sheet.height * sheet.width * CHANNELS for sheet in sheets]
    return [0, *np.cumsum(sizes, dtype=np.int64).tolist()]


def sheet_pixels(pixels: np.ndarray, sheet: Sheet, start: int) -> np.ndarray:
    """A view of one sheet in the flat buffer."""
    end = start + sheet.height * sheet.width * CHANNELS
    return pixels[start:end].reshape(sheet.height, sheet.width, CHANNELS)


def _int_tensor(rows: list, device: torch.device) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.int32, device=device)
