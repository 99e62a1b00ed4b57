"""PNG files hold every bit, whatever filter makes them small."""

import io

import av
import cv2
import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from render.errors import SheetError
from render.types.labels import Plane
from render.write.formats.png import encode, encode_layers
from tests.helpers.planes import SIZES_HW, assert_same_bits, make_plane, make_strided


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("hw", [(1, 1), (37, 53), (1, 400), (400, 1)])
@pytest.mark.parametrize("kind", ["noise", "label"])
def test_pixels_come_back(channels, hw, kind):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (*hw, channels), dtype=np.uint8)
    if kind == "label":
        pixels = np.where(rng.random((*hw, 1)) < 0.02, pixels, 0).astype(np.uint8).cumsum(1, dtype=np.uint8)
    file = encode(pixels)
    read = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    swap = cv2.COLOR_BGRA2RGBA if channels == 4 else cv2.COLOR_BGR2RGB
    np.testing.assert_array_equal(cv2.cvtColor(read, swap), pixels)


@pytest.mark.parametrize("hw", SIZES_HW)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_opencv_reads_the_channels_of_a_layer_in_their_order(tmp_path, dtype, channels, hw):
    plane = make_plane("iuv", dtype, hw, channels)
    (suffix, content), *others = encode_layers([plane]).items()
    assert (suffix, others) == (".iuv.png", [])
    path = tmp_path / "0.iuv.png"
    path.write_bytes(content)
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).reshape(*hw, -1)
    assert_same_bits(found[:, :, :channels], plane.values)
    assert found.shape[2] == (3 if channels == 2 else channels)
    assert not found[:, :, channels:].any()


@pytest.mark.parametrize("hw", SIZES_HW)
def test_readers_of_rgb_have_three_channels_in_the_opposite_order(hw):
    plane = make_plane("iuv", "uint8", hw, 3)
    content = bytes(encode_layers([plane])[".iuv.png"])
    for found in (np.array(Image.open(io.BytesIO(content))), iio.imread(content)):
        assert_same_bits(found, plane.values[:, :, ::-1])
    # Pillow halves the bits of deep colours; FFmpeg keeps them.
    deep = make_plane("normal", "uint16", hw, 3)
    with av.open(io.BytesIO(encode_layers([deep])[".normal.png"])) as file:
        assert_same_bits(next(file.decode(video=0)).to_ndarray(), deep.values[:, :, ::-1])


@pytest.mark.parametrize("hw", SIZES_HW)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_readers_of_rgb_have_one_channel_as_it_is(dtype, hw):
    plane = make_plane("instance", dtype, hw, 1)
    content = bytes(encode_layers([plane])[".instance.png"])
    for found in (np.array(Image.open(io.BytesIO(content))), iio.imread(content)):
        assert_same_bits(found, plane.values[:, :, 0])


def test_each_layer_is_a_file_and_the_same_wherever_it_lies_in_memory():
    planes = [make_plane("iuv", "uint8", (37, 53), 3), make_plane("amodal.2", "uint16", (37, 53), 1)]
    files = encode_layers(planes)
    assert list(files) == [".iuv.png", ".amodal.2.png"]
    assert encode_layers([make_strided(plane) for plane in planes]) == files


@pytest.mark.parametrize("dtype", ["int32", "float16", "float32"])
def test_values_of_other_types_are_refused_with_advice(dtype):
    with pytest.raises(
        SheetError, match=rf"layer depth: png .*values are {dtype}; use output=exr or output=npz"
    ):
        encode_layers([make_plane("depth", dtype, (4, 6), 1)])


def test_what_is_too_large_is_refused_with_advice():
    with pytest.raises(SheetError, match=r"layer parts: png holds 4 channels .* it has 5; use output=exr"):
        encode_layers([make_plane("parts", "uint8", (4, 6), 5)])
    with pytest.raises(SheetError, match=r"1000001 x 1 pixels are too many for png; use output=npz"):
        encode_layers([Plane("mask", ("V",), np.zeros((1, 1_000_001, 1), np.uint8))])
