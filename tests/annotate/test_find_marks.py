"""Marks of people under either camera: where they are on each panel, and what is not there."""

import numpy as np
import pytest
import torch

from render.annotate.annotate import annotate
from render.annotate.annotation import ANNOTATIONS
from render.annotate.find_marks import Annotations, mark_people
from render.body.anatomy import Anatomy
from render.fits.build import assemble, make_marks, merge_sources
from render.fits.cameras import pinhole, weak_perspective
from render.fits.coco import CocoPerson
from render.fits.joint_orders import OPENPOSE_18, ORDERS
from render.sheet.framing import find_crops, lacks_crops, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.staging import stage_batch
from render.types.bodies import Bodies
from render.types.sources import Meshes
from tests.helpers.made_meshes import FACES

HW = (240, 320)
# Float32 of the cameras: numbers of up to 1e3 px have steps of 6e-5 px.
CLOSE_PX = 1e-3
RNG = np.random.default_rng(4)
VERTS = RNG.uniform(-0.5, 0.5, (3, 4, 3)).astype(np.float32)
JOINTS = RNG.uniform(-0.5, 0.5, (3, 6, 3)).astype(np.float32)
# Of six joints two are of OpenPose's, and two vertices are the head's.
PLACES = np.full(18, -1)
PLACES[[0, 4]] = 5, 2
ANATOMY = Anatomy(PLACES, np.array([1, 3]))
FOCAL, CENTER, TRANSL = np.array([300.0, 240.0]), np.array([150.0, 130.0]), np.array([0.2, -0.1, 3.0])
BOX = np.array([40.0, 20.0, 160.0])


def see(points, transl=TRANSL):
    q = points.astype(np.float64) + transl
    return CENTER + FOCAL * q[:, :2] / q[:, 2:]


def sharp(count=1, transl=TRANSL):
    return pinhole(np.tile(FOCAL, (count, 1)), CENTER, np.tile(transl, (count, 1)), is_metric=True)


def make_fits(cameras, **given):
    count = len(cameras)
    return assemble("meshes", ["a.png"] * count, Meshes("", FACES, VERTS[:count]), cameras, **given)


def mark(fits, *panels, joints=JOINTS, anatomy=ANATOMY, people=None, coco=None):
    """The marks of everybody on each panel."""
    people = tuple(range(len(fits))) if people is None else people
    specs = tuple(parse_panel(f"{panel}/geo/white") for panel in panels)
    batch = make_batch(fits, [lay_out_sheet("a", None, HW, specs, people, columns=9)])
    verts = torch.from_numpy(VERTS[: len(people)].copy())
    held = torch.from_numpy(joints[: len(people)].copy())
    bodies = Bodies(verts, torch.zeros_like(verts), held, torch.from_numpy(FACES))
    if lacks_crops(batch):
        batch = find_crops(batch, bodies)
    staged = stage_batch(batch, bodies, None)
    return mark_people(staged, [anatomy] * len(people), Annotations(ANNOTATIONS.names, coco))


def test_joints_are_where_the_pinhole_has_them_and_those_that_are_lacking_are_nowhere():
    (camera,), (crop,) = mark(make_fits(sharp(), box_px=BOX[None]), "camera", "crop:2")
    expected = see(JOINTS[0])[[5, 2]]
    np.testing.assert_allclose(camera.joints_px[[0, 4]], expected, rtol=0, atol=CLOSE_PX)
    on_crop = (expected - BOX[:2]) * 448 / BOX[2]
    np.testing.assert_allclose(crop.joints_px[[0, 4]], on_crop, rtol=0, atol=3 * CLOSE_PX)
    for marks in (camera, crop):
        assert np.isnan(np.delete(marks.joints_px, [0, 4], 0)).all()


