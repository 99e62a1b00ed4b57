"""What a layer of labels is, which there are, and how their numbers are stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from render.errors import ConfigError
from render.registry import Registry, check_name

if TYPE_CHECKING:
    import warp as wp

# Of a layer as the user writes it, in characters.
LONGEST = 100
DTYPES = {"8": "uint8", "16": "uint16", "32": "int32", "half": "float16", "float": "float32"}
MOST = {"8": 2.0**8 - 1, "16": 2.0**16 - 1, "32": 2.0**31 - 1}


@dataclass(frozen=True)
class Store:
    """From a layer's value v to what files hold: scale * v + offset, of each channel.

    Whole numbers are rounded and kept within the type; where nothing is in front all is 0.

    Attributes:
        scale: Of each channel, or of all.
        offset: Of all channels.
        rounds_down: To the next whole number below, as DensePose does; else to the nearest.
        refuses_most: Whether the type's greatest number, which stands for all beyond it too, is a fault.
    """

    scale: tuple[float, ...] = (1.0,)
    offset: float = 0.0
    rounds_down: bool = False
    refuses_most: bool = False


@dataclass(frozen=True)
class LabelLayer:
    """What is known of the point that is in front at a pixel's centre.

    All values are 0 where nothing is in front, so ids begin at 1.

    Attributes:
        channels: Their names, in order.
        unit: Of the values, in words, for the documentation.
        stores: How they may be stored: `8`, `16` or `32` bits, `half` or `float`. The first is the default.
        make_value: Makes the Warp function from a `LabelPoint` to a vector of four numbers, of which the
            first are the channels. It imports Warp itself, so that settings can be checked before.
        needs: What it reads of the point that costs something, and that not every body has: `charts`, `uv`,
            `weights`, `pinhole` or `world`.
    """

    channels: tuple[str, ...]
    unit: str
    stores: Mapping[str, Store]
    make_value: Callable[[], wp.Function]
    needs: frozenset[str] = field(default=frozenset())


LAYERS: Registry[LabelLayer] = Registry("layer", "smpl_render.layers", "render.labels.layers", "LAYER")
# What has no kernel of its own: coverage with smooth edges, and the mask of each person as if alone; and what
# is in the sidecar of a product alone: joints, and DensePose's labels in the form of its own programs.
ALPHA, AMODAL, KEYPOINTS, DENSEPOSE = "alpha", "amodal", "keypoints", "densepose"
SPECIAL: dict[str, tuple[str, ...]] = {
    ALPHA: ("8", "16", "half", "float"),
    AMODAL: ("8",),
    KEYPOINTS: (),
    DENSEPOSE: (),
}
# What is inside of the silhouette is covered whole.
_COVERED = {"8": Store((255.0,)), "16": Store((65535.0,)), "half": Store(), "float": Store()}


@dataclass(frozen=True)
class LayerSpec:
    """A layer that the user asks for.

    Attributes:
        name: One of LAYERS or of SPECIAL.
        precision: One of its stores; empty for what is in the sidecar alone.
    """

    name: str
    precision: str

    @property
    def dtype(self) -> str:
        """NumPy's name of the type of its values."""
        return DTYPES[self.precision]

    @property
    def layer_name(self) -> str:
        """The name in LAYERS of what it is of the point in front; silhouette for most of SPECIAL."""
        if self.name == DENSEPOSE:
            return "iuv"
        return "silhouette" if self.name in SPECIAL else self.name

    @property
    def is_in_sidecar(self) -> bool:
        """Whether it has no plane of its own."""
        return not self.precision

    @property
    def layer(self) -> LabelLayer:
        """The layer of that name."""
        return LAYERS.load(self.layer_name)

    @property
    def store(self) -> Store:
        """How it is stored."""
        # Layers of ids have no such store for files, but their values may be asked for all the same.
        if self.precision == "float":
            return Store()
        return (_COVERED if self.name in SPECIAL else self.layer.stores)[self.precision]


def parse_layer(text: str) -> LayerSpec:
    """Reads `iuv`, `iuv:16` or `depth:half`.

    Args:
        text: The layer, as the user writes it.

    Raises:
        ConfigError: There is no such layer, or it is not stored so; says what there is.
    """
    name, _, precision = text[:LONGEST].partition(":")
    where = f"layers: {text[:LONGEST]!r}"
    known = (*LAYERS.names, *SPECIAL)
    check_name(where, "layer", name, known)
    stores = SPECIAL[name] if name in SPECIAL else tuple(LAYERS.load(name).stores)
    if not precision and ":" not in text:
        return LayerSpec(name, stores[0] if stores else "")
    if precision not in stores:
        takes = ", ".join(f"{name}:{store}" for store in stores) or name
        raise ConfigError(f"{where}: {name} is written {takes}, found {text[:LONGEST]!r}")
    return LayerSpec(name, precision)


def parse_layers(texts: list[str]) -> tuple[LayerSpec, ...]:
    """Reads the layers of a product, each of which it has once.

    Raises:
        ConfigError: There are none, or two of one name, or one cannot be.
    """
    if not texts:
        raise ConfigError("layers: expected at least one, such as '[iuv, instance]', found none")
    specs = tuple(parse_layer(text) for text in texts)
    names = [spec.name for spec in specs]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"layers: expected each layer once, found {name} {names.count(name)} times")
    return specs
