"""From the photo's camera each vertex is seen where the renderer draws it, whatever camera a file has."""

from itertools import pairwise

import numpy as np
import pytest

from render import build_sheets, make_bodies
from render.errors import SheetError
from render.fits.build import assemble
from render.fits.cameras import PhotoCameras, framed, join_cameras, pinhole, weak_perspective
from render.sheet.photo_cameras import find_cameras
from render.types.fits import Fits, Unit
from render.types.sources import Meshes
from render.viewer.stages.lens import Lens, find_view_rad
from render.viewer.stages.place import WEAK_DISTANCE_M, Placed, place_bodies
from tests.helpers.viewed import project

WIDTH, HEIGHT = 640, 480
# Corners of boxes, as good as bodies: none of them is a plane.
FACES = np.array([[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 5], [2, 6, 7]], np.int32)
CORNERS = np.array([[x, y, z] for x in (-0.3, 0.3) for y in (-0.9, 0.9) for z in (-0.2, 0.25)])


def make_verts(count: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    return (CORNERS * rng.uniform(0.8, 1.2, (count, 1, 3)) + rng.normal(0, 0.05, (count, 8, 3))).astype(
        np.float32
    )


def see(cameras: PhotoCameras) -> tuple[Placed, np.ndarray, np.ndarray]:
    """Where people stand; (N, 8, 2) where the renderer draws them, and how deep, which orders them."""
    count = len(cameras.scale)
    verts = make_verts(count)
    fits = assemble("meshes", ["a.png"] * count, Meshes("", FACES, verts), cameras)
    found = find_cameras(fits, np.array([0, count]), np.array([[HEIGHT, WIDTH]]))
    placed = place_bodies(found, list(verts), list(range(count)))
    return placed, *draw(fits, verts)


def draw(fits: Fits, verts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    photo = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    sheets = build_sheets(
        make_bodies(verts, FACES), ["camera/mask"], photos=[photo], fits=fits, people="together"
    )
    drawn = sheets.staged.placements.verts.numpy()
    return drawn[..., :2], drawn[..., 2]


WEAK = weak_perspective([150, 90, 151], [[200, 240], [420, 200], [260, 250]])
ONE_EYE = pinhole([500.0] * 2, [[310.0, 250.0]] * 2, [[0.2, 0, 4], [-0.5, 0.1, 6]], is_metric=True)
# Each has a camera of a crop, as NeuralAnnot and CLIFF have them.
OWN_EYES = pinhole(
    [900.0, 5000.0], [[300.0, 250.0], [330, 200]], [[0.2, 0, 6], [-0.5, 0.1, 50]], is_metric=False
)
WIDE_PIXELS = pinhole([[520.0, 500.0]], [[320.0, 240.0]], [[0.1, 0, 3]], is_metric=True)
IN_SIDES = weak_perspective([0.2], [[0.1, -0.05]], Unit.SIDE)


@pytest.mark.parametrize(
    "cameras",
    [WEAK, ONE_EYE, OWN_EYES, WIDE_PIXELS, IN_SIDES, join_cameras([WEAK, OWN_EYES])],
    ids=["weak", "shared", "own", "wide", "sides", "mixed"],
)
def test_vertices_are_where_the_renderer_draws_them(cameras):
    placed, drawn_px, _ = see(cameras)
    assert placed.lens is not None
    for verts, expected in zip(placed.verts, drawn_px, strict=True):
        # The renderer's own are float32 of a few hundred pixels.
        np.testing.assert_allclose(project(placed.lens, verts), expected, atol=0.01)


@pytest.mark.parametrize(
    "cameras", [WEAK, OWN_EYES, join_cameras([WEAK, OWN_EYES])], ids=["weak", "own", "mixed"]
)
def test_whoever_is_drawn_in_front_stands_in_front_whole(cameras):
    placed, _, depth = see(cameras)
    order = np.argsort([one.mean() for one in depth])
    ends = [(placed.verts[k][:, 2].min(), placed.verts[k][:, 2].max()) for k in order]
    assert all(before[1] < after[0] for before, after in pairwise(ends))


def test_people_of_one_camera_stand_where_the_file_has_them():
    placed, *_ = see(ONE_EYE)
    expected = make_verts(2) + np.array([[[0.2, 0, 4]], [[-0.5, 0.1, 6]]])
    np.testing.assert_allclose(np.stack(placed.verts), expected, atol=1e-6)


def test_weak_perspective_is_seen_from_far_off_and_keeps_its_shape():
    placed, *_ = see(weak_perspective([120.0], [[320, 240]]))
    (verts,), expected = placed.verts, make_verts(1)[0]
    middle = (verts.min(0) + verts.max(0)) / 2
    assert middle[2] == pytest.approx(WEAK_DISTANCE_M)
    # As deep as it is, and as wide but for the perspective of a quarter of a metre at ten.
    np.testing.assert_allclose(np.ptp(verts[:, 2]), np.ptp(expected[:, 2]), rtol=1e-6)
    np.testing.assert_allclose(verts[:, :2], expected[:, :2], atol=0.04 * np.abs(expected[:, :2]).max())


def test_who_is_half_as_large_stands_twice_as_far_off_and_is_as_tall():
    placed, *_ = see(weak_perspective([200.0, 100.0], [[200, 240], [420, 240]]))
    near, far = ((one[:, 2].max() + one[:, 2].min()) / 2 for one in placed.verts)
    assert far == pytest.approx(2 * near)
    tall = [
        np.ptp(one[:, 1]) / np.ptp(verts[:, 1])
        for one, verts in zip(placed.verts, make_verts(2), strict=True)
    ]
    np.testing.assert_allclose(tall, 1, atol=0.03)


def test_somebody_a_pixel_high_is_not_lost_in_the_distance():
    placed, *_ = see(weak_perspective([200.0, 0.01], [[200, 240], [420, 240]]))
    assert placed.verts[1][:, 2].max() < 25 * WEAK_DISTANCE_M


def test_people_without_a_camera_stand_where_they_are():
    placed, *_ = see(framed(2))
    assert placed.lens is None
    np.testing.assert_array_equal(np.stack(placed.verts), make_verts(2).astype(np.float64))


@pytest.mark.parametrize(
    ("cameras", "said"),
    [
        (pinhole([500.0], [[320.0, 240.0]], [[0, 0, -4]], is_metric=True), "row 0: its body is behind"),
        (
            join_cameras([WEAK, pinhole([500.0], [[0.0, 0]], [[0, 0, 0.1]], is_metric=True)]),
            "row 3: .*behind",
        ),
        (weak_perspective([-1.0], [[0, 0]]), "row 0: its camera is nowhere"),
    ],
)
def test_a_body_that_nobody_can_see_is_named(cameras, said):
    count = len(cameras.scale)
    verts = make_verts(count)
    fits = assemble("meshes", ["a.png"] * count, Meshes("", FACES, verts), cameras)
    found = find_cameras(fits, np.array([0, count]), np.array([[HEIGHT, WIDTH]]))
    with pytest.raises(SheetError, match=said):
        place_bodies(found, list(verts), list(range(count)))


def test_a_body_that_is_nowhere_is_named():
    found = find_cameras(
        assemble("meshes", ["a.png"], Meshes("", FACES, make_verts(1)), framed(1)),
        np.array([0, 1]),
        np.array([[HEIGHT, WIDTH]]),
    )
    with pytest.raises(SheetError, match="row 7: its vertices are beyond all numbers"):
        place_bodies(found, [np.full((8, 3), np.nan)], [7])


def test_the_whole_photo_is_in_view_in_windows_of_any_shape():
    lens = Lens(500.0, (320.0, 240.0), (640, 480))
    across, along = lens.half_view
    assert (across, along) == pytest.approx((320 / 500, 240 / 500))
    assert find_view_rad(lens.half_view, 2.0) == pytest.approx(2 * np.arctan(240 / 500))
    assert find_view_rad(lens.half_view, 0.5) == pytest.approx(2 * np.arctan(2 * 320 / 500))


@pytest.mark.parametrize("princpt", [(100.0, 400.0), (-900.0, 240.0)], ids=["aside", "outside"])
def test_a_photo_that_is_cut_out_of_another_is_in_view(princpt):
    lens = Lens(500.0, princpt, (640, 480))
    gaze, (across, along) = lens.gaze, lens.half_view
    corners = lens.unproject(np.array([[0, 0], [640, 480], [640, 0], [0, 480]]), 3.0)
    right = np.cross([0, 1, 0], gaze)
    right /= np.linalg.norm(right)
    seen = np.stack([corners @ right, corners @ np.cross(gaze, right)], 1) / (corners @ gaze)[:, None]
    assert (np.abs(seen) <= np.array([across, along]) + 1e-9).all()
    np.testing.assert_allclose(project(lens, corners), [[0, 0], [640, 480], [640, 0], [0, 480]], atol=1e-9)
