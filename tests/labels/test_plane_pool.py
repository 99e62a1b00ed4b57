"""Memory of planes: all zeros whenever it is lent, whatever was drawn into it before."""

import numpy as np
import pytest
import torch

from render.labels.layer import LayerSpec
from render.labels.plane_pool import PlanePool
from render.types.buffer import Layout

INSTANCE, IUV = LayerSpec("instance", "16"), LayerSpec("iuv", "8")
SIZES_PX = np.array([[20, 10], [7, 5]])


def lay_out(*rects: tuple[int, int, int, int]) -> Layout:
    """Shots whose bodies lie in these rectangles."""
    count, rows = len(rects), int(SIZES_PX[:, 1].sum())
    return Layout(
        rect=torch.tensor(rects, dtype=torch.int32),
        stride=torch.zeros(count, dtype=torch.int32),
        sample_bits=torch.zeros(count, dtype=torch.int32),
        start=torch.zeros(count + 1, dtype=torch.int64),
        first_row=torch.zeros(count + 1, dtype=torch.int32),
        row_shot=torch.zeros(rows, dtype=torch.int32),
        depth_range=torch.zeros(count, 2),
        size=torch.from_numpy(SIZES_PX.astype(np.int32)),
    )


def draw(pool: PlanePool, value: int) -> list[int]:
    """Fills the rectangles of two layers; where the memory lies."""
    rects = [(3, 2, 5, 6), (0, 0, 7, 1)]
    with pool.lend() as loan:
        loan.layout = lay_out(*rects)
        made = [loan.make(spec, SIZES_PX) for spec in (INSTANCE, IUV)]
        for planes in made:
            assert not planes.values.any()
            for plane, (x, y, w, h) in zip(planes.cut(planes.values), rects, strict=True):
                plane.numpy()[y : y + h, x : x + w] = value
        return [planes.values.data_ptr() for planes in made]


def test_memory_is_used_again_and_is_all_zeros():
    pool = PlanePool(torch.device("cpu"))
    first = draw(pool, 7)
    assert sorted(draw(pool, 9)) == sorted(first)


def test_what_an_error_left_is_lent_to_nobody():
    pool = PlanePool(torch.device("cpu"))

    def fail() -> None:
        with pool.lend() as loan:
            loan.layout = lay_out((0, 0, 1, 1), (0, 0, 1, 1))
            # Beyond what the layout tells.
            loan.make(INSTANCE, SIZES_PX).values.fill_(5)
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        fail()
    draw(pool, 7)


def test_two_batches_at_once_share_nothing():
    pool = PlanePool(torch.device("cpu"))
    with pool.lend() as one, pool.lend() as other:
        one.layout = other.layout = lay_out((0, 0, 20, 10), (0, 0, 7, 5))
        mine, theirs = one.make(INSTANCE, SIZES_PX), other.make(INSTANCE, SIZES_PX)
        mine.values.fill_(1)
        assert not theirs.values.any()
