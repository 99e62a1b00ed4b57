"""What files hold of values that are known to the bit: half steps, and what no type holds."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import warp as wp

from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.errors import ConfigError
from render.fits.build import assemble
from render.fits.cameras import weak_perspective
from render.labels import layer as layer_module
from render.labels import layer_kernels
from render.labels.layer import LAYERS, LabelLayer, Store
from render.labels.point import LabelPoint
from render.types.sources import Meshes
from tests.helpers.drawn_labels import draw_labels, lay_out_labels

# Of faces i, each over one pixel, the value i / 8 - 4.
COUNT = 96
VALUES = np.arange(COUNT) / 8 - 4


def make_eighths() -> wp.Function:
    @wp.func
    def value(point: LabelPoint) -> wp.vec4f:
        return wp.vec4f(wp.float32(point.face) / 8.0 - 4.0, 0.0, 0.0, 0.0)

    return value


def make_layer(scale: float, offset: float = 0.0, *, rounds_down: bool = False) -> LabelLayer:
    whole = {store: Store((scale,), offset, rounds_down) for store in ("8", "16", "32")}
    return LabelLayer(("V",), "eighths", whole | {"half": Store(), "float": Store()}, make_eighths)


def make_pair() -> wp.Function:
    @wp.func
    def value(point: LabelPoint) -> wp.vec4f:
        return wp.vec4f(wp.float32(point.face), wp.float32(point.face), 0.0, 0.0)

    return value


MADE = {
    "nearest": make_layer(1.0),
    "down": make_layer(1.0, rounds_down=True),
    "large": make_layer(8192.0),
    "centred": make_layer(32.0, 127.5),
    "pair": LabelLayer(("V", "W"), "faces", {"8": Store((1.0, 2.0))}, make_pair),
}


@pytest.fixture
def made(monkeypatch) -> None:
    known = SimpleNamespace(
        names=(*LAYERS.names, *MADE), load=lambda name: MADE[name] if name in MADE else LAYERS.load(name)
    )
    for module in (layer_module, layer_kernels):
        monkeypatch.setattr(module, "LAYERS", known)


def draw_strip(layer: str, count: int = COUNT, channel: int = 0) -> np.ndarray:
    """(count,) of faces beside each other, each over the centre of a pixel."""
    corners = np.array([(0.1, 0.1, 0), (0.5, 0.95, 0), (0.9, 0.1, 0)])
    verts = corners + np.arange(count)[:, None, None] * [1.0, 0, 0]
    faces = np.arange(3 * count, dtype=np.int32).reshape(-1, 3)
    meshes = Meshes("", faces, verts.reshape(1, -1, 3).astype(np.float32))
    fits = assemble("meshes", ["a.png"], meshes, weak_perspective([1.0], [[0.0, 0.0]]))
    bodies = FitBodies([MeshBody("strip", torch.from_numpy(faces), 3 * count)])
    (labels,) = draw_labels(bodies, fits, lay_out_labels([(0,)], (2, count)), [layer])
    assert (labels.instance == [[1], [0]]).all()
    assert not labels.planes[0].values[1].any()
    return labels.planes[0].values[0, :, channel]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("nearest:8", np.clip(np.floor(VALUES + 0.5), 0, None)),
        ("nearest:32", np.clip(np.floor(VALUES + 0.5), 0, None)),
        ("down:8", np.clip(np.floor(VALUES), 0, None)),
        ("down:16", np.clip(np.floor(VALUES), 0, None)),
        ("large:8", np.clip(8192 * VALUES, 0, 255)),
        ("large:16", np.clip(8192 * VALUES, 0, 65535)),
        ("large:32", np.clip(8192 * VALUES, 0, None)),
        ("centred:8", np.clip(np.floor(32 * VALUES + 128), 0, 255)),
        ("nearest:half", VALUES),
        ("nearest:float", VALUES),
    ],
)
def test_whole_numbers_are_rounded_and_kept_within_their_type(made, layer, expected):
    np.testing.assert_array_equal(draw_strip(layer), expected)


@pytest.mark.parametrize(("channel", "scale"), [(0, 1), (1, 2)])
def test_each_channel_has_its_own_scale(made, channel, scale):
    np.testing.assert_array_equal(draw_strip("pair:8", channel=channel), scale * np.arange(COUNT))


def test_faces_are_counted_from_1():
    np.testing.assert_array_equal(draw_strip("face", 300), np.arange(1, 301))


def test_more_faces_than_16_bits_hold():
    """Three more are drawn in 32 bits only."""
    count = 65538
    with pytest.raises(ConfigError, match=r"up to 65535 faces, found one of 65538; use face:32"):
        draw_strip("face", count)
    np.testing.assert_array_equal(draw_strip("face:32", count), np.arange(1, count + 1))
