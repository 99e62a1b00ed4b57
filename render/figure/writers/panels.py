"""The pictures of a figure as files: JPEG for photos, PNG for what is flat, exact or transparent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from render.errors import SheetError
from render.types.figure.content import BAR
from render.types.figure.page import FigurePage
from render.write.formats import png

_QUALITY = 95


def name_folder(name: str) -> str:
    """The folder of the pictures, beside the figure of that name."""
    return f"{name}_panels"


def encode_panels(page: FigurePage, pictures: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    """The content of the files of all pictures, by their names with the extension.

    Args:
        page: Where they lie.
        pictures: (H, W, 3) RGB or (H, W, 4) RGBA with straight alpha, uint8, by name.

    Raises:
        SheetError: One is too large for a file.
        ValueError: One is missing, or not of the size that the page asks for.
    """
    files = {}
    for placed in page.pictures:
        pixels = pictures.get(placed.name)
        if pixels is None or pixels.shape[1::-1] != placed.size_px:
            found = "none" if pixels is None else f"{pixels.shape[1]} x {pixels.shape[0]}"
            asked = f"{placed.size_px[0]} x {placed.size_px[1]}"
            raise ValueError(f"picture {placed.name}: expected {asked} pixels, found {found}")
        extension, data = _encode(pixels, placed.name == BAR)
        files[f"{placed.name}.{extension}"] = data
    return files


def _encode(pixels: np.ndarray, is_exact: bool) -> tuple[str, bytes]:
    if pixels.shape[2] == 4 and (pixels[..., 3] == 255).all():
        pixels = np.ascontiguousarray(pixels[..., :3])
    exact = bytes(png.encode(pixels))
    if is_exact or pixels.shape[2] == 4:
        return "png", exact
    lossy = _encode_jpeg(pixels)
    # Flat colours, as of masks and labels, are smaller in PNG, and suffer in JPEG.
    return ("png", exact) if len(exact) <= len(lossy) else ("jpg", lossy)


def _encode_jpeg(pixels: np.ndarray) -> bytes:
    import cv2

    # With colours at half the size, as elsewhere, red frames and thin lines would bleed in print.
    how = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    how += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    is_encoded, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), how)
    if not is_encoded:
        height, width = pixels.shape[:2]
        raise SheetError(f"a picture of {width} x {height} pixels is too large for jpg; use a smaller dpi")
    return data.tobytes()
