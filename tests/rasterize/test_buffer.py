"""The format of the visibility buffer: torch and the kernels have the same places and the same keys."""

import numpy as np
import pytest
import torch

from render.rasterize.buffer import allocate_keys, index_samples, lay_into, pack_keys, unpack_keys
from render.rasterize.whole import rasterize_shots
from render.types.buffer import Chunk, Visibility
from tests.helpers.compare_rasterizers import locate
from tests.helpers.drawing import make_placements

DEPTHS = [-np.inf, -3e38, -2.0, -1.0, -1e-38, -1e-45, -0.0, 0.0, 1e-45, 1e-38, 1.0, 2.0, 3e38, np.inf]


def test_keys_sort_as_depths_do_and_then_by_placement_and_face():
    depth = torch.tensor(DEPTHS)
    keys = pack_keys(depth, torch.zeros(len(depth), dtype=torch.int32), torch.zeros_like(depth).int(), 7)
    assert (keys.diff() > 0).all()
    ids = [(0, 0), (0, 6), (1, 0), (2**28, 3)]
    placement, face = torch.tensor(ids, dtype=torch.int32).T
    same_depth = pack_keys(torch.full((4,), -2.0), placement, face, 7)
    assert (same_depth.diff() > 0).all()
    assert (same_depth & 0xFFFFFFFF).tolist() == [7 * p + f for p, f in ids]
    assert keys.max() < Visibility.EMPTY


def test_keys_give_back_what_they_were_made_of():
    depth = torch.tensor(DEPTHS)
    number = torch.arange(len(depth), dtype=torch.int32)
    # The greatest id, with all 32 bits.
    placement = torch.full_like(number, 2**31 - 1)
    back, ids = unpack_keys(pack_keys(depth, placement, number % 2, 2))
    assert back.view(torch.int32).tolist() == depth.view(torch.int32).tolist()
    assert ids.tolist() == [2 * (2**31 - 1) + n % 2 for n in number.tolist()]


@pytest.mark.parametrize("bits", [0, 1, 2])
def test_samples_lie_where_kernels_put_them(bits):
    """A triangle on each of three shots: torch finds the very places that the kernel has written."""
    sizes = [(9, 7), (5, 12), (8, 8)]
    corner = np.array([[0, 0, 1.0], [13 * 2**bits, 0, 2], [0, 11 * 2**bits, 3]])
    placements = make_placements(np.stack([corner] * 3), [[0, 1, 2]], shot=[0, 1, 2])
    layout, visibility = rasterize_shots(placements, sizes, bits)
    places = np.flatnonzero(visibility.keys.numpy() != Visibility.EMPTY)
    shot, x, y = torch.tensor([locate(layout, int(place)) for place in places]).T
    assert len(places) > 100 * 4**bits
    assert index_samples(layout, shot, x, y).tolist() == places.tolist()


def test_of_keys_for_one_place_the_nearest_stays():
    keys = torch.tensor([5, Visibility.EMPTY, 30])
    lay_into(keys, torch.tensor([1, 0, 2, 1]), torch.tensor([9, 7, 20, 8]))
    assert keys.tolist() == [5, 8, 20]


def test_one_buffer_is_large_enough_for_each_chunk():
    chunks = [Chunk(rows=range(1), placements=range(1), samples=range(n, 3 * n)) for n in (4, 9, 2)]
    keys = allocate_keys(iter(chunks), torch.device("cpu"))
    assert keys.tolist() == [Visibility.EMPTY] * 18
