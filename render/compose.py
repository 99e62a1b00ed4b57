"""Sheets before the bodies are drawn: one buffer for a batch, with the backgrounds in it."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from render.panels import background_rgb
from render.types import Canvas, Panel, Sheet


def compose_backgrounds(
    sheets: list[Sheet],
    photos: list[np.ndarray | None],
    crops: list[tuple[np.ndarray, float]],
    panels: list[tuple[int, Panel]],
    device: torch.device,
) -> Canvas:
    """A canvas with the sheets one after the other, and each panel's background in its place.

    photos: (H, W, 3) uint8 RGB for each sheet, None where no panel of it needs one. crops: of each sheet, as
    `find_sheet_crop` gives them. panels: index of the sheet and the panel, in the order that the draws will
    count them. The canvas has alpha if a panel is transparent; everything else is opaque.
    """
    channels = 4 if any(panel.background == "transparent" for _, panel in panels) else 3
    starts = sheet_starts(sheets, channels)
    pixels = np.empty(starts[-1], np.uint8)
    for i, sheet in enumerate(sheets):
        sheet_pixels(pixels, sheet, starts[i], channels)[:] = _gap_colour(sheet, channels)
    for i, panel in panels:
        rect = panel.rect
        view = sheet_pixels(pixels, sheets[i], starts[i], channels)[
            rect.y : rect.y + rect.h, rect.x : rect.x + rect.w
        ]
        if panel.background == "photo":
            is_crop = panel.viewpoint.name == "crop"
            view[:, :, :3] = crop_photo(photos[i], *crops[i], rect.h) if is_crop else photos[i]
        elif panel.background == "transparent":
            view[:] = 0
        else:
            view[:, :, :3] = background_rgb(panel.background)
    corners = [starts[i] + (p.rect.y * sheets[i].width + p.rect.x) * channels for i, p in panels]
    return Canvas(
        pixels=torch.from_numpy(pixels).to(device),
        channels=channels,
        panel_size=_int_tensor([[p.rect.w, p.rect.h] for _, p in panels], device),
        panel_start=torch.tensor(corners, dtype=torch.int64, device=device),
        panel_stride=_int_tensor([sheets[i].width * channels for i, _ in panels], device),
    )


def crop_photo(photo: np.ndarray, corner_px: np.ndarray, side_px: float, size: int) -> np.ndarray:
    """The square of the photo with that upper left corner and side, as size x size pixels.

    Black where it reaches beyond the photo. Only as much of the photo is touched as there is, however large
    the square.
    """
    zoom = size / side_px
    shrink = 1.0
    if zoom < 0.5:
        # Bilinear sampling of a much larger picture would skip pixels.
        height, width = photo.shape[:2]
        small = (max(1, round(width * zoom)), max(1, round(height * zoom)))
        photo = cv2.resize(photo, small, interpolation=cv2.INTER_AREA)
        shrink = np.array([small[0] / width, small[1] / height])
    # Pixel centres lie at + 0.5 in both pictures.
    step = 1 / zoom * shrink * np.ones(2)
    offset = corner_px * shrink + 0.5 * step - 0.5
    matrix = np.array([[step[0], 0, offset[0]], [0, step[1], offset[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(photo, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_CONSTANT)


def _gap_colour(sheet: Sheet, channels: int) -> tuple[int, ...]:
    """Between panels of different sizes: their background where all share one, so that labels stay labels."""
    shared = {panel.background for panel in sheet.panels}
    if shared == {"transparent"}:
        return (0, 0, 0, 0)
    is_plain = len(shared) == 1 and shared != {"photo"}
    rgb = background_rgb(shared.pop() if is_plain else "white")
    return (*rgb, 255)[:channels]


def cut_sheets(canvas: Canvas, sheets: list[Sheet]) -> list[np.ndarray]:
    """The finished sheets, (H, W, 3) RGB or (H, W, 4) RGBA, uint8."""
    pixels = canvas.pixels.cpu().numpy()
    starts = sheet_starts(sheets, canvas.channels)
    return [
        sheet_pixels(pixels, sheet, start, canvas.channels)
        for sheet, start in zip(sheets, starts, strict=False)
    ]


def sheet_starts(sheets: list[Sheet], channels: int) -> list[int]:
    """The index of each sheet's first byte, and the end."""
    sizes = [sheet.height * sheet.width * channels for sheet in sheets]
    return [0, *np.cumsum(sizes, dtype=np.int64).tolist()]


def sheet_pixels(pixels: np.ndarray, sheet: Sheet, start: int, channels: int) -> np.ndarray:
    """A view of one sheet in the flat buffer."""
    end = start + sheet.height * sheet.width * channels
    return pixels[start:end].reshape(sheet.height, sheet.width, channels)


def _int_tensor(rows: list, device: torch.device) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.int32, device=device)
