"""Annotations land where the numbers say, stay in their panel, and survive any number and any label."""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from render.annotate.draw import annotate
from smplx.joint_names import JOINT_NAMES
from smplx.vertex_ids import vertex_ids

from render.annotate import ANNOTATIONS
from render.annotate.caption import draw_caption
from render.annotate.clip_line import clip_line
from render.annotate.joint_orders import OPENPOSE_18, openpose18_from_smpl, openpose18_from_spin49
from render.annotate.marks import PersonMarks
from render.annotate.multibox import BOXES, head_verts, multiboxes
from render.annotate.skeletons import COCO_17, COCO_SKELETON, OPENPOSE_SKELETON
from render.annotate.strokes import Disc, Segment, paint
from render.demo.people.keypoints import make_keypoints

GREEN = (0, 158, 115)
GREY = 120
# SPIN's 49 joints by the names of EFT's jointorders.py: OpenPose's 25, then 24 as the datasets have them.
SPIN_49 = (
    *("nose", "neck", "right_shoulder", "right_elbow", "right_wrist"),
    *("left_shoulder", "left_elbow", "left_wrist", "mid_hip", "right_hip", "right_knee", "right_ankle"),
    *("left_hip", "left_knee", "left_ankle", "right_eye", "left_eye", "right_ear", "left_ear"),
    *("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel"),
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
    *("neck", "head_top", "pelvis", "thorax", "spine", "jaw", "head"),
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
)


def make_panel(h=200, w=300, channels=3):
    pixels = np.full((h, w, channels), GREY, np.uint8)
    if channels == 4:
        pixels[:] = 0
    return pixels


def changed(pixels, before=None):
    before = make_panel(*pixels.shape) if before is None else before
    return (pixels != before).any(-1)


def make_person(seed=0, h=200, w=300, **fields):
    """Someone whose every mark lies inside the panel."""
    rng = np.random.default_rng(seed)
    low, high = np.array([20, 30]), np.array([w - 20, h - 20])
    joints = rng.uniform(low, high, (18, 2))
    coco = np.column_stack([rng.uniform(low, high, (17, 2)), np.full(17, 2)])
    box = np.array([10.0, 25.0, w - 10, h - 10])
    whole = {
        "colour_rgb": GREEN,
        "box_px": box,
        "joints_px": joints,
        "joint_validity": np.ones(18, bool),
        "gt_px": np.column_stack([rng.uniform(low, high, (18, 2)), np.ones(18)]),
        "multiboxes_px": multiboxes(rng.uniform(low, high, (9, 2)), box),
        "label": "a label",
        "coco_keypoints_px": coco,
        "coco_box_px": np.array([15.0, 30.0, w - 40, h - 30]),
    }
    return PersonMarks(**(whole | fields))


# Strokes.


def measure(pixels):
    """Area and centroid of white on black."""
    share = pixels[..., 0] / 255.0
    rows, columns = np.indices(share.shape)
    return share.sum(), np.array(
        [(share * (columns + 0.5)).sum(), (share * (rows + 0.5)).sum()]
    ) / share.sum()


def test_segment_covers_its_rectangle():
    pixels = np.zeros((40, 60, 3), np.uint8)
    paint(pixels, [Segment(np.array([10.0, 20.0]), np.array([50.0, 20.0]), 4.0)], (255, 255, 255))
    assert (pixels[18:22, 12:48] == 255).all()
    assert (pixels[[16, 23]] == 0).all()
    assert (pixels[:, [7, 52]] == 0).all()
    # y = 20 is an edge between rows: half a pixel is neither lost nor gained, but for cv2's rounding.
    np.testing.assert_allclose(pixels.astype(int), pixels[::-1].astype(int), atol=5)


@pytest.mark.parametrize("angle_rad", [0.0, 0.4, np.pi / 4, 1.2, np.pi / 2])
@pytest.mark.parametrize("width_px", [3.0, 4.5, 8.0])
def test_segment_has_its_width_and_place(width_px, angle_rad):
    along = np.array([np.cos(angle_rad), np.sin(angle_rad)])
    start = np.array([60.3, 50.6])
    pixels = np.zeros((200, 200, 3), np.uint8)
    paint(pixels, [Segment(start, start + 80 * along, width_px)], (255, 255, 255))
    area, center = measure(pixels)
    # cv2's anti-aliasing is not exact, mostly along the axes.
    assert area / 80 == pytest.approx(width_px, abs=0.7)
    np.testing.assert_allclose(center, start + 40 * along, atol=0.25)


