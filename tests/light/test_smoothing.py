"""Smoothing over neighbours leaves what is even, and is the same in any order."""

import torch

from render.light.smoothing import smooth
from tests.helpers.round_bodies import make_ball


def test_a_vertex_takes_half_of_what_its_neighbours_have():
    # Two triangles; the last vertex belongs to none.
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    values = torch.tensor([[[1.0], [0.0], [0.5], [0.25], [0.7]]])
    smooth(values, faces)
    # Vertices 1 and 3 know two neighbours; 0 and 2 share both faces, and count each other twice.
    expected = [(1.0 + 0.3125) / 2, (0.0 + 0.75) / 2, (0.5 + 0.5625) / 2, (0.25 + 0.75) / 2, 0.7]
    # Sums are of parts of 4096.
    torch.testing.assert_close(values[0, :, 0], torch.tensor(expected), atol=2e-4, rtol=0)


def test_what_is_even_stays_as_it_is():
    verts, faces = make_ball(2)
    for value in (0.0, 1.0):
        values = torch.full((2, len(verts), 3), value)
        smooth(values, faces)
        assert (values == value).all()


def test_faces_may_come_in_any_order():
    verts, faces = make_ball(3)
    generator = torch.Generator().manual_seed(1)
    first = torch.rand(1, len(verts), 2, generator=generator)
    second = first.clone()
    smooth(first, faces)
    smooth(second, faces[torch.randperm(len(faces), generator=generator)].contiguous())
    assert torch.equal(first, second)
