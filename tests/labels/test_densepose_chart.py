"""A person's surface in DensePose's forms, as DensePose's own code reads it."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from render.labels.densepose_chart import MOST_POINTS, compress_chart, cut_chart, sample_points
from render.labels.masks import encode_mask
from tests.helpers.label_sets import make_labels


def make_charts(seed: int = 1) -> list[tuple[np.ndarray, np.ndarray, tuple[int, int, int, int]]]:
    """Of the people who are seen: their pixels with a part, those pixels' labels, and their box."""
    labels = make_labels(seed, 5, (150, 200))
    masks = [labels.instance == number for number in range(1, 6)]
    return [(mask, labels.iuv, encode_mask(mask).bbox) for mask in masks if mask.any()]


def test_a_chart_has_the_pixels_of_its_person_alone():
    for mask, iuv, bbox in make_charts():
        x, y, w, h = bbox
        chart = cut_chart(iuv, mask, bbox)
        expected = np.zeros_like(iuv)
        for row, column in np.argwhere(mask):
            if iuv[row, column, 0]:
                expected[row, column] = iuv[row, column]
        np.testing.assert_array_equal(chart, expected[y : y + h, x : x + w])
        assert chart.any()


def test_a_compressed_chart_is_read_as_densepose_reads_it():
    for mask, iuv, bbox in make_charts():
        chart = cut_chart(iuv, mask, bbox)
        found = compress_chart(chart)
        # decompress_compressed_densepose_chart_result of detectron2's structures/chart_result.py.
        image = Image.open(io.BytesIO(base64.decodebytes(found["labels_uv_str"].encode())))
        labels_uv = np.moveaxis(np.array(image, dtype=np.uint8), -1, 0)
        np.testing.assert_array_equal(labels_uv.reshape(found["shape_chw"]), np.moveaxis(chart, -1, 0))


@pytest.mark.parametrize("seed", range(4))
def test_points_are_where_densepose_looks_for_them(seed):
    for mask, iuv, bbox in make_charts(seed):
        points = sample_points(cut_chart(iuv, mask, bbox))
        # As densepose_coco_evaluation.py finds the pixels of points in a picture.
        columns = (np.array(points["dp_x"]) * bbox[2] / 255.0 + bbox[0]).astype(int)
        rows = (np.array(points["dp_y"]) * bbox[3] / 255.0 + bbox[1]).astype(int)
        assert mask[rows, columns].all()
        labels = iuv[rows, columns]
        np.testing.assert_array_equal(points["dp_I"], labels[:, 0])
        # Rounded to four digits, which keep the 256 values apart.
        for key, channel in (("dp_U", 1), ("dp_V", 2)):
            np.testing.assert_allclose(points[key], labels[:, channel] / 255, atol=0.00005)
        assert len(set(zip(rows, columns, strict=True))) == len(rows)
        assert min(points["dp_x"] + points["dp_y"]) > 0
        assert max(points["dp_x"] + points["dp_y"]) < 255


@pytest.mark.parametrize("seed", range(4))
def test_points_are_shared_out_among_the_parts(seed):
    for mask, iuv, bbox in make_charts(seed):
        parts = iuv[mask & (iuv[..., 0] > 0)][:, 0]
        found = np.bincount(sample_points(cut_chart(iuv, mask, bbox))["dp_I"], minlength=25)
        there = np.bincount(parts, minlength=25)
        spare = MOST_POINTS - len(set(parts.tolist()))
        np.testing.assert_array_equal(found, np.minimum(there, (there > 0) + spare * there // len(parts)))
        assert found.sum() <= MOST_POINTS


def test_points_lie_all_over_a_part():
    chart = np.ones((64, 64, 3), np.uint8)
    points = sample_points(chart)
    assert len(points["dp_x"]) == MOST_POINTS
    cells = {
        (int(x * 8 / 255), int(y * 8 / 255)) for x, y in zip(points["dp_x"], points["dp_y"], strict=True)
    }
    # 64 cells of 64 pixels, patches of 41: hardly a cell has the middle of none.
    assert len(cells) > 60


def test_a_person_whose_faces_have_no_chart_has_no_points():
    assert sample_points(np.zeros((5, 6, 3), np.uint8)) == {
        key: [] for key in ("dp_x", "dp_y", "dp_I", "dp_U", "dp_V")
    }


def test_one_pixel():
    chart = np.array([[[24, 255, 0]]], np.uint8)
    points = sample_points(chart)
    assert points == {"dp_x": [127.5], "dp_y": [127.5], "dp_I": [24], "dp_U": [1.0], "dp_V": [0.0]}
    assert compress_chart(chart)["shape_chw"] == [3, 1, 1]
