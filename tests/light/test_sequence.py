"""Points for rays: how evenly they are spread, in one pixel and over its neighbours."""

import numpy as np
import pytest
import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch
from render.light.sequence import begin_points, find_point_of_square

wp.set_module_options(MODULE_OPTIONS)


@wp.kernel
def list_points(columns: wp.int32, count: wp.int32, seed: wp.uint32, points: wp.array2d(dtype=wp.vec2f)):
    pixel, number = wp.tid()
    first = begin_points(pixel % columns, pixel / columns, count)
    points[pixel, number] = find_point_of_square(first + wp.uint32(number), seed)


def find_points(side: int, count: int, seed: int = 1) -> np.ndarray:
    """(side, side, count, 2) of the pixels of a square."""
    points = torch.empty(side * side, count, 2)
    launch(list_points, (side * side, count), [side, count, wp.uint32(seed), points], points.device)
    return points.numpy().reshape(side, side, count, 2)


def is_net(points: np.ndarray) -> bool:
    """Whether each box of the area of a point holds one, whatever its shape: a (0, k, 2)-net."""
    count = len(points)
    for k in range(count.bit_length()):
        columns, rows = 2**k, count // 2**k
        boxes = np.floor(points * [columns, rows]).astype(int)
        if len(np.unique(boxes, axis=0)) < count:
            return False
    return True


@pytest.mark.parametrize("count", [8, 32, 128])
def test_the_points_of_a_pixel_are_a_net(count):
    points = find_points(4, count)
    assert points.min() >= 0
    assert points.max() < 1
    assert all(is_net(points[row, column]) for row in range(4) for column in range(4))


@pytest.mark.parametrize("block", [2, 4])
def test_those_of_a_block_of_pixels_are_one_too(block):
    """So the errors of neighbours cancel each other, and what is left of them is fine."""
    points = find_points(8, 8)
    for row in range(0, 8, block):
        for column in range(0, 8, block):
            assert is_net(points[row : row + block, column : column + block].reshape(-1, 2))


def test_no_two_pixels_have_the_same_points():
    points = find_points(16, 4).reshape(256, -1)
    assert len(np.unique(points, axis=0)) == 256
    assert not np.array_equal(points, find_points(16, 4, seed=2).reshape(256, -1))


def test_samples_of_a_pixel_share_its_points():
    """With 2 x 2 samples each has a quarter, and together they are those that the pixel has alone."""
    whole, shared = find_points(4, 32), find_points(8, 8)
    for row, column in ((0, 0), (1, 3), (3, 2)):
        of_samples = shared[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].reshape(-1, 2)
        own = whole[row, column]
        assert set(map(tuple, of_samples.tolist())) == set(map(tuple, own.tolist()))
