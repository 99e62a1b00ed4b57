"""Fragments in PyTorch3D's layout and back."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from render.rasterize.fragments import read_fragments
from render.types.fragments import DenseFragments, Fragments
from render.types.placements import Placements
from tests.helpers.fragments import SIZE, draw_triangles, edge_px2, equal
from tests.helpers.oracle import barycentric


@pytest.fixture
def drawn() -> tuple[Placements, Fragments]:
    """Two shots of SIZE with two placements each, and one with none."""
    placements, layout, visibility = draw_triangles([0, 0, 2, 2], [SIZE] * 3)
    return placements, read_fragments(placements, layout, visibility)


def test_dense_fields_are_exact(drawn):
    """Against float64 from the vertices as given: rounding of float32, for faces 2 px and larger."""
    placements, fragments = drawn
    dense = fragments.to_pytorch3d()
    width, height = SIZE
    assert {name: (value.dtype, value.shape) for name, value in vars(dense).items()} == {
        "pix_to_face": (torch.int64, (3, height, width, 1)),
        "zbuf": (torch.float32, (3, height, width, 1)),
        "bary_coords": (torch.float32, (3, height, width, 1, 3)),
        "dists": (torch.float32, (3, height, width, 1)),
    }
    picture = dense.pix_to_face[..., 0].numpy()
    assert (picture >= 0).sum() == len(fragments.face) > 1000
    assert (picture[1] == -1).all()
    assert set((picture[0][picture[0] >= 0] // 25).tolist()) == {0, 1}
    assert set((picture[2][picture[2] >= 0] // 25).tolist()) == {2, 3}
    for n, y, x in np.argwhere(picture >= 0)[::7]:
        d, f = divmod(picture[n, y, x], len(placements.faces))
        corners = placements.verts[d, placements.faces[f].long()].double().numpy()
        bary = barycentric(corners, x, y)
        np.testing.assert_allclose(dense.bary_coords[n, y, x, 0], bary, atol=2e-5)
        np.testing.assert_allclose(dense.zbuf[n, y, x, 0], bary @ corners[:, 2], rtol=2e-5)
        # Normalised device coordinates are 2 along the shorter side; inside is negative.
        expected = -edge_px2(corners, x, y) * (2 / height) ** 2
        np.testing.assert_allclose(dense.dists[n, y, x, 0], expected, rtol=1e-4, atol=1e-7)


def test_where_there_is_nothing_all_is_minus_one(drawn):
    dense = drawn[1].to_pytorch3d()
    empty = dense.pix_to_face == -1
    assert empty.sum() > 1000
    for name in ("zbuf", "bary_coords", "dists"):
        assert (getattr(dense, name)[empty] == -1).all()
    # And nowhere else: depth is in front of the eye, coordinates and distances are inside of a face.
    assert (dense.zbuf[~empty] > 0).all()
    assert ((dense.bary_coords[~empty] >= 0) & (dense.bary_coords[~empty] <= 1)).all()
    assert (dense.dists[~empty] <= 0).all()


@pytest.mark.parametrize("bits", [0, 1])
def test_there_and_back_is_exact(bits):
    """Pixels come back row by row; those with several samples count samples, side by side in the buffer."""
    placements, layout, visibility = draw_triangles([0, 0, 1, 2], [SIZE] * 3, bits)
    fragments = read_fragments(placements, layout, visibility)
    back = Fragments.from_pytorch3d(fragments.to_pytorch3d(), fragments.face_count)
    order = np.lexsort([fragments.pixel[:, 0], fragments.pixel[:, 1], fragments.shot])
    columns = [name for name in Fragments.SHAPES if name not in ("size_px", "edge_px2")]
    ordered = replace(fragments, **{name: getattr(fragments, name)[order] for name in columns})
    # Scaled to other units and back.
    np.testing.assert_allclose(back.edge_px2, fragments.edge_px2[order], rtol=1e-6, atol=0)
    equal(replace(ordered, edge_px2=back.edge_px2), back)
    assert back.size_px.tolist() == [[SIZE[0] << bits, SIZE[1] << bits]] * 3
    again = back.to_pytorch3d()
    np.testing.assert_allclose(again.dists, fragments.to_pytorch3d().dists, rtol=1e-6, atol=0)
    equal(replace(again, dists=fragments.to_pytorch3d().dists), fragments.to_pytorch3d())


def test_shots_of_different_sizes_are_refused_by_name():
    placements, layout, visibility = draw_triangles([0, 1], [SIZE, (20, 30)])
    with pytest.raises(ValueError, match=r"to_pytorch3d: expected shots of one size, found 20x30, 48x31"):
        read_fragments(placements, layout, visibility).to_pytorch3d()


def test_of_several_faces_the_nearest_is_taken(drawn):
    """PyTorch3D puts it first."""
    dense = drawn[1].to_pytorch3d()
    behind = {name: getattr(dense, name).clone() for name in DenseFragments.SHAPES}
    behind["pix_to_face"][behind["pix_to_face"] >= 0] = 7
    for name in ("zbuf", "bary_coords", "dists"):
        behind[name] += 1
    several = {name: torch.cat([getattr(dense, name), behind[name]], 3) for name in DenseFragments.SHAPES}
    equal(Fragments.from_pytorch3d(SimpleNamespace(**several), 25), Fragments.from_pytorch3d(dense, 25))


def test_without_distances_they_are_not_known(drawn):
    dense = drawn[1].to_pytorch3d()
    without = SimpleNamespace(**{**vars(dense), "dists": None})
    found = Fragments.from_pytorch3d(without, 25)
    assert found.edge_px2.isnan().all()
    expected = Fragments.from_pytorch3d(dense, 25)
    equal(replace(found, edge_px2=expected.edge_px2), expected)


@pytest.mark.parametrize("shots", [0, 2])
def test_nothing_there_and_back(drawn, shots):
    fragments = drawn[1]
    columns = [name for name in Fragments.SHAPES if name != "size_px"]
    none = replace(
        fragments,
        **{name: getattr(fragments, name)[:0] for name in columns},
        size_px=fragments.size_px[:shots],
    )
    dense = none.to_pytorch3d()
    assert dense.pix_to_face.shape == ((2, SIZE[1], SIZE[0], 1) if shots else (0, 0, 0, 1))
    assert (dense.pix_to_face == -1).all()
    equal(Fragments.from_pytorch3d(dense, fragments.face_count), none)


def test_gradients_are_kept(drawn):
    """Each way, of each field that has one."""
    sparse_names = {"bary": "bary_coords", "depth": "zbuf", "edge_px2": "dists"}
    scale = {"bary": 1.0, "depth": 1.0, "edge_px2": -((2 / SIZE[1]) ** 2)}
    fragments = drawn[1]
    leaves = {name: getattr(fragments, name).clone().requires_grad_() for name in sparse_names}
    dense = replace(fragments, **leaves).to_pytorch3d()
    for name, leaf in leaves.items():
        (grad,) = torch.autograd.grad(getattr(dense, sparse_names[name]).sum(), leaf)
        np.testing.assert_allclose(grad, torch.full_like(leaf, scale[name]), rtol=1e-6, atol=1e-5)
    dense = fragments.to_pytorch3d()
    leaves = {name: getattr(dense, name).clone().requires_grad_() for name in sparse_names.values()}
    back = Fragments.from_pytorch3d(replace(dense, **leaves), fragments.face_count)
    is_on = dense.pix_to_face >= 0
    for name, dense_name in sparse_names.items():
        leaf = leaves[dense_name]
        (grad,) = torch.autograd.grad(getattr(back, name).sum(), leaf)
        assert (grad[~is_on] == 0).all()
        np.testing.assert_allclose(
            grad[is_on], torch.full_like(leaf[is_on], 1 / scale[name]), rtol=1e-6, atol=1e-5
        )