@pytest.mark.parametrize("radius_px", [2.5, 5.0, 11.0])
def test_disc_has_its_radius_and_place(radius_px):
    pixels = np.zeros((60, 60, 3), np.uint8)
    paint(pixels, [Disc(np.array([30.3, 24.8]), radius_px)], (255, 255, 255))
    area, center = measure(pixels)
    assert np.sqrt(area / np.pi) == pytest.approx(radius_px, abs=0.35)
    np.testing.assert_allclose(center, [30.3, 24.8], atol=0.1)


def test_opacity_mixes_once_where_shapes_overlap():
    pixels = np.full((40, 40, 3), 100, np.uint8)
    discs = [Disc(np.array([18.0, 20.0]), 8.0), Disc(np.array([22.0, 20.0]), 8.0)]
    paint(pixels, discs, (200, 200, 200), 0.4)
    assert (pixels[20, 16:24] == 140).all()


def test_rgba_strokes_are_opaque_and_edges_keep_their_colour():
    pixels = np.zeros((40, 40, 4), np.uint8)
    paint(pixels, [Disc(np.array([20.3, 20.1]), 9.0)], (200, 100, 50))
    assert (pixels[20, 15:25] == (200, 100, 50, 255)).all()
    edge = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    assert edge.any()
    # Straight alpha: no dark fringe from what is transparent below.
    assert (np.abs(pixels[edge][:, :3].astype(int) - (200, 100, 50)) <= 1).all()


def test_rgba_over_opaque_equals_rgb():
    rgb, rgba = make_panel(), np.full((200, 300, 4), 255, np.uint8)
    rgba[..., :3] = GREY
    annotate(rgb, [make_person()], ANNOTATIONS)
    annotate(rgba, [make_person()], ANNOTATIONS)
    np.testing.assert_array_equal(rgb, rgba[..., :3])
    assert (rgba[..., 3] == 255).all()


@given(
    start=arrays(float, 2, elements=st.floats(-200, 300)),
    end=arrays(float, 2, elements=st.floats(-200, 300)),
    reach=st.sampled_from([1.0, 1e3, 1e6]),
)
def test_clipped_line_is_the_part_inside(start, end, reach):
    end = end * reach
    low, high = np.zeros(2), np.array([100.0, 80.0])
    clipped = clip_line(start, end, low, high)
    points = start + np.linspace(0, 1, 1001)[:, None] * (end - start)
    inside = points[((points > low + 1e-3) & (points < high - 1e-3)).all(1)]
    if clipped is None:
        assert len(inside) == 0
        return
    along = end - start
    for point in clipped:
        assert ((point >= low) & (point <= high)).all()
        # On the line, within the rounding of its coordinates.
        away = along[0] * (point - start)[1] - along[1] * (point - start)[0]
        assert abs(away) <= 1e-6 * np.hypot(*along)
    # No part of it is lost.
    ends = [(point - start) @ along for point in clipped]
    for point in inside:
        assert ends[0] - 1e-3 * reach <= (point - start) @ along <= ends[1] + 1e-3 * reach


# Joint orders.


def test_smpl_joints_by_name():
    landmarks = {"reye": "right_eye", "leye": "left_eye", "rear": "right_ear", "lear": "left_ear"}
    order = ["nose", "reye", "leye", "rear", "lear"]
    assert list(vertex_ids["smplh"])[:5] == order
    names = JOINT_NAMES[:22] + ["left_hand", "right_hand"] + [landmarks.get(n, n) for n in order]
    index = np.arange(45)[:, None].repeat(3, 1)
    picked = openpose18_from_smpl(index)
    assert picked.shape == (18, 3)
    assert tuple(names[k] for k in picked[:, 0]) == OPENPOSE_18
    assert openpose18_from_smpl(np.zeros((5, 45, 2))).shape == (5, 18, 2)


def test_spin49_by_name_from_either_half():
    keypoints = np.column_stack([np.arange(49), np.arange(49), np.ones(49)])
    first = openpose18_from_spin49(keypoints)
    assert (first[:, 0] < 25).all()
    keypoints[:25, 2] = 0
    second = openpose18_from_spin49(keypoints)
    assert (second[:, 0] >= 25).all()
    for picked in (first, second):
        assert tuple(SPIN_49[int(k)] for k in picked[:, 0]) == OPENPOSE_18


