"""What an output format is, and which there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from render.registry import Registry

if TYPE_CHECKING:
    from render.fits.motion.scene import MotionScene
    from render.types.labels import Plane
    from render.types.meshes import MeshScene
    from render.write.clip import Clip
    from render.write.clip_encoder import ClipEncoder

Encoded = bytes | memoryview
# Of clips whose frames have no times of their own.
DEFAULT_FPS = 25


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
        zero: What 0 stands for, in the help, where that may be given beside the range.
    """

    name: str
    kind: type[int] | type[float]
    low: float
    high: float
    default: float
    about: str = ""
    zero: str = ""

    def takes(self, value: float) -> bool:
        """Whether it may have this value; NaN is none."""
        return self.low <= value <= self.high or bool(self.zero and value == 0)

    @property
    def span(self) -> str:
        """What it takes, in words."""
        return f"{'0 or ' if self.zero else ''}{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Format:
    """How products become files. A format's name is also the extension of its files.

    Attributes:
        encode: Takes (H, W, C) pixels, or (N, H, W, C) frames if it holds frames, uint8, C of 3 (RGB) or 4
            (RGBA with straight alpha), and the options by name. Raises SheetError where they cannot be
            encoded. None where the format holds no pictures.
        is_exact: It keeps every bit of a picture.
        alpha: What it keeps of transparency: nothing, whether a pixel is opaque, or all.
        holds_frames: It is of moving pictures.
        open_clip: Takes a seekable file, empty and open to be written, and what the clip will be, and gives
            what encodes its frames one by one; None where only whole clips can be encoded. Raises SheetError
            where the format cannot hold such a clip.
        options: What `encode` takes beside the pixels.
        gpu_codec: Its name in nvImageCodec where that encodes it on a GPU.
        encode_layers: Takes the planes of a label set, all of one height and width, and gives the content of
            its files by what follows the product's key in their names, such as .iuv.png. It keeps every bit.
            Raises SheetError where they cannot be encoded. None where the format holds no layers.
        layer_types: NumPy's names of the types of planes that it holds.
        encode_meshes: Takes posed bodies, and gives the content of each file of the product by its suffix,
            such as `.obj` or `.1.obj`. Raises SheetError where they cannot be encoded.
        encode_motion: Likewise of the poses of a sequence.
        holds_one: Its files hold one body, so that the people of a picture have a file each.
        holds_motion: Its bodies may move, as those of a sequence.
        holds_cameras: It keeps the photo's camera beside the bodies.
        package: What has to be installed for it beside what the program always needs.
        side_step_px: Sides are filled up to whole multiples of it, by doubling the last pixels.
        version: Raised whenever the same pixels or planes give other bytes than before, so that products of
            this format are made again, and those of others are not.
    """

    encode: Callable[..., Encoded] | None = None
    is_exact: bool = False
    alpha: Literal["none", "binary", "full"] = "none"
    holds_frames: bool = False
    open_clip: Callable[[BinaryIO, Clip], ClipEncoder] | None = None
    options: tuple[Option, ...] = ()
    gpu_codec: str | None = None
    encode_layers: Callable[[Sequence[Plane]], dict[str, Encoded]] | None = None
    layer_types: tuple[str, ...] = ()
    encode_meshes: Callable[[MeshScene], dict[str, Encoded]] | None = None
    encode_motion: Callable[[MotionScene], dict[str, Encoded]] | None = None
    holds_one: bool = False
    holds_motion: bool = False
    holds_cameras: bool = False
    package: str | None = None
    side_step_px: int = 1
    version: int = 1

    @property
    def holds_meshes(self) -> bool:
        """Whether it is of bodies themselves, not of pictures of them."""
        return self.encode_meshes is not None or self.encode_motion is not None


def rate_option(most_fps: float) -> Option:
    """The setting `output.fps` of a format that holds frames.

    Args:
        most_fps: The highest rate at which files of the format are shown as they are meant.
    """
    # A frame of more than 100 s is a mistake, not a clip.
    return Option(
        "fps",
        float,
        0.01,
        most_fps,
        default=0,
        about="Frames a second",
        zero=f"the sequence's own, else {DEFAULT_FPS}",
    )


def choose_rate(fps: float, own_fps: float | None = None) -> float:
    """The rate that a setting `output.fps` asks for.

    Args:
        fps: The setting; 0 asks for the sequence's own.
        own_fps: The sequence's; None where it has none, as turntables.
    """
    return fps or own_fps or DEFAULT_FPS


FORMATS: Registry[Format] = Registry(
    "output format", "smpl_render.output_formats", "render.write.formats", "FORMAT"
)