def test_joints_of_views_around_the_body_turn_with_it():
    """The eye of `orbit` is on an axis through the middle of the body; from behind, right is left."""
    (front,), (back,) = mark(make_fits(sharp()), "orbit:0:0:ortho", "orbit:180:0:ortho")
    middle = VERTS[0].astype(np.float64).mean(0)
    offset = JOINTS[0, [5, 2]] - middle
    scale = (front.joints_px[[0, 4]] - [160, 120])[:, 1] / offset[:, 1]
    np.testing.assert_allclose(scale[0], scale[1], rtol=1e-5)
    for marks, side in ((front, 1), (back, -1)):
        expected = [160, 120] + scale[0] * offset[:, :2] * [side, 1]
        np.testing.assert_allclose(marks.joints_px[[0, 4]], expected, rtol=0, atol=CLOSE_PX)
        # They do not lie over the photo.
        assert marks.box_px is marks.gt_px is marks.multiboxes_px is None


def test_boxes_are_those_of_the_file_and_nested_boxes_begin_at_the_head():
    (camera,), (crop,) = mark(make_fits(sharp(), box_px=BOX[None]), "camera", "crop:1")
    corners = np.array([40.0, 20, 200, 180])
    np.testing.assert_array_equal(camera.box_px, corners)
    head = see(VERTS[0][[1, 3]])
    np.testing.assert_allclose(camera.multiboxes_px[0], [*head.min(0), *head.max(0)], rtol=0, atol=1e-9)
    largest = [*np.minimum(head.min(0), corners[:2]), *np.maximum(head.max(0), corners[2:])]
    np.testing.assert_allclose(camera.multiboxes_px[-1], largest, rtol=0, atol=1e-9)
    np.testing.assert_allclose(crop.box_px, [0, 0, 224, 224], rtol=0, atol=1e-9)
    on_crop = (camera.multiboxes_px - np.tile(BOX[:2], 2)) * 224 / BOX[2]
    np.testing.assert_allclose(crop.multiboxes_px, on_crop, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "cameras", [sharp(), weak_perspective([90.0], [[160, 120]])], ids=["pinhole", "weak"]
)
def test_a_fit_without_a_box_has_none_painted_though_its_crop_has_one(cameras):
    points = np.column_stack([RNG.uniform(50, 150, (17, 2)), np.ones(17)])
    fits = make_fits(cameras, marks=make_marks("coco17", points[None]))
    (camera,), (crop,) = mark(fits, "camera", "crop:1")
    for marks in (camera, crop):
        assert marks.box_px is marks.multiboxes_px is None
        pixels = np.full((*HW, 3), 120, np.uint8)
        annotate(pixels, [marks], ("bbox", "multibox"))
        assert (pixels == 120).all()
    # Ground truth lies on that crop: 1.2 times as wide as what is seen of the body.
    weak = [160, 120] + 90 * VERTS[0, :, :2].astype(np.float64)
    seen = weak if fits.scale[0] else see(VERTS[0])
    low, high = seen.min(0), seen.max(0)
    side = 1.2 * (high - low).max()
    expected = (points[0, :2] - (low + high - side) / 2) * 224 / side
    np.testing.assert_allclose(crop.gt_px[0, :2], expected, rtol=1e-4)
    np.testing.assert_allclose(camera.gt_px[0, :2], points[0, :2], rtol=1e-6)


@pytest.mark.parametrize("order", ["openpose18", "coco17", "spin49", "smpl24", "mhr70", "romp71"])
def test_ground_truth_is_found_by_the_names_of_its_order(order):
    names = ORDERS[order]
    points = np.column_stack([np.arange(len(names)), 2.0 * np.arange(len(names)), np.full(len(names), 0.75)])
    ((marks,),) = mark(make_fits(sharp(), marks=make_marks(order, points[None])), "camera")
    for joint, (x, y, confidence) in zip(OPENPOSE_18, marks.gt_px, strict=True):
        if joint in names:
            # The first of those of that name, as all have a confidence.
            assert (x, y, confidence) == (names.index(joint), 2 * names.index(joint), 0.75)
        else:
            assert confidence == 0


