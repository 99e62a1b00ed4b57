"""The visibility kernel: against its numpy twin, and by what must hold for any mesh."""

import numpy as np
import pytest
import torch

from render.rasterize.backends.warp import Rasterizer
from render.rasterize.buffer import allocate_visibility
from render.rasterize.buffer_layout import ShotRows, lay_out
from render.rasterize.project import project
from render.rasterize.whole import rasterize_shots
from render.types.bodies import Bodies
from render.types.buffer import Visibility
from render.types.placements import Cameras
from tests.helpers.drawing import face_picture, make_placements
from tests.helpers.oracle import visible_faces
from tests.helpers.random_bodies import random_bodies

FIRST = torch.zeros(1, dtype=torch.int32)


def random_soup(seed: int, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Triangles of all sizes in and around a 40 x 30 picture, some of them slivers, some degenerate."""
    rng = np.random.default_rng(seed)
    center = rng.uniform([-5, -5, 10], [45, 35, 90], (count, 1, 3))
    spread = rng.choice([0.2, 1, 4, 20], (count, 1, 1))
    verts = center + rng.normal(size=(count, 3, 3)) * spread
    verts[:4, 2] = verts[:4, 1]
    # Vertices on pixel centres and whole pixels are where the top-left rule decides.
    verts[4:20, :, :2] = np.round(verts[4:20, :, :2] * 2) / 2
    return verts.reshape(1, -1, 3), np.arange(3 * count).reshape(-1, 3)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cull", [False, True])
def test_agrees_with_numpy(seed, cull):
    verts, faces = random_soup(seed)
    placements = make_placements(verts, faces, cull=cull)
    expected = visible_faces(placements.verts[0].numpy(), faces, (30, 40), cull)
    np.testing.assert_array_equal(face_picture(placements, (30, 40))[0], expected)


@pytest.mark.parametrize("shift", [0, 0.5, 1 / 3])
def test_a_quad_has_no_seam_and_no_overlap(shift):
    """Two halves of a rectangle: each pixel belongs to exactly one, whichever way the shared edge runs."""
    for corners in ([0, 1, 2, 3], [1, 2, 3, 0]):
        quad = np.array([[2, 2], [12, 2], [12, 9], [2, 9]])[corners] + shift
        verts = np.concatenate([quad, np.full((4, 1), 5.0)], 1)[None]
        halves = [
            face_picture(make_placements(verts, [face]), (16, 16))[0] >= 0 for face in ([0, 1, 2], [0, 2, 3])
        ]
        assert not (halves[0] & halves[1]).any()
        assert (halves[0] | halves[1]).sum() == 70


@pytest.mark.parametrize(("width", "height"), [(4, 3), (20, 3), (4, 20), (20, 20)])
def test_top_left_rule(width, height):
    """A rectangle with its border on pixel centres has the pixels of its top and left border only.

    Faces of more than eight pixels are gone through in another way, and must not differ.
    """
    right, bottom = 2.5 + width, 2.5 + height
    quad = np.array([[[2.5, 2.5, 1], [right, 2.5, 1], [right, bottom, 1], [2.5, bottom, 1]]])
    covered = face_picture(make_placements(quad, [[0, 1, 2], [0, 2, 3]]), (30, 30))[0] >= 0
    rows, columns = np.nonzero(covered)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (2, 2 + height, 2, 2 + width)
    assert covered.sum() == width * height


def test_ties_go_to_the_lower_id():
    triangle = np.array([[[1, 1, 3], [9, 1, 3], [1, 9, 3]]], float)
    placements = make_placements(triangle.repeat(2, 0), [[0, 1, 2], [0, 1, 2]])
    picture = face_picture(placements, (10, 10))[0]
    assert set(np.unique(picture)) == {-1, 0}


def test_negative_depths_are_in_order():
    triangle = np.array([[1, 1], [9, 1], [1, 9]], float)
    verts = np.stack([np.column_stack([triangle, np.full(3, z)]) for z in (2.0, -3.0, -1.0)])
    picture = face_picture(make_placements(verts, [[0, 1, 2]]), (10, 10))[0]
    assert set(np.unique(picture)) == {-1, 1}


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e9])
def test_faces_that_cannot_be_placed_are_dropped_whole(bad):
    verts = np.array([[[1, 1, 3], [9, 1, 3], [1, 9, 3], [bad, 9, 3]]])
    placements = make_placements(verts, [[0, 1, 2], [1, 2, 3]])
    assert set(np.unique(face_picture(placements, (10, 10))[0])) == {-1, 0}


def test_faces_across_the_near_plane_are_dropped_whole():
    verts = torch.tensor([[[-1.0, -1, 4], [1, -1, 4], [-1, 1, 4], [1, 1, -2]]])
    faces = torch.tensor([[0, 1, 2], [1, 3, 2]], dtype=torch.int32)
    eye = torch.eye(3)[None]
    cameras = Cameras(
        eye, torch.zeros(1, 3), torch.tensor([40.0]), torch.tensor([[20.0, 20.0]]), eye, FIRST, torch.zeros(1)
    )
    placements = project(Bodies(verts, verts, torch.zeros(1, 1, 3), faces), cameras, FIRST, FIRST, FIRST)
    assert set(np.unique(face_picture(placements, (40, 40))[0])) == {-1, 0}


def test_perspective_depth_is_exact():
    """A plane tilted away from the eye: the depth at each pixel follows from the ray through it."""
    verts = torch.tensor([[[-2.0, -1, 2], [2, -1, 2], [-4, 2, 8], [4, 2, 8]]])
    faces = torch.tensor([[0, 1, 2], [1, 3, 2]], dtype=torch.int32)
    eye, focal = torch.eye(3)[None], 50.0
    cameras = Cameras(
        eye,
        torch.zeros(1, 3),
        torch.tensor([focal]),
        torch.tensor([[50.0, 50.0]]),
        eye,
        FIRST,
        torch.zeros(1),
    )
    placements = project(Bodies(verts, verts, torch.zeros(1, 1, 3), faces), cameras, FIRST, FIRST, FIRST)
    _, fragments, at = face_picture(placements, (100, 100))
    # The plane is z = 4 + 2 y, the ray of a pixel y = z * v.
    v = (at[:, 0] + 0.5 - 50) / focal
    np.testing.assert_allclose(fragments.depth.numpy(), 4 / (1 - 2 * v), rtol=1e-5)
    assert len(at) > 500


def test_watertight(demo_body):
    """No pixel inside the silhouette of a closed body is uncovered.

    Inside a silhouette means that a ray through the pixel enters and leaves the body. Counted in the body's
    own faces: without culling, front faces alone and back faces alone must cover the very same pixels.
    """
    verts, faces = random_bodies(demo_body, 50)
    for body in verts:
        front = face_picture(make_placements(body[None], faces, cull=True), (200, 200))[0] >= 0
        back = face_picture(make_placements(body[None], faces[:, [0, 2, 1]], cull=True), (200, 200))[0] >= 0
        np.testing.assert_array_equal(front, back)
        assert front.sum() > 1000


def test_visibility_is_the_same_bits_in_any_batch(demo_body):
    verts, faces = random_bodies(demo_body, 6)
    layout, together = rasterize_shots(make_placements(verts, faces, shot=list(range(6))), [(200, 200)] * 6)
    depth = together.keys >> 32
    for i in range(6):
        _, alone = rasterize_shots(make_placements(verts[i : i + 1], faces), [(200, 200)])
        part = slice(int(layout.start[i]), int(layout.start[i + 1]))
        covered = alone.keys != Visibility.EMPTY
        assert torch.equal(covered, together.keys[part] != Visibility.EMPTY)
        assert torch.equal((alone.keys >> 32)[covered], depth[part][covered])
        face = (together.keys[part] & 0xFFFFFFFF) - i * len(faces)
        assert torch.equal((alone.keys & 0xFFFFFFFF)[covered], face[covered])


@pytest.mark.parametrize("bits", [0, 2])
@pytest.mark.parametrize(("small", "large"), [(1, 1), (3000, 3000), (200_000, 4000), (10**9, 10**9)])
def test_chunks_together_are_the_whole(demo_body, bits, small, large):
    """However the buffer is split, between shots or between the rows of one, its keys are the same."""
    verts, faces = random_bodies(demo_body, 4)
    verts[..., :2] *= 0.2 * 2**bits
    placements = make_placements(verts, faces, shot=[0, 1, 1, 2], cull=True)
    sizes = [(40, 37), (44, 40), (39, 41)]
    _, whole = rasterize_shots(placements, sizes, bits)
    rows = ShotRows(np.array(sizes), np.full(3, bits), placements.shot.numpy(), len(faces))
    rasterizer, parts = Rasterizer(placements, lay_out(placements, rows)), []
    chunks = list(rows.split(range(3), small, large))
    for chunk in chunks:
        part = allocate_visibility(chunk, torch.device("cpu"))
        rasterizer.open(bits > 0, part.keys)(chunk)
        parts.append(part.keys)
    assert torch.equal(torch.cat(parts), whole.keys)
    assert [row for chunk in chunks for row in chunk.rows] == list(range(37 + 40 + 41))
    assert (whole.keys != Visibility.EMPTY).sum() > 500
    if small == 1:
        assert len(chunks) == 37 + 40 + 41


def test_a_shot_keeps_to_its_rectangle():
    triangle = np.array([[[-50, -50, 1], [150, -50, 1], [-50, 150, 1]]], float)
    placements = make_placements(triangle.repeat(2, 0), [[0, 1, 2]], shot=[0, 1])
    layout, visibility = rasterize_shots(placements, [(10, 8), (5, 4)])
    assert layout.rect.tolist() == [[0, 0, 10, 8], [0, 0, 5, 4]]
    covered = (visibility.keys != Visibility.EMPTY).nonzero()[:, 0].tolist()
    (first, second), (stride, narrow) = layout.start[:2].tolist(), layout.stride.tolist()
    expected = [first + stride * y + x for y in range(8) for x in range(10)]
    assert covered == expected + [second + narrow * y + x for y in range(4) for x in range(5)]


def test_a_shot_without_bodies_has_nothing_to_read():
    triangle = np.array([[[50, 50, 1], [60, 50, 1], [50, 60, 1]]], float)
    placements = make_placements(triangle, [[0, 1, 2]], shot=[1])
    layout, visibility = rasterize_shots(placements, [(10, 10), (10, 10)])
    assert (layout.rect[:, 2] * layout.rect[:, 3]).tolist() == [0, 0]
    assert (visibility.keys == Visibility.EMPTY).all()


def test_placements_out_of_order_are_refused():
    triangle = np.array([[[1, 1, 1], [6, 1, 1], [1, 6, 1]]], float).repeat(2, 0)
    with pytest.raises(ValueError, match="order of their shots"):
        rasterize_shots(make_placements(triangle, [[0, 1, 2]], shot=[1, 0]), [(10, 10)] * 2)


def test_more_ids_than_32_bits_hold_are_refused():
    with pytest.raises(ValueError, match="do not fit 32-bit ids: split the batch"):
        ShotRows(np.array([[9, 9]]), np.zeros(1), np.zeros(400_000, int), 13_776)
