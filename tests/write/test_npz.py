"""Layers come back from npz to the last bit, by numpy."""

import io
import zipfile

import numpy as np
import pytest

from render.write.formats.npz import encode_layers
from tests.helpers.planes import EXTREMES, SIZES_HW, assert_same_bits, make_plane, make_strided


@pytest.mark.parametrize("hw", SIZES_HW)
@pytest.mark.parametrize("dtype", EXTREMES)
def test_values_come_back_by_the_names_of_their_layers(dtype, hw):
    planes = [make_plane(f"layer.{count}", dtype, hw, count) for count in (1, 2, 3, 4)]
    (suffix, content), *others = encode_layers(planes).items()
    assert (suffix, others) == (".npz", [])
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        assert found.files == [plane.name for plane in planes]
        assert found["layer.1"].shape == hw
        for plane in planes:
            assert_same_bits(found[plane.name].reshape(plane.values.shape), plane.values)


def test_numbers_below_0_are_held():
    plane = make_plane("face", "int32", (4, 6), 1)
    plane.values[0, 0] = -1
    with np.load(io.BytesIO(encode_layers([plane])[".npz"])) as found:
        assert_same_bits(found["face"], plane.values[..., 0])


def test_the_bytes_tell_neither_when_they_were_made_nor_how_the_array_lay_in_memory(monkeypatch):
    plane = make_plane("iuv", "uint8", (37, 53), 3)
    before = bytes(encode_layers([plane])[".npz"])
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert bytes(encode_layers([make_strided(plane)])[".npz"]) == before
    times = {info.date_time for info in zipfile.ZipFile(io.BytesIO(before)).infolist()}
    assert times == {(1980, 1, 1, 0, 0, 0)}