def test_spin49_falls_back_joint_by_joint():
    keypoints = np.column_stack([np.arange(49), np.arange(49), np.ones(49)])
    keypoints[3, 2] = 0
    picked = openpose18_from_spin49(keypoints)
    assert picked[3, 0] == 32
    assert picked[[0, 1, 2, 4], 0].tolist() == [0, 1, 2, 4]


def test_both_orders_agree_on_a_body():
    joints = np.random.default_rng(0).uniform(0, 100, (45, 2))
    keypoints, _ = make_keypoints(joints, (100, 100))
    np.testing.assert_array_equal(openpose18_from_spin49(keypoints)[:, :2], openpose18_from_smpl(joints))


@pytest.mark.parametrize(("skeleton", "joints"), [(OPENPOSE_SKELETON, OPENPOSE_18), (COCO_SKELETON, COCO_17)])
def test_sides_of_a_skeleton_mirror_each_other_in_other_colours(skeleton, joints):
    def mirror(name):
        side, _, part = name.partition("_")
        return f"{'left' if side == 'right' else 'right'}_{part}" if part else name

    limbs = {frozenset((joints[a], joints[b])) for a, b in skeleton.limbs}
    assert {frozenset(map(mirror, limb)) for limb in limbs} == limbs
    assert {k for limb in skeleton.limbs for k in limb} == set(range(len(joints)))
    for name, rgb in zip(joints, skeleton.joint_rgb, strict=True):
        if "_" in name:
            assert skeleton.joint_rgb[joints.index(mirror(name))] != rgb
            assert (rgb[0] > rgb[2]) == name.startswith("right")


# Multiboxes.


@given(
    head=arrays(float, (7, 2), elements=st.floats(-1e6, 1e6)),
    corner=arrays(float, 2, elements=st.floats(-1e6, 1e6)),
    side=st.floats(0, 1e6),
)
def test_multiboxes_are_nested_from_head_to_crop(head, corner, side):
    crop = np.concatenate([corner, corner + side])
    boxes = multiboxes(head, crop)
    assert boxes.shape == (BOXES, 4)
    np.testing.assert_array_equal(boxes[0], [*head.min(0), *head.max(0)])
    assert (np.diff(boxes[:, :2], axis=0) <= 0).all()
    assert (np.diff(boxes[:, 2:], axis=0) >= 0).all()
    last = [*np.minimum(head.min(0), crop[:2]), *np.maximum(head.max(0), crop[2:])]
    np.testing.assert_allclose(boxes[-1], last, rtol=1e-9, atol=1e-6)


def test_multiboxes_step_evenly():
    boxes = multiboxes(np.array([[40.0, 10.0], [60.0, 30.0]]), np.array([5.0, 3.0, 145.0, 143.0]))
    np.testing.assert_allclose(np.diff(boxes, axis=0), np.tile([-5, -1, 85 / 7, 113 / 7], (7, 1)))


def test_head_verts_are_the_top_of_the_body(demo_body):
    head = head_verts(demo_body.weights)
    height = demo_body.v_template[:, 1]
    assert 500 < len(head) < 1500
    assert int(height.argmax()) in head
    shoulders = demo_body.J_regressor[16] @ demo_body.v_template
    assert height[head].min() > shoulders[1]


# Annotations as a whole.


def test_names():
    assert set(ANNOTATIONS) == {"bbox", "keypoints", "multibox", "label", "coco"}


def test_nothing_asked_nothing_drawn():
    pixels = make_panel()
    annotate(pixels, [make_person()], ())
    annotate(pixels, [], ANNOTATIONS)
    annotate(pixels, [PersonMarks(GREEN)], ANNOTATIONS)
    assert not changed(pixels).any()


def test_box_is_an_outline_at_its_place():
    pixels = make_panel()
    annotate(pixels, [make_person()], ("bbox",))
    for y, x in ((25, 150), (190, 150), (100, 10), (100, 290)):
        # The line's middle lies between two pixels.
        assert (np.abs(pixels[y, x].astype(int) - GREEN) < 60).all()
    mask = changed(pixels)
    assert not mask[32:184, 17:284].any()
    assert not mask[:20].any()
    assert not mask[:, :5].any()


