"""Numbers of bodies side by side, and back."""

import pytest
import torch

from render.body.abreast import width
from render.body.abreast.width import count_ranks, file_out, line_up

CPU = torch.device("cpu")
SIDE_BY_SIDE = width.WIDTH["cpu"]


@pytest.mark.parametrize("count", [1, SIDE_BY_SIDE - 1, SIDE_BY_SIDE, SIDE_BY_SIDE + 1, 3 * SIDE_BY_SIDE])
@pytest.mark.parametrize("length", [1, 7, 50])
def test_numbers_of_bodies_lie_side_by_side_and_find_back(count, length):
    numbers = torch.arange(count * length, dtype=torch.float32).view(count, length)
    abreast = line_up(numbers)
    ranks = -(-count // SIDE_BY_SIDE)
    assert count_ranks(count, CPU) == ranks
    # Empty places have what the last body has.
    filled = torch.cat([numbers, numbers[-1:].expand(ranks * SIDE_BY_SIDE - count, -1)])
    assert torch.equal(abreast, filled.view(ranks, SIDE_BY_SIDE, length).transpose(1, 2))
    back = torch.full((count + 1, length), -1.0)
    file_out(abreast, back[:count])
    assert torch.equal(back[:count], numbers)
    assert (back[count:] == -1).all()


def test_what_follows_the_numbers_stays_where_it_is():
    """Rest joints lie behind the vertices, and are not filed out with them."""
    abreast = line_up(torch.arange(20, dtype=torch.float32).view(2, 10))
    back = torch.empty(2, 6)
    file_out(abreast, back)
    assert back.tolist() == [[0, 1, 2, 3, 4, 5], [10, 11, 12, 13, 14, 15]]


def test_nobody_has_no_ranks():
    assert line_up(torch.empty(0, 5)).shape == (0, 5, SIDE_BY_SIDE)


def test_where_each_body_is_alone_nothing_is_copied(monkeypatch):
    monkeypatch.setitem(width.WIDTH, "cpu", 1)
    numbers = torch.zeros(3, 5)
    abreast = line_up(numbers)
    assert abreast.shape == (3, 5, 1)
    assert abreast.data_ptr() == numbers.data_ptr()
