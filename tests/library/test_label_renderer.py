"""Batches of label sets: masks by brute force, and the same bytes whatever is drawn beside and how."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from render.body.charts import read_charts
from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.errors import BodyModelError, RenderError
from render.fits.build import assemble, join_fits
from render.fits.cameras import weak_perspective
from render.fits.read import read_fits
from render.labels import write_layers
from render.labels.layer import LAYERS, parse_layers
from render.library.label_renderer import LabelRenderer, LabelSet
from render.library.poser import Undrawable
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.sheet import staging
from render.sheet.layout import group_people, lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.sources import Meshes
from tests.helpers.capsules import make_ball
from tests.helpers.drawing import draw_sheets
from tests.helpers.drawn_labels import draw_labels, gather, keep_loan, lay_out_labels, read_planes, read_scene

LAYERS_OF_ALL = ["iuv", "depth:half", "face:32", "alpha", "amodal", "normal", "keypoints", "skin_parts"]


@pytest.fixture(scope="module")
def scene(demo_set, demo_body):
    """The demo set as a pinhole would see it that all people of a photo share."""
    fits, _ = read_fits("eft", demo_set.fit_file)
    fits.focal[:], fits.center[:], fits.scale[:] = 700, (320, 240), 0
    fits.is_metric[:] = True
    fits.transl_m[:, 2] = 6 - 0.1 * np.arange(len(fits))
    # Side by side and close, so that they hide each other.
    fits.transl_m[:, :2] = 0.2 * (np.arange(len(fits))[:, None] % 3) * [1, 0] - [0.2, 0.1]
    groups = [who for image in group_people(fits, "together") for who in image]
    charts = read_charts(demo_set.charts_file, demo_body.faces, demo_body.vert_count)
    return FitBodies((demo_body,)), fits, groups, charts


def assert_equal(one: LabelSet | Undrawable, other: LabelSet | Undrawable) -> None:
    assert isinstance(one, LabelSet)
    assert isinstance(other, LabelSet)
    assert [plane.name for plane in one.planes] == [plane.name for plane in other.planes]
    pairs = [(a.values, b.values) for a, b in zip(one.planes, other.planes, strict=True)]
    pairs += [
        (getattr(one, name), getattr(other, name)) for name in ("instance", "amodal", "iuv", "keypoints")
    ]
    for a, b in pairs:
        np.testing.assert_array_equal(a, b)


def test_masks_are_those_of_each_person_drawn_alone(scene):
    """Who is nearest of those who are there by themselves is seen."""
    bodies, fits, groups, _ = scene
    several = [who for who in groups if len(who) > 1][:2]
    alone = [(person,) for who in several for person in who]
    depths = []
    for i in range(len(alone)):
        one = read_scene(bodies, fits, lay_out_labels([alone[i]], (240, 640)))
        index, at = one.find_at(0)
        depths.append(np.full((240, 640), np.inf))
        # In metres: pixels of the depth where a person is are those of the first of a sheet.
        scale = one.staged.cameras.matrix[0, 2, 2].item()
        depths[-1][at] = one.fragments.depth.numpy()[index] / scale
    drawn = draw_labels(bodies, fits, lay_out_labels(several, (240, 640)), ["amodal", "silhouette"])
    first = 0
    for who, labels in zip(several, drawn, strict=True):
        own = np.stack(depths[first : first + len(who)])
        first += len(who)
        np.testing.assert_array_equal(labels.amodal, np.isfinite(own))
        nearest = np.where(np.isfinite(own).any(0), own.argmin(0) + 1, 0)
        # Where two surfaces meet, rounding decides.
        two = np.sort(own, 0)[:2]
        is_close = np.isfinite(two[1]) & (two[1] - np.where(np.isfinite(two[0]), two[0], 0) < 1e-5)
        assert is_close.sum() < 20
        np.testing.assert_array_equal(labels.instance[~is_close], nearest[~is_close])
        planes = read_planes(labels)
        for number in range(1, len(who) + 1):
            np.testing.assert_array_equal(planes[f"amodal.{number}"], 255 * labels.amodal[number - 1])
        assert (labels.amodal.sum(0) > 1).any()


def mixed_sheets(groups):
    """Of one person, of several, of nobody, and of several sizes."""
    several, one = (next(who for who in groups if (len(who) > 1) == many) for many in (True, False))
    people = [one, several, (), several[:1], several]
    return lay_out_labels(people, [(200, 300), (240, 320), (100, 90), (480, 640), (131, 77)])


@pytest.fixture(scope="module")
def mixed(scene):
    bodies, fits, groups, charts = scene
    sheets = mixed_sheets(groups)
    return sheets, draw_labels(bodies, fits, sheets, LAYERS_OF_ALL, charts)


def test_the_same_labels_in_any_batch(scene, mixed):
    bodies, fits, _, charts = scene
    sheets, together = mixed
    for sheet, expected in zip(sheets, together, strict=True):
        (found,) = draw_labels(bodies, fits, [sheet], LAYERS_OF_ALL, charts)
        assert_equal(found, expected)
    for found, expected in zip(
        draw_labels(bodies, fits, sheets[::-1], LAYERS_OF_ALL, charts), together[::-1], strict=True
    ):
        assert_equal(found, expected)


def test_labels_of_nobody(mixed):
    _, drawn = mixed
    assert drawn[2].amodal.shape == (0, 100, 90)
    assert drawn[2].keypoints.shape[0] == 0
    assert not any(plane.values.any() for plane in drawn[2].planes)
    assert [plane.name for plane in drawn[2].planes] == [
        "iuv",
        "depth",
        "face",
        "alpha",
        "normal",
        "skin_parts",
    ]


@pytest.mark.parametrize("limit", [1, 9 * 648, 10**9])
def test_the_same_labels_in_other_chunks_and_with_threads(scene, mixed, monkeypatch, limit):
    """Sheets in single rows or in pieces of some, and all of a batch in one; tasks side by side."""
    for name in ("SMALL_CHUNK", "LARGE_CHUNK"):
        monkeypatch.setitem(getattr(staging, name), "cpu", limit)
    bodies, fits, _, charts = scene
    sheets, expected = mixed
    # Single rows are many.
    chosen = [2, 4] if limit == 1 else range(len(sheets))
    renderer = LabelRenderer(bodies, parse_layers(LAYERS_OF_ALL), charts)
    monkeypatch.setattr(
        LabelRenderer,
        "group_chunks",
        lambda self, chunks: [chunks[i : i + 3] for i in range(0, len(chunks), 3)],
    )
    batch = gather(fits, [sheets[i] for i in chosen], LAYERS_OF_ALL)
    steps = renderer.draw(batch, keep_loan(renderer), renderer.open_queue())
    results = None
    with ThreadPoolExecutor(4) as threads:
        try:
            while True:
                step = steps.send(results)
                results = list(threads.map(lambda task: task(), step.tasks))
        except StopIteration as done:
            found = done.value
    for i, labels in zip(chosen, found, strict=True):
        assert_equal(labels, expected[i])


def test_alpha_is_that_of_smooth_edges(scene):
    bodies, fits, groups, _ = scene
    who = next(who for who in groups if len(who) > 1)
    panel = (parse_panel("camera/silhouette/transparent"),)
    sheet = lay_out_sheet("a", None, (240, 320), panel, who, columns=1)
    (picture,) = draw_sheets(BatchRenderer(bodies, Style(edges="smooth")), fits, [sheet], [None])
    found = {
        store: draw_labels(bodies, fits, lay_out_labels([who], (240, 320)), [f"alpha:{store}"])[0]
        for store in ("8", "16", "half", "float")
    }
    alpha = {store: labels.planes[0].values[..., 0] for store, labels in found.items()}
    np.testing.assert_array_equal(alpha["8"], picture[..., 3])
    sixteenths = alpha["float"].astype(np.float64) * 16
    np.testing.assert_array_equal(sixteenths, np.round(sixteenths))
    assert len(np.unique(sixteenths)) == 17
    np.testing.assert_array_equal(alpha["half"], alpha["float"])
    np.testing.assert_array_equal(alpha["16"], np.floor(65535 / 16 * sixteenths + 0.5))
    # Whole inside: where all pixels around are of the body.
    silhouette = found["8"].instance > 0
    inside = silhouette.copy()
    for axis in (0, 1):
        for step in (-1, 1):
            inside &= np.roll(silhouette, step, axis)
    assert (alpha["float"][inside] == 1).mean() > 0.9
    assert (alpha["float"][(alpha["float"] < 1) & inside] > 0.5).all()


BALL_VERTS, BALL_FACES = make_ball()
TETRA_FACES = np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)], np.int32)
TETRA_VERTS = np.array([(-1, -1, -1), (1, 1, -1), (-1, 1, 1), (1, -1, 1)], float)


def open_mesh(faces: np.ndarray, vert_count: int) -> MeshBody:
    return MeshBody("mesh", torch.from_numpy(faces), vert_count)


def test_bodies_of_several_topologies(demo_set, demo_body):
    """Beside a ball a person has the labels that he has alone; faces have the numbers of their topology."""
    fits, _ = read_fits("eft", demo_set.fit_file)
    ball = assemble(
        "meshes",
        [fits.image_name[0]],
        Meshes("", BALL_FACES, 0.5 * BALL_VERTS[None].astype(np.float32)),
        weak_perspective([60.0], [[60.0, 60.0]]),
    )
    joined, _ = join_fits([(ball, []), (fits, [])])
    bodies = FitBodies([open_mesh(BALL_FACES, len(BALL_VERTS)), demo_body])
    assert bodies.find_first_faces(joined)[:2].tolist() == [0, len(BALL_FACES)]
    layers = ["face:32", "bary:float", "keypoints", "amodal"]
    (both,) = draw_labels(bodies, joined, lay_out_labels([(0, 1)], (480, 640)), layers)
    (alone,) = draw_labels(FitBodies((demo_body,)), fits, lay_out_labels([(0,)], (480, 640)), layers)
    (round_one,) = draw_labels(FitBodies(bodies.models[:1]), ball, lay_out_labels([(0,)], (480, 640)), layers)
    for number, of_one in ((1, round_one), (2, alone)):
        is_seen = both.instance == number
        assert is_seen.sum() > 1000
        np.testing.assert_array_equal(both.amodal[number - 1], of_one.amodal[0])
        for name in ("face", "bary"):
            np.testing.assert_array_equal(
                read_planes(both)[name][is_seen], read_planes(of_one)[name][is_seen]
            )
    # The ball has no joints.
    assert not both.keypoints[0].any()
    is_hidden_now = (both.keypoints[1] != alone.keypoints[0]).any(1)
    np.testing.assert_array_equal(both.keypoints[1, :, :2], alone.keypoints[0, :, :2])
    assert (both.keypoints[1, is_hidden_now, 2] == 1).all()


def test_more_people_than_8_bits_count():
    """300 of them in a grid, 8 px apart, each over the number that it has."""
    count, columns = 300, 20
    where = np.stack([np.arange(count) % columns, np.arange(count) // columns], 1) * 8.0 + 4
    verts = np.tile(TETRA_VERTS, (count, 1, 1)).astype(np.float32)
    meshes = Meshes("", TETRA_FACES, verts)
    fits = assemble("meshes", ["a.png"] * count, meshes, weak_perspective(np.full(count, 3.0), where))
    bodies = FitBodies([open_mesh(TETRA_FACES, 4)])
    (labels,) = draw_labels(bodies, fits, lay_out_labels([range(count)], (120, 160)), ["instance", "amodal"])
    instance = labels.planes[0].values[..., 0]
    assert instance.dtype == np.uint16
    y, x = where.astype(int).T[::-1]
    np.testing.assert_array_equal(instance[y, x], np.arange(1, count + 1))
    assert len(np.unique(instance)) == count + 1
    assert labels.amodal.shape == (count, 120, 160)
    np.testing.assert_array_equal(labels.amodal.sum((1, 2)), np.bincount(instance.ravel())[1:])


def test_who_is_too_far_off_has_no_labels(scene):
    bodies, fits, groups, _ = scene
    fits = replace(fits, transl_m=fits.transl_m.copy())
    fits.transl_m[groups[0][0], 0] = 1e7
    found = draw_labels(
        bodies, fits, lay_out_labels(groups[:2], (48, 64)), ["instance", "amodal", "keypoints"]
    )
    assert isinstance(found[0], Undrawable)
    assert isinstance(found[1], LabelSet)
    assert groups[0][0] in found[0].rows


def test_crops_show_what_the_camera_shows(scene):
    """A crop that is as large as its box shows the pixels of the photo in that box."""
    bodies, fits, groups, charts = scene
    fits = replace(fits, box_px=fits.box_px.copy())
    row = groups[0][0]
    fits.box_px[row] = (160, 60, 224)
    layers = ["iuv", "depth:float", "face:32", "keypoints"]
    (whole,) = draw_labels(bodies, fits, lay_out_labels([(row,)], (480, 640)), layers, charts)
    (crop,) = draw_labels(bodies, fits, lay_out_labels([(row,)], (480, 640), "crop:1"), layers, charts)
    cut = np.s_[60 : 60 + 224, 160 : 160 + 224]
    assert crop.instance.shape == (224, 224)
    # Vertices lie on a grid of 1/4096 px after a shift of whole pixels: a few pixels of edges may differ.
    same = crop.instance == whole.instance[cut]
    assert same.mean() > 0.9999
    ours, theirs = read_planes(crop), read_planes(whole)
    is_body = same & (crop.instance > 0) & (ours["face"] == theirs["face"][cut])
    assert is_body.sum() > 0.99 * (crop.instance > 0).sum() > 1000
    np.testing.assert_allclose(ours["depth"][is_body], theirs["depth"][cut][is_body], atol=1e-4)
    seen = (crop.keypoints[0, :, 2] > 0) & (whole.keypoints[0, :, 2] > 0)
    off = whole.keypoints[0, seen, :2] - crop.keypoints[0, seen, :2]
    np.testing.assert_allclose(off, np.tile([160, 60], (len(off), 1)), atol=1e-3)


def test_a_body_without_weights_has_no_skin_parts():
    with pytest.raises(BodyModelError, match=r"mesh: expected skinning weights .* found none"):
        LabelRenderer(FitBodies([open_mesh(TETRA_FACES, 4)]), parse_layers(["skin_parts"]))


def test_masks_that_are_more_than_a_batch_holds(monkeypatch):
    monkeypatch.setattr(write_layers, "MOST_VALUES", 2 * 100 * 100 - 1)
    meshes = Meshes("", TETRA_FACES, np.tile(TETRA_VERTS, (2, 1, 1)).astype(np.float32))
    fits = assemble("meshes", ["a.png"] * 2, meshes, weak_perspective([9.0] * 2, [[50.0, 50.0]] * 2))
    bodies = FitBodies([open_mesh(TETRA_FACES, 4)])
    with pytest.raises(RenderError, match=r"layers: amodal of 2 pictures.* leave that layer out"):
        draw_labels(bodies, fits, lay_out_labels([(0, 1)], (100, 100)), ["amodal"])


def test_names_of_layers():
    """What needs a map of its own is told apart from what all bodies have."""
    assert {name for name in LAYERS.names if not LAYERS.load(name).needs} == {
        *("bary", "depth_relative", "face", "instance", "normal", "position", "silhouette")
    }