def test_joints_are_drawn_in_the_colours_of_their_sides():
    joints = np.full((18, 2), np.nan)
    joints[[4, 7]] = (60.5, 100.5), (200.5, 100.5)
    pixels = make_panel()
    annotate(pixels, [make_person(joints_px=joints, gt_px=None)], ("keypoints",))
    assert tuple(pixels[100, 60]) == OPENPOSE_SKELETON.joint_rgb[4]
    assert tuple(pixels[100, 200]) == OPENPOSE_SKELETON.joint_rgb[7]


def test_invalid_joints_and_their_limbs_are_dimmed():
    valid = np.ones(18, bool)
    valid[13] = False
    joints = np.full((18, 2), np.nan)
    joints[11:14] = (40, 40), (150, 40), (250, 40)
    drawn = []
    for validity in (np.ones(18, bool), valid):
        pixels = make_panel()
        marks = make_person(joints_px=joints, joint_validity=validity, gt_px=None)
        annotate(pixels, [marks], ("keypoints",))
        drawn.append(np.abs(pixels.astype(int) - GREY).max(-1))
    bright, dimmed = drawn
    assert (dimmed[40, 50:140] == bright[40, 50:140]).all()
    assert (dimmed[40, 165:240] > 0).all()
    assert (dimmed[40, 165:240] < 0.6 * bright[40, 165:240]).all()


def test_ground_truth_differs_from_projection_and_skips_zero_confidence():
    joints = make_person().joints_px
    truth = np.column_stack([joints, np.ones(18)])
    only_joints, only_truth, none = make_panel(), make_panel(), make_panel()
    annotate(only_joints, [make_person(gt_px=None)], ("keypoints",))
    annotate(only_truth, [make_person(joints_px=None, joint_validity=None, gt_px=truth)], ("keypoints",))
    assert (only_joints != only_truth).any()
    x, y = joints[4].astype(int)
    assert (only_truth[y, x] > 200).all()
    truth[:, 2] = 0
    annotate(none, [make_person(joints_px=None, joint_validity=None, gt_px=truth)], ("keypoints",))
    assert not changed(none).any()


def test_coco_visibility():
    keypoints = np.zeros((17, 3))
    keypoints[[13, 14, 15]] = (50.5, 60.5, 2), (120.5, 60.5, 1), (190.5, 60.5, 0)
    pixels = make_panel()
    annotate(pixels, [make_person(coco_keypoints_px=keypoints, coco_box_px=None)], ("coco",))
    strength = np.abs(pixels.astype(int) - GREY).max(-1)
    assert tuple(pixels[60, 50]) == COCO_SKELETON.joint_rgb[13]
    assert 0 < strength[60, 120] < 0.6 * strength[60, 50]
    assert strength[60, 190] == 0
    assert strength[0, 0] == 0


def test_coco_box_is_dashed():
    pixels = make_panel()
    annotate(pixels, [make_person(coco_keypoints_px=None)], ("coco",))
    side = changed(pixels)[30, 40:240]
    assert side.any()
    assert not side.all()


def test_larger_panels_have_broader_strokes():
    areas = []
    for size in (224, 896, 2240):
        k = size / 224
        joints = np.full((18, 2), np.nan)
        joints[[8, 9]] = np.array([(60, 60), (160, 160)]) * k
        person = make_person(joints_px=joints, gt_px=None, box_px=np.array([20, 20, 200, 200]) * k)
        pixels = make_panel(size, size)
        annotate(pixels, [person], ("keypoints",))
        areas.append(changed(pixels).sum() / k)
    assert areas[0] < areas[1] < areas[2]


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("name", ANNOTATIONS)
def test_drawing_stays_in_its_panel_of_a_sheet(name, channels):
    sheet = make_panel(200, 900, channels)
    before = sheet.copy()
    panel = sheet[:, 300:600]
    person = make_person()
    wide = make_person(
        joints_px=person.joints_px - 40,
        gt_px=person.gt_px - (-40, -40, 0),
        box_px=person.box_px - (30, 30, -30, -30),
        multiboxes_px=person.multiboxes_px - 30,
        coco_keypoints_px=person.coco_keypoints_px - (40, 40, 0),
        coco_box_px=person.coco_box_px + 30,
        label="a long label " * 20,
    )
    annotate(panel, [person, wide], (name,))
    assert changed(panel, before[:, 300:600]).any()
    assert not changed(sheet, before)[:, :300].any()
    assert not changed(sheet, before)[:, 600:].any()
    alone = make_panel(200, 300, channels)
    annotate(alone, [person, wide], (name,))
    np.testing.assert_array_equal(panel, alone)


