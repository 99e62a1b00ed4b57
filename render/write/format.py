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
        about: What it is, in the help.
    """

    name: str
    kind: type[int] | type[float]
    low: float
    high: float
    default: float
    about: str = ""


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
        side_step_px: Sides are filled up to whole multiples of it, by doubling the last pixels.
        version: Raised whenever the same pixels give other bytes than before, so that sheets of this format
            are made again, and those of others are not.
    """

    encode: Callable[..., Encoded]
    is_exact: bool = False
    alpha: Literal["none", "binary", "full"] = "none"
    holds_frames: bool = False
    options: tuple[Option, ...] = ()
    gpu_codec: str | None = None
    side_step_px: int = 1
    version: int = 1


def rate_option(most_fps: float) -> Option:
    """The setting `output.fps` of a format that holds frames.

    Args:
        most_fps: The highest rate at which files of the format are shown as they are meant.
    """
    # A frame of more than 100 s is a mistake, not a clip.
    return Option("fps", float, 0.01, most_fps, default=25, about="Frames a second")


FORMATS: Registry[Format] = Registry(
    "output format", "smpl_render.output_formats", "render.write.formats", "FORMAT"
)
