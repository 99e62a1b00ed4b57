"""OpenEXR: the layers of a label set in one file, of halves, floats and whole numbers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from render.errors import ConfigError, SheetError
from render.write.format import Encoded, Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from render.types.labels import Plane


def encode_layers(planes: Sequence[Plane]) -> dict[str, Encoded]:
    """The file of a label set, with channels LAYER.CHANNEL, such as iuv.I or depth.Z.

    float16 becomes HALF, float32 FLOAT, and whole numbers UINT of 32 bits, so that every id is exact: a HALF
    holds whole numbers up to 2048 only.

    Args:
        planes: All of one height and width; whole numbers not below 0.

    Raises:
        SheetError: A layer has numbers below 0, or a side is too long.
        ConfigError: The package OpenEXR is not installed.
    """
    # Imported late: settings are checked against formats before their libraries are loaded.
    try:
        import OpenEXR
    except ImportError as error:
        raise ConfigError(
            "output: exr needs the package OpenEXR, which cannot be imported; pip install OpenEXR, or use "
            "output=npz"
        ) from error

    channels = {
        f"{plane.name}.{channel}": values
        for plane in planes
        for channel, values in zip(plane.channels, _split_channels(plane), strict=True)
    }
    # ZIP is what every reader knows. RLE takes 0.6 of its time and 2.8 times its bytes, ZIPS more of both.
    # HTJ2K, with 0.6 of its time and 0.7 of its bytes, can only be read since OpenEXR 3.4.
    file = OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, channels)
    # The library writes to a path only. A file in memory has one, takes no place on a disk, and is gone with
    # the process, however that ends.
    with open(os.memfd_create("exr"), "w+b") as memory:
        try:
            file.write(f"/proc/self/fd/{memory.fileno()}")
        except RuntimeError as error:
            height, width = planes[0].values.shape[:2]
            raise SheetError(f"{width} x {height} pixels in exr: {error}") from error
        return {".exr": memory.read()}


def _split_channels(plane: Plane) -> list[np.ndarray]:
    """Each channel as the library takes it: in one piece, since it disregards strides."""
    import numpy as np

    values = plane.values
    if values.dtype.kind in "iu":
        if values.min() < 0:
            raise SheetError(
                f"layer {plane.name}: exr holds whole numbers from 0 on, found {values.min()}; use output=npz"
            )
        values = values.astype(np.uint32)
    return list(np.ascontiguousarray(values.transpose(2, 0, 1)))


FORMAT = Format(encode_layers=encode_layers, layer_types=("uint8", "uint16", "int32", "float16", "float32"))