HOSTILE = [np.nan, np.inf, -np.inf, 1e6, -1e6, 1e300, -1e300, 0.0, 2.0**31, 100.0]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_numbers_are_survived_quickly(data):
    fields = {
        name: data.draw(arrays(float, shape, elements=st.sampled_from(HOSTILE)))
        for name, shape in PersonMarks.SHAPES.items()
        if name != "joint_validity"
    }
    pixels = make_panel(60, 80)
    start = time.process_time()
    annotate(pixels, [make_person(**fields)], ANNOTATIONS)
    assert time.process_time() - start < 2


def test_line_to_far_away_keeps_its_direction():
    pixels = np.zeros((100, 100, 3), np.uint8)
    paint(pixels, [Segment(np.array([50.0, 50.0]), np.array([50.0 + 1e6, 50.0 + 1e6]), 4.0)], (255, 255, 255))
    assert (pixels[range(52, 100), range(52, 100)] == 255).all()
    assert not pixels[:48, :48].any()


def test_marks_name_the_field_of_a_wrong_shape():
    with pytest.raises(ValueError, match=r"PersonMarks.gt_px: expected shape \(18, 3\), found \(18, 2\)"):
        make_person(gt_px=np.zeros((18, 2)))
    with pytest.raises(ValueError, match="come together"):
        PersonMarks(GREEN, joints_px=np.zeros((18, 2)))


# Captions.


def draw(label, h=200, w=300, box=None, taken=()):
    pixels = make_panel(h, w)
    return pixels, draw_caption(pixels, label, box, GREEN, taken)


@settings(deadline=None)
@given(label=st.text(max_size=80))
def test_any_label_is_safe_and_stays_on_its_plate(label):
    pixels, plate = draw(label)
    mask = changed(pixels)
    if plate is not None:
        mask[plate.y : plate.y + plate.h, plate.x : plate.x + plate.w] = False
    assert not mask.any()


@pytest.mark.parametrize("label", ["\ud800 lone", "a\nb", "日本語 😀", "\x00", "x" * 100_000])
def test_awkward_labels(label):
    assert draw(label)[1] is not None


def test_long_labels_are_shortened_to_the_panel():
    pixels, plate = draw("a label that goes on and on and never seems to come to any end at all " * 3)
    assert plate.x + plate.w <= 300
    assert plate.w > 250
    # The dots, and the plate's margin behind them.
    assert (pixels[:, plate.w - 3 :].max(-1) <= GREY).all()


@pytest.mark.parametrize("value", [0, 128, 255])
def test_text_is_bright_on_dark_over_any_background(value):
    pixels = np.full((200, 300, 3), value, np.uint8)
    plate = draw_caption(pixels, "Mill", None, GREEN, ())
    inside = pixels[plate.y : plate.y + plate.h, plate.x + plate.h // 2 : plate.x + plate.w]
    assert inside.max() > 240
    assert np.median(inside) < 100


def test_caption_stands_above_its_box_or_inside_where_there_is_no_room():
    _, above = draw("label", box=np.array([40.0, 60.0, 140.0, 160.0]))
    assert (above.x, above.y + above.h) == (40, 60)
    _, inside = draw("label", box=np.array([40.0, 2.0, 140.0, 160.0]))
    assert (inside.x, inside.y) == (40, 0)
    _, corner = draw("label")
    assert (corner.x, corner.y) == (0, 0)


def test_captions_keep_clear_of_each_other():
    taken = []
    for _ in range(4):
        taken.append(draw("label", box=np.array([40.0, 60.0, 140.0, 160.0]), taken=taken)[1])
    rows = sorted((plate.y, plate.y + plate.h) for plate in taken)
    assert all(a[1] <= b[0] for a, b in pairwise(rows))


def test_no_caption_where_there_is_no_room():
    assert draw("label", h=8)[1] is None
    assert draw("label", w=15)[1] is None
    assert draw("")[1] is None


def test_text_scales_with_the_panel():
    small, large = draw("label", 224, 224)[1], draw("label", 2000, 2000)[1]
    assert small.h < 20
    assert large.h > 3 * small.h
