"""What an output format is, and which there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from render.registry import Registry

Encoded = bytes | memoryview


@dataclass(frozen=True)
class Option:
    """A number that an encoder takes beside the pixels: a setting `output.NAME`.

    Attributes:
        name: Of the encoder's argument, and of the setting.
        kind: int or float.
        low: The least value.
        high: The greatest value.
        default: Where no file of the configuration says another.
    """

    name: str
    kind: type[int] | type[float]
    low: float
    high: float
    default: float


@dataclass(frozen=True)
class Format:
    """How sheets become files. A format's name is also the extension of its files.

    Attributes:
        encode: Takes (H, W, C) pixels, or (N, H, W, C) frames if it holds frames, uint8, C of 3 (RGB) or 4
            (RGBA with straight alpha), and the options by name. Raises SheetError where they cannot be
            encoded.
        is_exact: It keeps every bit.
        alpha: What it keeps of transparency: nothing, whether a pixel is opaque, or all.
        holds_frames: It is of moving pictures.
        options: What `encode` takes beside the pixels.
        gpu_codec: Its name in nvImageCodec where that encodes it on a GPU.
    """

    encode: Callable[..., Encoded]
    is_exact: bool = False
    alpha: Literal["none", "binary", "full"] = "none"
    holds_frames: bool = False
    options: tuple[Option, ...] = ()
    gpu_codec: str | None = None


# Frames a second. Browsers slow down GIFs whose frames last less than 2/100 s.
FPS = Option("fps", float, 1, 50, default=25)

FORMATS: Registry[Format] = Registry(
    "output format", "smpl_render.output_formats", "render.write.formats", "FORMAT"
)
