"""Annotations land where the numbers say, stay in their panel, and survive any number and any label."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from render.annotate.annotate import annotate
from render.annotate.annotation import ANNOTATIONS
from render.annotate.marks import PersonMarks
from render.annotate.skeletons import COCO_SKELETON, OPENPOSE_SKELETON
from render.shade.colour_maps import ERRORS_RGB
from render.shade.legend import ColourBar
from tests.helpers.marked_panels import GREEN, GREY, changed, make_panel, make_person


def test_rgba_over_opaque_equals_rgb():
    rgb, rgba = make_panel(), np.full((200, 300, 4), 255, np.uint8)
    rgba[..., :3] = GREY
    annotate(rgb, [make_person()], ANNOTATIONS.names)
    annotate(rgba, [make_person()], ANNOTATIONS.names)
    np.testing.assert_array_equal(rgb, rgba[..., :3])
    assert (rgba[..., 3] == 255).all()


def test_names():
    assert set(ANNOTATIONS.names) == {"bbox", "keypoints", "multibox", "label", "coco", "legend"}


def test_nothing_asked_nothing_drawn():
    pixels = make_panel()
    annotate(pixels, [make_person()], ())
    annotate(pixels, [], ANNOTATIONS.names)
    annotate(pixels, [PersonMarks(GREEN)], ANNOTATIONS.names)
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
@pytest.mark.parametrize("name", ANNOTATIONS.names)
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
    bar = ColourBar("error", "mm", 0.0, 100.0, ERRORS_RGB, is_clamped=True)
    annotate(panel, [person, wide], (name,), bar)
    assert changed(panel, before[:, 300:600]).any()
    assert not changed(sheet, before)[:, :300].any()
    assert not changed(sheet, before)[:, 600:].any()
    alone = make_panel(200, 300, channels)
    annotate(alone, [person, wide], (name,), bar)
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
    annotate(pixels, [make_person(**fields)], ANNOTATIONS.names)
    assert time.process_time() - start < 2
