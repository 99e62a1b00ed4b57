"""Our fragments in PyTorch3D's layout against its own, and in its shaders.

What needs PyTorch3D itself is skipped where it is not installed; REQUIRE_PYTORCH3D=1 makes that a failure.
"""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from render.rasterize.fragments import read_fragments
from render.rasterize.load_pytorch3d import PyTorch3D
from render.rasterize.whole import rasterize_shots
from render.types.fragments import DenseFragments, Fragments
from render.types.placements import Placements
from tests.helpers.drawing import make_placements, require_pytorch3d
from tests.helpers.fragments import SIZE, triangles
from tests.helpers.golden_pytorch3d import CASES, FOLDER, draw_case
from tests.helpers.random_bodies import random_bodies

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", CASES)
def test_golden_fragments(name):
    """Those of PyTorch3D in tests/golden/pytorch3d; for its epsilon see test_golden_pytorch3d.py."""
    z = np.load(FOLDER / f"{name}.npz")
    theirs = SimpleNamespace(
        pix_to_face=torch.from_numpy(z["face"])[None, :, :, None],
        zbuf=torch.from_numpy(z["z"])[None, :, :, None],
        bary_coords=torch.from_numpy(z["bary"])[None, :, :, None],
    )
    # The epsilon decides in 3 of 229 pixels of tiny_body.
    least = 0.986 if name == "tiny_body" else 0.999
    same = assert_close_to_pytorch3d(draw_case(name).fragments.to_pytorch3d(), theirs, least)
    assert same.sum() > 200


def assert_close_to_pytorch3d(ours: DenseFragments, theirs: Any, least: float = 0.999) -> torch.Tensor:
    """The same faces in front in that share of the pixels, and the same fields there; returns where."""
    our_face, their_face = ours.pix_to_face[..., 0], theirs.pix_to_face[..., 0]
    same = (our_face == their_face) & (their_face >= 0)
    # Two centres on an edge, as in test_golden_pytorch3d.py.
    assert ((our_face >= 0) != (their_face >= 0)).sum() <= 2
    assert same.sum() >= least * (their_face >= 0).sum()
    bary = theirs.bary_coords[..., 0, :][same]
    # The epsilon takes from all three coordinates and from the depth alike.
    factor = bary.sum(1)
    error = (ours.bary_coords[..., 0, :][same] - bary / factor[:, None]).abs().amax(1)
    # It computes in float32 of normalised device coordinates, 6e-8 fine, with faces 3e-3 wide.
    assert (error <= 1e-4).float().mean() >= 0.96
    assert error.max() <= 1e-3
    np.testing.assert_allclose(ours.zbuf[..., 0][same] * factor, theirs.zbuf[..., 0][same], rtol=1e-4, atol=0)
    return same


@pytest.fixture(scope="module")
def library() -> PyTorch3D:
    return require_pytorch3d()


def to_ndc(placements: Placements, size: tuple[int, int]) -> torch.Tensor:
    """Vertices (D, V, 3) on the picture in normalised device coordinates: x left, y up; and depth."""
    shorter = min(size)
    xy = (torch.tensor(size) - 2 * placements.verts[..., :2]) / shorter
    return torch.cat([xy, placements.verts[..., 2:3]], 2)


def make_meshes(
    library: PyTorch3D, placements: Placements, size: tuple[int, int], shots: int, is_perspective: bool
):
    """A mesh for each shot, of its placements joined, as `to_pytorch3d` asks for; and who sees them."""
    view = to_ndc(placements, size)
    if is_perspective:
        view = torch.cat([view[..., :2] * view[..., 2:], view[..., 2:]], 2)
    verts, faces = [], []
    for shot in range(shots):
        own = view[placements.shot == shot]
        verts.append(own.reshape(-1, 3))
        faces.append(
            torch.cat([placements.faces.long() + i * view.shape[1] for i in range(len(own))])
            if len(own)
            else torch.zeros(0, 3, dtype=torch.long)
        )
    cameras = library.PerspectiveCameras if is_perspective else library.OrthographicCameras
    return library.Meshes(verts, faces), cameras()


def draw_bare(library: PyTorch3D, meshes, cameras, size: tuple[int, int], blur_radius: float = 0.0):
    """PyTorch3D's fragments, without our rasterizers; each face is tried at each pixel."""
    settings = library.RasterizationSettings(
        image_size=size[::-1], blur_radius=blur_radius, faces_per_pixel=1, bin_size=0
    )
    return library.MeshRasterizer(cameras, settings)(meshes)


