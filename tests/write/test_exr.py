"""Layers come back from OpenEXR files to the last bit."""

import io
import sys

import av
import numpy as np
import OpenEXR
import pytest

from render.errors import ConfigError, SheetError
from render.types.labels import Plane
from render.write.formats.exr import encode_layers
from tests.helpers.planes import EXTREMES, SIZES_HW, assert_same_bits, make_plane, make_strided

# Of the types that the format does not have; ids are never halves.
HELD_AS = {"uint8": "uint32", "uint16": "uint32", "int32": "uint32"}


@pytest.fixture
def read_exr(tmp_path):
    """Channels by name, and the header."""

    def read(content: bytes) -> tuple[dict[str, np.ndarray], dict]:
        path = tmp_path / "labels.exr"
        path.write_bytes(content)
        file = OpenEXR.File(str(path), separate_channels=True)
        return {name: channel.pixels for name, channel in file.channels().items()}, file.header()

    return read


@pytest.mark.parametrize("hw", SIZES_HW)
def test_values_come_back_by_the_names_of_layer_and_channel(hw, read_exr):
    """All types and any channels beside one another, in one file."""
    planes = [make_plane(f"{dtype}.{count}", dtype, hw, count) for dtype in EXTREMES for count in (1, 3, 5)]
    (suffix, content), *others = encode_layers(planes).items()
    assert (suffix, others) == (".exr", [])
    found, _ = read_exr(content)
    assert len(found) == sum(len(plane.channels) for plane in planes) == 45
    for plane in planes:
        dtype = plane.values.dtype.name
        expected = plane.values.astype(HELD_AS.get(dtype, dtype))
        for k, channel in enumerate(plane.channels):
            assert_same_bits(found[f"{plane.name}.{channel}"], expected[:, :, k])


def test_another_library_reads_a_layer():
    """Beside layers of other types, and with its channels in order."""
    values = np.random.default_rng(0).normal(size=(37, 53, 3)).astype(np.float32)
    normals = Plane("normal", ("R", "G", "B"), values)
    content = encode_layers([normals, make_plane("depth", "float16", (37, 53), 1)])[".exr"]
    with av.open(io.BytesIO(content), format="exr_pipe") as file:
        file.streams.video[0].codec_context.options = {"layer": "normal"}
        np.testing.assert_array_equal(next(file.decode(video=0)).to_ndarray(), values)


def test_arrays_that_do_not_lie_in_one_piece_are_the_same(read_exr):
    planes = [make_plane("iuv", "uint8", (37, 53), 3), make_plane("depth", "float32", (37, 53), 1)]
    content = encode_layers(planes)[".exr"]
    assert encode_layers([make_strided(plane) for plane in planes])[".exr"] == content
    assert_same_bits(read_exr(content)[0]["depth.V"], planes[1].values[:, :, 0])


def test_the_header_has_nothing_of_the_day_or_of_the_machine(read_exr):
    _, header = read_exr(encode_layers([make_plane("depth", "float16", (4, 6), 1)])[".exr"])
    assert set(header) == {
        "channels",
        "compression",
        "dataWindow",
        "displayWindow",
        "lineOrder",
        "pixelAspectRatio",
        "screenWindowCenter",
        "screenWindowWidth",
        "type",
    }


def test_numbers_below_0_are_refused_with_advice():
    plane = make_plane("face", "int32", (4, 6), 1)
    plane.values[2, 3] = -1
    with pytest.raises(SheetError, match=r"layer face: exr holds .* from 0 on, found -1; use output=npz"):
        encode_layers([plane])


def test_what_the_library_cannot_write_is_a_fault_of_the_product(monkeypatch):
    class Refusing(OpenEXR.File):
        def write(self, path: str) -> None:
            raise RuntimeError("Invalid display window")

    monkeypatch.setattr(OpenEXR, "File", Refusing)
    with pytest.raises(SheetError, match="6 x 4 pixels in exr: Invalid display window"):
        encode_layers([make_plane("depth", "float32", (4, 6), 1)])


def test_without_the_library_its_name_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    with pytest.raises(
        ConfigError, match=r"needs the package OpenEXR.*; pip install OpenEXR, or use output=npz"
    ):
        encode_layers([])
