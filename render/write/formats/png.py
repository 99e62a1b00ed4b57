"""PNG: exact, for labels and for figures.

A layer of a label set is a file of its own, of 8 or 16 bits. OpenCV's `imread` gives its channels in the
layer's order: of iuv, I, U and V, as DensePose has them. Readers of RGB, such as Pillow, give the first three
in the opposite order: V, U and I. This holds for all layers, normals too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.errors import SheetError
from render.write.format import Encoded, Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from render.types.labels import Plane

_MOST_CHANNELS = 4


def encode(pixels: np.ndarray) -> memoryview:
    """The file of a sheet.

    Args:
        pixels: (H, W, 3) RGB or (H, W, 4) RGBA with straight alpha, uint8.

    Raises:
        SheetError: A side is too long.
    """
    # Imported late: settings are checked against formats before OpenCV is loaded.
    import cv2

    swap = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return _compress(cv2.cvtColor(pixels, swap), [], "draw fewer or smaller panels")


def encode_layers(planes: Sequence[Plane]) -> dict[str, Encoded]:
    """The files of a label set: of iuv, .iuv.png.

    Args:
        planes: uint8 or uint16, of 1 to 4 channels. Two channels become three, the third of zeros, because
            the second of two is transparency in PNG, which readers drop or apply.

    Raises:
        SheetError: A layer has other values or more channels, or a side is too long.
    """
    return {f".{plane.name}.png": _encode_plane(plane) for plane in planes}


def _encode_plane(plane: Plane) -> Encoded:
    import cv2
    import numpy as np

    values = plane.values
    if values.dtype not in (np.uint8, np.uint16):
        raise SheetError(
            f"layer {plane.name}: png holds whole numbers of 8 or 16 bits, and its values are "
            f"{values.dtype}; use output=exr or output=npz"
        )
    channels = values.shape[2]
    if channels > _MOST_CHANNELS:
        raise SheetError(
            f"layer {plane.name}: png holds {_MOST_CHANNELS} channels at most, and it has {channels}; use "
            f"output=exr or output=npz"
        )
    if channels == 2:
        values = np.pad(values, ((0, 0), (0, 0), (0, 1)))
    # In the time of OpenCV's default strategy, masks become half as large and depths a tenth smaller. The
    # level must go before it: OpenCV takes its default again where a level follows.
    runs_only = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    return _compress(values, runs_only, "use output=npz")


def _compress(pixels: np.ndarray, options: list[int], advice: str) -> memoryview:
    """The file of pixels in OpenCV's order of channels."""
    import cv2

    # Chosen among all of OpenCV's by trial: labels take a quarter of the default's time and photographs half,
    # and both are smaller. Each row less the one above is mostly zeros, which are found at once.
    fast = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
    is_encoded, data = cv2.imencode(".png", pixels, [*fast, *options])
    if not is_encoded:
        height, width = pixels.shape[:2]
        raise SheetError(f"{width} x {height} pixels are too many for png; {advice}")
    return data.data


FORMAT = Format(
    encode,
    encode_layers=encode_layers,
    layer_types=("uint8", "uint16"),
    is_exact=True,
    alpha="full",
)