def assert_same_distances(ours: DenseFragments, theirs, same: torch.Tensor) -> None:
    """Coordinates of 2 are 1e-7 fine in float32, which makes the square of a distance d off by 2e-7 d."""
    np.testing.assert_allclose(ours.dists[..., 0][same], theirs.dists[..., 0][same], rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("is_perspective", [False, True])
@pytest.mark.parametrize("size", [SIZE, SIZE[::-1], (40, 40)])
def test_all_fields_are_those_of_pytorch3d(library, is_perspective, size):
    """Of two placements on one shot, none on another and one on a third."""
    verts = np.stack([triangles(seed) for seed in range(3)])
    if not is_perspective:
        verts[..., 3] = 1
    placements = make_placements(verts, np.arange(verts.shape[1]).reshape(-1, 3), shot=[0, 0, 2])
    fragments = read_fragments(placements, *rasterize_shots(placements, [size] * 3))
    ours = fragments.to_pytorch3d()
    meshes, cameras = make_meshes(library, placements, size, 3, is_perspective)
    theirs = draw_bare(library, meshes, cameras, size)
    same = assert_close_to_pytorch3d(ours, theirs)
    assert same.sum() > 1000
    assert_same_distances(ours, theirs, same)
    back = Fragments.from_pytorch3d(theirs, fragments.face_count)
    assert torch.equal(back.shot.unique(), torch.tensor([0, 2], dtype=torch.int32))
    # All shots have their placements: 0 and 1 on the first.
    assert torch.equal(placements.shot[back.placement.long()], back.shot)


class Shading(NamedTuple):
    """Two bodies on one shot and one on another, as PyTorch3D has them, and both fragments of them."""

    meshes: Any
    cameras: Any
    ours: DenseFragments
    theirs: Any


@pytest.fixture(scope="module")
def shading(library, demo_body) -> Shading:
    from pytorch3d.renderer import TexturesVertex

    size = (200, 160)
    verts, faces = random_bodies(demo_body, 3)
    verts = verts - [0, 20, 100]
    # At a depth that shaders' far planes allow.
    verts[..., 2] = verts[..., 2] / 100 + 3
    placements = make_placements(verts, faces, shot=[0, 0, 1])
    fragments = read_fragments(placements, *rasterize_shots(placements, [size] * 2))
    meshes, cameras = make_meshes(library, placements, size, 2, is_perspective=False)
    counts = [len(own) for own in meshes.verts_list()]
    colours = torch.rand(sum(counts), 3, generator=torch.Generator().manual_seed(0))
    meshes.textures = TexturesVertex(list(colours.split(counts)))
    return Shading(meshes, cameras, fragments.to_pytorch3d(), draw_bare(library, meshes, cameras, size))


@pytest.mark.parametrize("name", ["HardPhongShader", "SoftPhongShader", "SoftSilhouetteShader"])
def test_pytorch3d_s_shaders_draw_the_same_picture(shading, name):
    """On our fragments as on its own."""
    from pytorch3d import renderer

    lights = {"lights": renderer.PointLights(location=((1.0, 2.0, -2.0),))} if "Phong" in name else {}
    shader = getattr(renderer, name)(**lights)
    ours, theirs = (
        shader(fragments, shading.meshes, cameras=shading.cameras)
        for fragments in (shading.ours, shading.theirs)
    )
    covered = shading.theirs.pix_to_face[..., 0] >= 0
    assert covered.sum() > 5000
    assert len(theirs[covered].unique(dim=0)) > 500
    # Where the epsilon of its barycentric coordinates takes more of the light than a 255th, or one of the two
    # has another face: no more than may differ between the two rasterizers.
    off = (ours - theirs).abs().amax(3) > 1 / 255
    assert off.sum() <= 0.001 * covered.sum()


def test_gradients_pass_from_pytorch3d_to_the_vertices(library):
    """Through `from_pytorch3d` as without it."""
    verts = triangles(0)[None]
    placements = make_placements(verts, np.arange(verts.shape[1]).reshape(-1, 3))
    grads = []
    for is_sparse in (False, True):
        meshes, cameras = make_meshes(library, placements, SIZE, 1, True)
        (given,) = meshes.verts_list()
        leaf = given.clone().requires_grad_()
        dense = draw_bare(library, library.Meshes([leaf], meshes.faces_list()), cameras, SIZE)
        if is_sparse:
            found = Fragments.from_pytorch3d(dense, len(placements.faces))
            total = (found.bary[:, 0] * found.depth).sum() - (found.edge_px2 * (2 / SIZE[1]) ** 2).sum()
        else:
            is_on = dense.pix_to_face >= 0
            total = (dense.bary_coords[..., 0] * dense.zbuf)[is_on].sum() + dense.dists[is_on].sum()
        grads.append(torch.autograd.grad(total, leaf)[0])
    assert (grads[0] != 0).any(1).sum() > 20
    np.testing.assert_allclose(grads[1], grads[0], rtol=1e-4, atol=1e-5)
