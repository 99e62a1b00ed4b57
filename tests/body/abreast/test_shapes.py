"""Sums of the rows of a basis: right, and the same bits whoever is beside."""

import numpy as np
import pytest
import torch

from render.body.abreast import width
from render.body.abreast.shapes import BLOCK, ShapeSums
from render.body.abreast.width import WIDTH, file_out

CHUNK = 32


def draw(count: int, rows: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng([count, rows, length])
    coefficients, basis = rng.normal(size=(count, rows)), rng.normal(size=(rows, length))
    return torch.from_numpy(coefficients).float(), torch.from_numpy(basis).float()


def sum_rows(basis: torch.Tensor, coefficients: torch.Tensor) -> torch.Tensor:
    """(M, N), one body after the other."""
    found = torch.empty(len(coefficients), basis.shape[1])
    file_out(ShapeSums(basis)(coefficients, CHUNK), found)
    return found


@pytest.mark.parametrize("count", [1, 2, 8, 9, CHUNK])
@pytest.mark.parametrize("length", [1, BLOCK, 3 * BLOCK + 1])
@pytest.mark.parametrize("rows", [1, 40])
def test_sums_agree_with_numpy(count, length, rows):
    coefficients, basis = draw(count, rows, length)
    expected = coefficients.double() @ basis.double()
    # Forty numbers of about 1 are each rounded at 2^-24, and their sums are below 30.
    torch.testing.assert_close(sum_rows(basis, coefficients).double(), expected, atol=4e-5, rtol=0)


def test_a_body_is_the_same_bits_alone_and_beside_any_other():
    """Alone another kernel sums it."""
    coefficients, basis = draw(CHUNK, 60, 100)
    together = sum_rows(basis, coefficients)
    for k in range(CHUNK):
        assert torch.equal(sum_rows(basis, coefficients[k : k + 1])[0], together[k])
    beside = coefficients.clone()
    beside[1:] = torch.nan
    assert torch.equal(sum_rows(basis, beside)[0], together[0])


@pytest.mark.parametrize("side_by_side", [WIDTH["cpu"], 1])
def test_the_basis_is_kept(side_by_side, monkeypatch):
    monkeypatch.setitem(width.WIDTH, "cpu", side_by_side)
    _, basis = draw(1, 5, 2 * BLOCK + 3)
    assert torch.equal(ShapeSums(basis).basis, basis)


def test_a_chunk_of_a_gpu_has_one_size(monkeypatch):
    """There each body is alone, and a library's product has the same rows whoever is in them."""
    coefficients, basis = draw(3, 6, 20)
    expected = sum_rows(basis, coefficients)
    monkeypatch.setitem(width.WIDTH, "cpu", 1)
    found = ShapeSums(basis)(coefficients, CHUNK)
    assert found.shape == (CHUNK, 20, 1)
    torch.testing.assert_close(found[:3, :, 0], expected, atol=1e-5, rtol=0)
