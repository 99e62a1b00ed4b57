"""Small pictures, numbers in scripts, and bins of histograms."""

import base64
import io
import math
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from render.gallery.kinds import find_kind, name_layer
from render.gallery.numbers import NumberColumn
from render.gallery.script_files import pack_numbers
from render.gallery.small_pictures import SIDE_PX, make_small_picture
from render.gallery.spread import BINS, describe_spread
from tests.helpers.made_sheets import encode


def unpack(packed):
    array = np.frombuffer(base64.b64decode(packed["data"]), dtype=f"<{packed['type']}")
    if "scale" not in packed:
        return array
    return np.where(array == np.iinfo(array.dtype).min, np.nan, array / packed["scale"])


@given(st.integers(0, 6), st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), max_size=20))
def test_numbers_are_unpacked_bit_for_bit(digits, integers):
    # What a table of so many digits has.
    numbers = np.array([math.nan if n is None else float(f"{n}e-{digits}") for n in integers])
    np.testing.assert_array_equal(unpack(pack_numbers(numbers, digits)), numbers)


def test_numbers_of_more_digits_than_is_said_are_kept():
    numbers = np.array([0.123456789, math.nan])
    np.testing.assert_array_equal(unpack(pack_numbers(numbers, 2)), numbers)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_small_picture_is_of_the_same_colour_and_shape(file_format):
    content = encode((180, 60, 20), file_format, (1000, 500))
    with Image.open(io.BytesIO(make_small_picture(content, "picture"))) as image:
        assert image.format == "WEBP"
        assert image.size == (SIDE_PX, SIDE_PX // 2)
        # A picture of one colour loses little in JPEG and WebP.
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - (180, 60, 20)).max() <= 6


def test_a_clip_has_its_first_frame():
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        for grey in (200, 0, 0):
            frame = av.VideoFrame.from_ndarray(np.full((32, 64, 3), grey, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with Image.open(io.BytesIO(make_small_picture(file.getvalue(), "video"))) as image:
        assert image.size == (64, 32)
        assert np.asarray(image.convert("L")).mean() == pytest.approx(200, abs=8)


def test_labels_of_small_numbers_are_seen():
    file = io.BytesIO()
    Image.fromarray(np.repeat(np.array([[0, 24]], np.uint8), 40, axis=0).repeat(40, axis=1)).save(file, "PNG")
    with Image.open(io.BytesIO(make_small_picture(file.getvalue(), "picture"))) as image:
        grey = np.asarray(image.convert("L"))
    assert grey[:, :30].max() < 20
    assert grey[:, 50:].min() > 235


@given(st.binary(max_size=200), st.sampled_from(["picture", "video"]))
def test_of_anything_else_there_is_no_small_picture(content, kind):
    assert make_small_picture(content, kind) is None


def test_a_picture_of_more_pixels_than_any_photo_is_not_decoded():
    # A PNG of one bit a pixel is small, and 20,000 pixels wide and high.
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    assert make_small_picture(file.getvalue(), "picture") is None


@pytest.mark.parametrize("seed", range(3))
def test_bins_hold_all_numbers_and_edges_are_what_filters_have(seed):
    random = np.random.default_rng(seed)
    numbers = np.round(random.gamma(0.5, 10, 500), 1)
    numbers[::7] = np.nan
    told = describe_spread(NumberColumn("a", numbers, 1))
    edges, known = told["edges"], numbers[np.isfinite(numbers)]
    assert told["known"] == len(known)
    assert len(told["counts"]) == len(edges) - 1 <= BINS + 1
    counts = [int(((known >= low) & (known < high)).sum()) for low, high in pairwise(edges[:-1])]
    assert told["counts"] == [*counts, int((known >= edges[-2]).sum())]
    assert (edges[0], edges[-1]) == (known.min(), known.max())
    np.testing.assert_allclose(told["quantiles"][3], np.median(known), atol=0.051)


def test_a_few_numbers_far_away_leave_the_others_their_bins():
    numbers = np.append(np.linspace(0, 1, 1000), [1e6])
    assert max(describe_spread(NumberColumn("a", numbers, 3))["counts"]) < 100


@pytest.mark.parametrize(
    ("suffix", "kind", "layer"),
    [
        (".png", "picture", "sheet"),
        (".depth.png", "picture", "depth"),
        (".mp4", "video", "sheet"),
        (".exr", "other", "exr"),
        (".0.glb", "other", "0"),
    ],
)
def test_kinds_and_names_of_files(suffix, kind, layer):
    assert (find_kind(suffix), name_layer(suffix)) == (kind, layer)
