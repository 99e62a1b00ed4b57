"""Fragments: in PyTorch3D's layout and back, and as keys of the visibility buffer.

What needs PyTorch3D itself is skipped where it is not installed; REQUIRE_PYTORCH3D=1 makes that a failure.
"""

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from test_golden_pytorch3d import CASES, FOLDER, draw_case
from test_rasterize import random_bodies

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.rasterize.buffer_layout import PanelRows
from render.rasterize.fragments import FragmentKeys, read_fragments
from render.rasterize.load_pytorch3d import PyTorch3D
from render.rasterize.whole import rasterize_panels
from render.sheet import staging
from render.types.buffer import Layout, Visibility
from render.types.fragments import DenseFragments, Fragments
from render.types.placements import Placements
from tests.helpers.drawing import make_placements, require_pytorch3d
from tests.helpers.oracle import barycentric

# Width and height, of panels that are not square, because PyTorch3D's coordinates go by the shorter side.
SIZE = (48, 31)


def triangles(seed: int, count: int = 25) -> np.ndarray:
    """Triangles in and around a picture of SIZE, in perspective, (3 count, 4) as in `Draws`; no slivers."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform([-4, -4], [SIZE[0] + 4, SIZE[1] + 4], (count, 1, 2))
    turn = rng.uniform(0, 2 * np.pi, (count, 1)) + np.array([0, 2, 4])
    xy = middle + rng.uniform(2, 14, (count, 1, 1)) * np.stack([np.cos(turn), np.sin(turn)], 2)
    z = rng.uniform(1.5, 4, 3 * count)
    return np.column_stack([xy.reshape(-1, 2), z, 1 / z])


def draw(
    panel: list[int], sizes: list[tuple[int, int]], bits: int = 0
) -> tuple[Placements, Layout, Visibility]:
    verts = np.stack([triangles(seed) for seed in range(len(panel))])
    verts[..., :2] *= 2**bits
    placements = make_placements(verts, np.arange(verts.shape[1]).reshape(-1, 3), panel=panel)
    return placements, *rasterize_panels(placements, sizes, bits)


@pytest.fixture
def drawn() -> tuple[Placements, Fragments]:
    """Two panels of SIZE with two draws each, and one with none."""
    placements, layout, visibility = draw([0, 0, 2, 2], [SIZE] * 3)
    return placements, read_fragments(placements, layout, visibility)


def edge_px2(corners: np.ndarray, x: int, y: int) -> float:
    """Squared distance of the centre of a pixel from the nearest edge of a face, (3, 2) or more."""
    point, distances = np.array([x + 0.5, y + 0.5]), []
    for start, end in zip(corners[:, :2], np.roll(corners, -1, 0)[:, :2], strict=True):
        along = end - start
        share = np.clip((point - start) @ along / (along @ along), 0, 1)
        distances.append(((point - start - share * along) ** 2).sum())
    return min(distances)


def equal(a: Any, b: Any) -> None:
    """The same bits in all fields."""
    for field in fields(a):
        ours, theirs = getattr(a, field.name), getattr(b, field.name)
        if isinstance(ours, torch.Tensor):
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=field.name)
        else:
            assert ours == theirs, field.name


# --- Dense, as PyTorch3D has them ---


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
    placements, layout, visibility = draw([0, 0, 1, 2], [SIZE] * 3, bits)
    fragments = read_fragments(placements, layout, visibility)
    back = Fragments.from_pytorch3d(fragments.to_pytorch3d(), fragments.face_count)
    order = np.lexsort([fragments.pixel[:, 0], fragments.pixel[:, 1], fragments.panel])
    columns = [name for name in Fragments.SHAPES if name not in ("size_px", "edge_px2")]
    ordered = replace(fragments, **{name: getattr(fragments, name)[order] for name in columns})
    # Scaled to other units and back.
    torch.testing.assert_close(back.edge_px2, fragments.edge_px2[order], rtol=1e-6, atol=0)
    equal(replace(ordered, edge_px2=back.edge_px2), back)
    assert back.size_px.tolist() == [[SIZE[0] << bits, SIZE[1] << bits]] * 3
    again = back.to_pytorch3d()
    torch.testing.assert_close(again.dists, fragments.to_pytorch3d().dists, rtol=1e-6, atol=0)
    equal(replace(again, dists=fragments.to_pytorch3d().dists), fragments.to_pytorch3d())


def test_panels_of_different_sizes_are_refused_by_name():
    placements, layout, visibility = draw([0, 1], [SIZE, (20, 30)])
    with pytest.raises(ValueError, match=r"to_pytorch3d: expected panels of one size, found 20x30, 48x31"):
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


@pytest.mark.parametrize("panels", [0, 2])
def test_nothing_there_and_back(drawn, panels):
    fragments = drawn[1]
    columns = [name for name in Fragments.SHAPES if name != "size_px"]
    none = replace(
        fragments,
        **{name: getattr(fragments, name)[:0] for name in columns},
        size_px=fragments.size_px[:panels],
    )
    dense = none.to_pytorch3d()
    assert dense.pix_to_face.shape == ((2, SIZE[1], SIZE[0], 1) if panels else (0, 0, 0, 1))
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
        torch.testing.assert_close(grad, torch.full_like(leaf, scale[name]))
    dense = fragments.to_pytorch3d()
    leaves = {name: getattr(dense, name).clone().requires_grad_() for name in sparse_names.values()}
    back = Fragments.from_pytorch3d(replace(dense, **leaves), fragments.face_count)
    is_on = dense.pix_to_face >= 0
    for name, dense_name in sparse_names.items():
        leaf = leaves[dense_name]
        (grad,) = torch.autograd.grad(getattr(back, name).sum(), leaf)
        assert (grad[~is_on] == 0).all()
        torch.testing.assert_close(grad[is_on], torch.full_like(leaf[is_on], 1 / scale[name]))


# --- Against PyTorch3D's own ---


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
    torch.testing.assert_close(
        ours.zbuf[..., 0][same] * factor, theirs.zbuf[..., 0][same], rtol=1e-4, atol=0, check_dtype=False
    )
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
    library: PyTorch3D, placements: Placements, size: tuple[int, int], panels: int, is_perspective: bool
):
    """A mesh for each panel, of its draws joined, as `to_pytorch3d` asks for; and who sees them."""
    view = to_ndc(placements, size)
    if is_perspective:
        view = torch.cat([view[..., :2] * view[..., 2:], view[..., 2:]], 2)
    verts, faces = [], []
    for panel in range(panels):
        own = view[placements.panel == panel]
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
    torch.testing.assert_close(ours.dists[..., 0][same], theirs.dists[..., 0][same], rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("is_perspective", [False, True])
@pytest.mark.parametrize("size", [SIZE, SIZE[::-1], (40, 40)])
def test_all_fields_are_those_of_pytorch3d(library, is_perspective, size):
    """Of two draws on one panel, none on another and one on a third."""
    verts = np.stack([triangles(seed) for seed in range(3)])
    if not is_perspective:
        verts[..., 3] = 1
    placements = make_placements(verts, np.arange(verts.shape[1]).reshape(-1, 3), panel=[0, 0, 2])
    fragments = read_fragments(placements, *rasterize_panels(placements, [size] * 3))
    ours = fragments.to_pytorch3d()
    meshes, cameras = make_meshes(library, placements, size, 3, is_perspective)
    theirs = draw_bare(library, meshes, cameras, size)
    same = assert_close_to_pytorch3d(ours, theirs)
    assert same.sum() > 1000
    assert_same_distances(ours, theirs, same)
    back = Fragments.from_pytorch3d(theirs, fragments.face_count)
    assert torch.equal(back.panel.unique(), torch.tensor([0, 2], dtype=torch.int32))
    # All panels have their draws: 0 and 1 on the first.
    assert torch.equal(placements.panel[back.placement.long()], back.panel)


class Shading(NamedTuple):
    """Two bodies on one panel and one on another, as PyTorch3D has them, and both fragments of them."""

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
    placements = make_placements(verts, faces, panel=[0, 0, 1])
    fragments = read_fragments(placements, *rasterize_panels(placements, [size] * 2))
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
    torch.testing.assert_close(grads[1], grads[0], rtol=1e-4, atol=1e-5)


# --- As keys ---


SIZES = [(48, 31), (20, 30), (33, 7)]


def split(placements: Placements, bits: int, small: int, large: int) -> list:
    rows = PanelRows(np.array(SIZES), np.full(3, bits), placements.panel.numpy(), len(placements.faces))
    return list(rows.split(range(3), small, large))


@pytest.mark.parametrize(
    ("bits", "small", "large", "count"),
    [
        (0, 10**9, 10**9, 1),
        (0, 1, 10**9, 3),
        (0, 1, 1, 68),
        (1, 10**9, 10**9, 1),
        (1, 1, 3000, 5),
        (2, 1, 1, 68),
    ],
)
def test_keys_of_fragments_are_those_they_came_from(bits, small, large, count):
    """And their fragments the same bits, in any order and in any chunks."""
    placements, layout, visibility = draw([0, 0, 1, 2], SIZES, bits)
    fragments = read_fragments(placements, layout, visibility)
    shuffled = torch.randperm(len(fragments.face), generator=torch.Generator().manual_seed(0))
    columns = [name for name in Fragments.SHAPES if name != "size_px"]
    mixed = replace(fragments, **{name: getattr(fragments, name)[shuffled] for name in columns})
    nearest, found, ids = FragmentKeys(mixed, placements, layout), [], []
    chunks = split(placements, bits, small, large)
    for chunk in chunks:
        # Buffers are made for the largest chunk of a batch.
        keys = torch.full((len(chunk.samples) + 50,), Visibility.EMPTY)
        nearest.fill(chunk, keys)
        assert (keys[len(chunk.samples) :] == Visibility.EMPTY).all()
        ids.append(keys[: len(chunk.samples)])
        found.append(read_fragments(placements, layout, Visibility(keys, chunk)))
    whole = torch.cat(ids)
    assert torch.equal(whole == Visibility.EMPTY, visibility.keys == Visibility.EMPTY)
    assert torch.equal(whole & 0xFFFFFFFF, visibility.keys & 0xFFFFFFFF)
    equal(
        replace(found[0], **{name: torch.cat([getattr(part, name) for part in found]) for name in columns}),
        fragments,
    )
    assert len(fragments.face) > 1000 * 4**bits
    assert len(chunks) == count


def test_the_nearer_of_fragments_and_buffer_stays():
    """Fragments of two draws over a buffer that holds two others are what all four together are."""
    placements, layout, together = draw([0, 0, 0, 0], [SIZE])
    parts = []
    for seen in ([0, 1], [2, 3]):
        hidden = torch.ones(4, dtype=torch.bool)
        hidden[seen] = False
        verts = placements.verts.clone()
        verts[hidden] = torch.nan
        parts.append(rasterize_panels(replace(placements, verts=verts), [SIZE])[1])
    fragments = read_fragments(placements, layout, parts[1])
    fragments = replace(fragments, depth=fragments.depth.requires_grad_())
    FragmentKeys(fragments, placements, layout).fill(together.chunk, parts[0].keys)
    assert torch.equal(parts[0].keys & 0xFFFFFFFF, together.keys & 0xFFFFFFFF)
    ids = together.keys[together.keys != Visibility.EMPTY] & 0xFFFFFFFF
    assert set((ids // len(placements.faces)).tolist()) == {0, 1, 2, 3}


def test_depths_of_either_sign_are_in_order():
    """Orthographic depth has no zero."""
    triangle = np.array([[1, 1], [9, 1], [1, 9]], float)
    verts = np.stack([np.column_stack([triangle, np.full(3, z)]) for z in (2.0, -3.0, -1.0)])
    placements = make_placements(verts, [[0, 1, 2]])
    layout, visibility = rasterize_panels(placements, [(10, 10)])
    one = read_fragments(placements, layout, visibility)
    three = replace(
        one,
        **{
            name: torch.cat([getattr(one, name)] * 3)
            for name in ("pixel", "panel", "face", "bary", "edge_px2")
        },
        draw=torch.arange(3, dtype=torch.int32).repeat_interleave(len(one.face)),
        depth=torch.tensor([2.0, -3.0, -1.0]).repeat_interleave(len(one.face)),
    )
    keys = torch.full_like(visibility.keys, Visibility.EMPTY)
    FragmentKeys(three, placements, layout).fill(visibility.chunk, keys)
    assert set((keys[keys != Visibility.EMPTY] & 0xFFFFFFFF).tolist()) == {1}


def changed(fragments: Fragments, name: str, index: tuple, value: int) -> Fragments:
    column = getattr(fragments, name).clone()
    column[index] = value
    return replace(fragments, **{name: column})


@pytest.mark.parametrize("bits", [0, 1])
@pytest.mark.parametrize(
    ("name", "index", "value", "message"),
    [
        ("panel", (5,), -1, "fragment 5 has panel -1"),
        ("panel", (5,), 3, "fragment 5 has panel 3"),
        ("placement", (6,), -1, "fragment 6 has placement -1"),
        ("placement", (6,), 4, "fragment 6 has placement 4"),
        ("face", (7,), -1, "fragment 7 has face -1"),
        ("face", (7,), 25, "fragment 7 has face 25"),
        ("pixel", (8, 0), -1, "fragment 8 has pixel x -1"),
        ("pixel", (8, 0), SIZES[0][0], "fragment 8 has pixel x {}"),
        ("pixel", (8, 1), -1, "fragment 8 has pixel y -1"),
        ("pixel", (8, 1), SIZES[0][1], "fragment 8 has pixel y {}"),
        # The last is on a panel that is narrower and lower than the first.
        ("pixel", (-1, 0), SIZES[2][0], "has pixel x {}"),
        ("pixel", (-1, 1), SIZES[2][1], "has pixel y {}"),
    ],
)
def test_fragments_out_of_range_are_refused(bits, name, index, value, message):
    placements, layout, visibility = draw([0, 0, 1, 2], SIZES, bits)
    fragments = read_fragments(placements, layout, visibility)
    if "{}" in message:
        value <<= bits
    keys = torch.full_like(visibility.keys, Visibility.EMPTY)
    with pytest.raises(ValueError, match=message.format(value)):
        FragmentKeys(changed(fragments, name, index, value), placements, layout).fill(visibility.chunk, keys)
    assert (keys == Visibility.EMPTY).all()


def test_fragments_of_other_draws_are_refused():
    placements, layout, visibility = draw([0, 0, 1, 2], SIZES)
    fragments = read_fragments(placements, layout, visibility)
    with pytest.raises(ValueError, match="expected draws of 25 faces, found 24"):
        FragmentKeys(replace(fragments, face_count=24), placements, layout)
    # Draw 3 is on panel 2.
    with pytest.raises(ValueError, match=r"^fragments: .*draw 3"):
        FragmentKeys(changed(fragments, "placement", (0,), 3), placements, layout)


def test_fragments_of_panels_of_other_sizes_are_refused():
    """Also where all their pixels are in those that are drawn."""
    placements, layout, visibility = draw([0, 0, 1, 2], SIZES)
    fragments = read_fragments(placements, layout, visibility)
    with pytest.raises(ValueError, match=r"^fragments: "):
        FragmentKeys(changed(fragments, "size_px", (0, 0), 47), placements, layout)
    with pytest.raises(ValueError, match=r"^fragments: "):
        FragmentKeys(replace(fragments, size_px=fragments.size_px[:2]), placements, layout)


def test_fragments_beside_what_is_drawn_do_not_show_elsewhere(monkeypatch):
    """PyTorch3D's blur has fragments beside a body, where a panel is not read. Chunks share a buffer."""
    monkeypatch.setitem(staging.SMALL_CHUNK, "cpu", 1)
    narrow = [[0, 0, 0], [0.2, 0, 0], [0.2, 1, 0], [0, 1, 0]]
    wide = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]]
    bodies = make_bodies([narrow, wide], [[0, 2, 1], [0, 3, 2]])
    sheets = build_sheets(bodies, ["camera/geo/black"], size_px=(20, 20))
    fragments = rasterize_sheets(sheets)
    expected = shade_sheets(sheets, fragments)
    one = {
        "pixel": [[3, 15]],
        "panel": [0],
        "placement": [0],
        "face": [0],
        "bary": [[1.0, 0.0, 0.0]],
        "depth": [-9.0],
        "edge_px2": [-9.0],
    }
    more = {
        name: torch.cat([getattr(fragments, name), torch.tensor(value, dtype=getattr(fragments, name).dtype)])
        for name, value in one.items()
    }
    found = shade_sheets(sheets, replace(fragments, **more))
    np.testing.assert_array_equal(found[1], expected[1])
