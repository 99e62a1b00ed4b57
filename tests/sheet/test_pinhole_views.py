"""Bodies that pinholes see: where their vertices land on panels, and who is in front of whom."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.body.fit_bodies import FitBodies, list_posing
from render.body.mesh_body import MeshBody
from render.compute.transfer import DeviceQueue
from render.fits.cameras import join_cameras, pinhole, weak_perspective
from render.rasterize.project import project
from render.sheet.cameras import frame_cameras
from render.sheet.framing import find_crops, lacks_crops, list_placements, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.fits import Fits
from tests.helpers.made_meshes import FACES
from tests.helpers.seen_people import make_seen

CPU = torch.device("cpu")
HW = (600, 800)
# Float32 of the kernels: numbers of up to 1e3 px have steps of 6e-5 px, and a few of them add up.
CLOSE_PX = 1e-3
# Bodies of a person's size that are in no way alike from one side to the other.
VERTS = np.random.default_rng(3).uniform([-0.5, -0.9, -0.4], [0.6, 0.8, 0.3], (3, 4, 3)).astype(np.float32)


class Seen(NamedTuple):
    """A person on a panel: x, y and depth in the order of the vertices."""

    row: int
    xy: np.ndarray
    depth: np.ndarray


def draw(fits: Fits, sheets: list[tuple[tuple[int, ...], tuple[str, ...]]], hw=HW) -> dict[str, list[Seen]]:
    """Who is where on the panels, by sheet and view."""
    laid_out = [
        lay_out_sheet(
            str(i), None, hw, tuple(parse_panel(f"{view}/geo/white") for view in views), who, columns=9
        )
        for i, (who, views) in enumerate(sheets)
    ]
    batch = make_batch(fits, laid_out)
    people = FitBodies([MeshBody("mesh", torch.from_numpy(FACES), 4)] * len(fits.sources))
    groups = people.prepare(batch.fits, DeviceQueue(CPU))
    for task in list_posing(groups, is_one_task=True):
        task()
    bodies = people.join(groups, batch.fits)
    if lacks_crops(batch):
        batch = find_crops(batch, bodies)
    listed = list_placements(batch)
    body, shot = torch.from_numpy(listed.body), torch.from_numpy(listed.shot)
    cameras = frame_cameras(batch, bodies, None, listed, body).cameras
    bits = torch.zeros(len(batch.shots), dtype=torch.int32)
    verts = project(bodies, cameras, body, shot, bits).verts.numpy()
    # Shots of one mode stay in the order of the sheets.
    views = [f"{i} {view}" for i, (_, views) in enumerate(sheets) for view in views]
    found: dict[str, list[Seen]] = {view: [] for view in views}
    for k, row, placed in zip(listed.shot, listed.row, verts, strict=True):
        assert (placed[:, 3] > 0).all(), "a vertex behind the eye"
        found[views[k]].append(
            Seen(int(row), placed[:, :2].astype(np.float64), placed[:, 2].astype(np.float64))
        )
    return found


def see(verts, focal, center, transl_m, rotation=None):
    """x = fx X / Z + cx of R v + T, in doubles."""
    q = np.asarray(verts, np.float64) @ (np.eye(3) if rotation is None else rotation).T + transl_m
    return center + np.array(focal) * q[:, :2] / q[:, 2:]


FOCAL, CENTER = np.array([700.0, 560.0]), np.array([431.5, 222.25])
TURN = Rotation.from_rotvec([0.3, -0.7, 0.2]).as_matrix()
BOX = np.array([[250.0, 100.0, 320.0]])


@pytest.mark.parametrize("is_metric", [True, False])
@pytest.mark.parametrize("rotation", [None, TURN], ids=["upright", "turned"])
def test_vertices_land_where_the_pinhole_has_them_on_the_photo_and_on_its_crop(is_metric, rotation):
    """With two focal lengths, a principal point that is off the centre, R and T."""
    transl = np.array([[0.4, -0.3, 3.5]])
    camera = pinhole(
        FOCAL[None], CENTER, transl, None if rotation is None else rotation[None], is_metric=is_metric
    )
    found = draw(make_seen(camera, VERTS[:1], box_px=BOX), [((0,), ("camera", "crop:2"))])
    expected = see(VERTS[0], FOCAL, CENTER, transl[0], rotation)
    np.testing.assert_allclose(found["0 camera"][0].xy, expected, rtol=0, atol=CLOSE_PX)
    on_crop = (expected - BOX[0, :2]) * 448 / BOX[0, 2]
    np.testing.assert_allclose(found["0 crop:2"][0].xy, on_crop, rtol=0, atol=2 * CLOSE_PX)


def test_a_crop_of_a_fit_without_a_box_is_around_its_body():
    transl = np.array([0.4, -0.3, 3.5])
    camera = pinhole(FOCAL[None], CENTER, transl[None], is_metric=True)
    (found,) = draw(make_seen(camera, VERTS[:1]), [((0,), ("crop:1",))])["0 crop:1"]
    expected = see(VERTS[0], FOCAL, CENTER, transl)
    low, high = expected.min(0), expected.max(0)
    side = 1.2 * (high - low).max()
    on_crop = (expected - (low + high - side) / 2) * 224 / side
    np.testing.assert_allclose(found.xy, on_crop, rtol=0, atol=CLOSE_PX)


def make_crowd(focal=(600.0,) * 3, **given):
    transl = np.array([(0.1, 0, 5), (-0.1, 0.1, 3), (0.2, -0.1, 5.2)])
    return pinhole(np.array(focal), CENTER, transl, **({"is_metric": True} | given)), transl


def test_people_who_share_a_camera_are_ordered_by_their_true_depth_and_may_touch():
    cameras, transl = make_crowd()
    found = draw(make_seen(cameras, VERTS), [((0, 1, 2), ("camera",))])["0 camera"]
    true = VERTS[..., 2] + transl[:, None, 2]
    depths = np.array([seen.depth for seen in found])
    # In one unit for all three.
    np.testing.assert_allclose(depths / depths[0, 0], true / true[0, 0], rtol=1e-6)
    # Bodies that are inside one another in truth are not pulled apart.
    assert depths[0].max() > depths[2].min()


@pytest.mark.parametrize("view", ["camera", "crop:1", "crop:3"])
def test_people_with_cameras_of_their_own_lie_in_slabs_and_nowhere_else_on_the_photo(view):
    cameras, transl = make_crowd(focal=(600.0, 200.0, 300.0))
    found = draw(make_seen(cameras, VERTS, box_px=np.tile(BOX, (3, 1))), [((0, 1, 2), (view,))])[f"0 {view}"]
    zoom, corner = (1, 0) if view == "camera" else (224 * int(view[5:]) / BOX[0, 2], BOX[0, :2])
    for k, focal in enumerate((600, 200, 300)):
        expected = zoom * (see(VERTS[k], (focal, focal), CENTER, transl[k]) - corner)
        np.testing.assert_allclose(found[k].xy, expected, rtol=0, atol=max(1, zoom) * CLOSE_PX)
    # 120, 67 and 58 px a metre.
    assert found[0].depth.max() < found[1].depth.min()
    assert found[1].depth.max() < found[2].depth.min()


@pytest.mark.parametrize("view", ["camera", "crop:1", "crop:4"])
@pytest.mark.parametrize("scale", [60.0, 300.0])
def test_weak_perspective_and_pinholes_stand_one_behind_the_other_on_a_sheet(view, scale):
    """The larger in front, at any magnification."""
    cameras = join_cameras([weak_perspective([scale], [[380.0, 250.0]]), make_crowd()[0]])
    verts = np.concatenate([VERTS[:1], VERTS])
    fits = make_seen(cameras, verts, box_px=np.array([[200.0, 50.0, 400.0]] * 4))
    found = draw(fits, [((0, 1, 2, 3), (view,))])[f"0 {view}"]
    px_per_m = [scale, *(600 / (VERTS[k, :, 2].mean() + depth) for k, depth in enumerate((5, 3, 5.2)))]
    order = np.argsort(px_per_m)[::-1]
    for before, behind in pairwise(order):
        assert found[before].depth.max() < found[behind].depth.min()
    zoom, corner = (1, 0) if view == "camera" else (224 * int(view[5:]) / 400, np.array([200, 50]))
    on_photo = np.array([380, 250]) + scale * verts[0, :, :2]
    np.testing.assert_allclose(found[0].xy, zoom * (on_photo - corner), rtol=0, atol=max(1, zoom) * CLOSE_PX)


@pytest.mark.parametrize("view", ["orbit:0:0:ortho", "orbit:90:0:ortho", "top:ortho", "side:ortho"])
def test_views_around_people_who_share_a_camera_keep_distances_in_metres(view):
    """On a flat view of them the distances of all vertices are those of space, times one number."""
    cameras, transl = make_crowd()
    found = draw(make_seen(cameras, VERTS), [((0, 1, 2), (view,))])[f"0 {view}"]
    places = np.concatenate([np.column_stack([seen.xy, seen.depth]) for seen in found])
    true = (VERTS + transl[:, None]).reshape(-1, 3).astype(np.float64)
    distance = np.linalg.norm(places[:, None] - places, axis=2)
    expected = np.linalg.norm(true[:, None] - true, axis=2)
    np.testing.assert_allclose(distance / distance.max(), expected / expected.max(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("is_metric", [True, False])
@pytest.mark.parametrize("view", ["orbit:0:0", "orbit:35:20", "orbit:35:20:ortho", "side", "top"])
def test_around_it_a_body_looks_alike_under_either_camera(view, is_metric):
    depth = 4.0 + VERTS[0, :, 2].astype(np.float64).mean()
    sharp = pinhole([560.0], CENTER, [[0.4, -0.3, 4.0]], is_metric=is_metric)
    weak = weak_perspective([560 / depth], [[100.0, 200.0]])
    found = draw(make_seen(join_cameras([sharp, weak]), VERTS[[0, 0]]), [((0,), (view,)), ((1,), (view,))])
    (one,), (other,) = found[f"0 {view}"], found[f"1 {view}"]
    np.testing.assert_allclose(one.xy, other.xy, rtol=0, atol=CLOSE_PX)
    np.testing.assert_allclose(one.depth, other.depth, rtol=0, atol=CLOSE_PX)


def test_a_person_s_place_is_the_same_bits_whatever_is_beside_it():
    views = ("camera", "crop:2", "orbit:40:10", "top:ortho")
    rotation = np.stack([np.eye(3), TURN, np.eye(3)])
    turned = pinhole(np.full(3, 600.0), CENTER, make_crowd()[1], rotation, is_metric=True)
    cameras = join_cameras([turned, weak_perspective([90.0], [[300.0, 200.0]])])
    boxes = np.vstack([np.tile(BOX, (3, 1)), [[np.nan] * 3]])
    fits = make_seen(cameras, VERTS[[0, 1, 2, 0]], box_px=boxes)
    sheets = [((0, 1), views), ((1,), views), ((2, 3), views), ((3,), views)]
    together = draw(fits, sheets)
    for i, sheet in enumerate(sheets):
        for view, people in draw(fits, [sheet]).items():
            for one, other in zip(people, together[f"{i}{view[1:]}"], strict=True):
                assert one.row == other.row
                np.testing.assert_array_equal(one.xy, other.xy)
                np.testing.assert_array_equal(one.depth, other.depth)


@pytest.mark.parametrize("transl_m", [(0.3, -0.2, 150.0), (-0.4, 0.1, 700.0)])
def test_very_large_focal_lengths_lose_no_more_than_a_twentieth_of_a_pixel(transl_m):
    """4D-Humans' of a photo of 1920 px: 5000 / 256 times its longer side."""
    focal, center = np.array([37_500.0, 37_500.0]), np.array([960.0, 540.0])
    boxes = np.array([[900.0, 480.0, 130.0]])
    fits = make_seen(pinhole(focal[None], center, [transl_m], is_metric=True), VERTS[:1], box_px=boxes)
    found = draw(fits, [((0,), ("camera", "crop:2"))], hw=(1080, 1920))
    expected = see(VERTS[0], focal, center, transl_m)
    np.testing.assert_allclose(found["0 camera"][0].xy, expected, rtol=0, atol=0.05)
    on_crop = (expected - boxes[0, :2]) * 448 / 130
    np.testing.assert_allclose(found["0 crop:2"][0].xy, on_crop, rtol=0, atol=0.05)
    # And depths of a body still tell its front from its back.
    order = np.argsort(VERTS[0, :, 2])
    assert (np.diff(found["0 camera"][0].depth[order]) > 0).all()