def test_joints_in_an_order_that_nobody_knows_are_not_painted():
    points = RNG.uniform(0, 99, (1, 40, 3))
    ((marks,),) = mark(make_fits(sharp(), marks=make_marks("file", points)), "camera")
    assert not marks.gt_px[:, 2].any()


def test_each_person_of_a_sheet_has_the_marks_of_its_own_source():
    first = make_marks("openpose18", np.repeat([30.0, 35.0], 36).reshape(2, 18, 2))
    first.validity[1, 7] = False
    one = make_fits(sharp(2), row=np.array([0, 4]), marks=first, box_px=np.array([BOX, BOX + 1]))
    other = make_fits(weak_perspective([90.0], [[160, 120]]), row=np.array([2]))
    fits = merge_sources([one, other])
    ((a, b, c),) = mark(fits, "camera")
    assert fits.row.tolist() == [0, 2, 4]
    assert [marks.label for marks in (a, b, c)] == ["#0", "#2", "#4"]
    assert len({marks.colour_rgb for marks in (a, b, c)}) == 3
    assert (a.gt_px[:, :2] == 30).all()
    assert (c.gt_px == [35, 35, 1]).all()
    assert not b.gt_px.any()
    assert b.box_px is None
    assert c.box_px.tolist() == [41, 21, 202, 182]
    assert np.flatnonzero(~c.joint_validity).tolist() == [7]
    assert a.joint_validity.all()
    assert b.joint_validity.all()
    # Alone it is named by its photo and keeps its colour.
    ((alone,),) = mark(fits, "camera", people=(2,))
    assert alone.label == "#4 a.png"
    assert alone.colour_rgb == c.colour_rgb


@pytest.mark.parametrize("joints", [JOINTS[:, :0], np.full_like(JOINTS, np.nan)], ids=["none", "nowhere"])
def test_bodies_without_joints_have_none_painted(joints):
    """Meshes alone have none; beside poses theirs are no numbers."""
    found = mark(make_fits(sharp(), box_px=BOX[None]), "camera", "side", joints=joints)
    for (marks,) in found:
        assert np.isnan(marks.joints_px).all()
        pixels = np.full((*HW, 3), 120, np.uint8)
        annotate(pixels, [marks], ("keypoints",))
        assert (pixels == 120).all()


def test_a_body_whose_head_is_not_known_has_no_nested_boxes():
    headless = Anatomy(PLACES, np.zeros(0, np.int64))
    ((marks,),) = mark(make_fits(sharp(), box_px=BOX[None]), "camera", anatomy=headless)
    assert marks.box_px is not None
    assert marks.multiboxes_px is None


def test_what_is_behind_the_eye_harms_no_picture():
    """The body's depths are from -0.5 to 0.5 m, and so half of it is behind the eye."""
    ((marks,),) = mark(make_fits(sharp(transl=np.zeros(3)), box_px=BOX[None]), "camera")
    pixels = np.full((*HW, 3), 120, np.uint8)
    annotate(pixels, [marks], ANNOTATIONS.names)
    assert (pixels[20, 60:180] != 120).any()


def test_coco_s_own_are_those_of_the_annotation_of_a_person():
    keypoints = np.column_stack([RNG.uniform(0, 99, (17, 2)), np.full(17, 2)])
    coco = {77: CocoPerson(keypoints, np.array([10.0, 20, 30, 40]))}
    fits = make_fits(sharp(2), box_px=np.array([BOX, BOX]), annot_id=np.array([77, -1]))
    (one, other), (crop, _) = mark(fits, "camera", "crop:1", coco=coco)
    np.testing.assert_array_equal(one.coco_keypoints_px, keypoints)
    np.testing.assert_array_equal(one.coco_box_px, [10, 20, 30, 40])
    assert other.coco_keypoints_px is other.coco_box_px is None
    expected = (keypoints[:, :2] - BOX[:2]) * 224 / BOX[2]
    np.testing.assert_allclose(crop.coco_keypoints_px[:, :2], expected, rtol=0, atol=1e-9)
