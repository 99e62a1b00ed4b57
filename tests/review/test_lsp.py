"""Foreground and part scores: the loops of SPIN's eval.py, written anew, give the same numbers."""

import numpy as np
import pytest

from render.body.family.joint_names import SMPL_24
from render.photos.sources.segmentations import PhotoSegments
from render.review.lsp import CLASS_OF_PART, CLASSES, count_classes, pool_lsp
from render.review.measures.lsp import COLUMNS, measure_lsp
from render.review.table import Table, gather_values
from tests.helpers.reviewed import make_image, make_person

NAMES = [column.name for column in COLUMNS]
TABLE = Table("audit", COLUMNS)


def make_pictures(seed):
    """Bodies, SMPL's parts, and what is annotated, of a photo."""
    rng = np.random.default_rng(seed)
    hw = tuple(rng.integers(5, 20, 2))
    annotated = rng.integers(0, 7, hw).astype(np.uint8)
    annotated[rng.random(hw) < 0.1] = 255
    drawn = rng.integers(0, 25, hw).astype(np.uint8)
    return rng.random(hw) < 0.5, drawn, PhotoSegments(rng.random(hw) < 0.6, annotated)


def score_as_spin_does(pictures):
    """The protocol's loop: counts of each class summed over all images, then one F1 of each class."""
    accuracy = pixels = parts_accuracy = 0
    sums = {2: np.zeros((3, 2)), 7: np.zeros((3, 7))}
    for mask, skin_parts, segments in pictures:
        truth, found = segments.is_body, mask
        accuracy += (truth == found).sum()
        pixels += truth.size
        for c in range(2):
            sums[2][:, c] += count(truth == c, found == c)
        truth, found = segments.parts.copy(), CLASS_OF_PART[skin_parts]
        for c in range(7):
            sums[7][:, c] += count(truth == c, (found == c) & (truth != 255))
        truth[truth == 255] = 0
        parts_accuracy += (truth == found).sum()
    f1 = {n: (2 * tp / (2 * tp + fp + fn)).mean() for n, (tp, fp, fn) in sums.items()}
    return [accuracy / pixels, f1[2], parts_accuracy / pixels, f1[7]]


def count(is_truth, is_found):
    """True and false positives, and false negatives."""
    return [(is_truth & is_found).sum(), (~is_truth & is_found).sum(), (is_truth & ~is_found).sum()]


def measure(mask, skin_parts, segments):
    image = make_image([make_person()], mask[None], mask.shape)
    image = type(image)(**vars(image) | {"skin_parts": skin_parts[None], "segments": segments})
    return measure_lsp(image)


def test_parts_are_in_the_order_of_up3d():
    assert CLASSES == ("background", "head", "torso", "right_arm", "left_arm", "right_leg", "left_leg")
    members = {name: set() for name in CLASSES}
    for joint, number in zip(SMPL_24, CLASS_OF_PART[1:], strict=True):
        members[CLASSES[number]].add(joint)
    arm, leg = ("shoulder", "elbow", "wrist", "hand"), ("hip", "knee", "ankle", "foot")
    assert members == {
        "background": set(),
        "head": {"head"},
        "torso": {"pelvis", "spine1", "spine2", "spine3", "neck", "left_collar", "right_collar"},
        **{f"{side}_arm": {f"{side}_{joint}" for joint in arm} for side in ("left", "right")},
        **{f"{side}_leg": {f"{side}_{joint}" for joint in leg} for side in ("left", "right")},
    }
    assert CLASS_OF_PART[0] == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_photo_alone(seed):
    pictures = make_pictures(seed)
    values = measure(*pictures)
    np.testing.assert_allclose(values[0, :4], score_as_spin_does([pictures]), atol=1e-12)


def test_a_set_is_pooled_by_its_pixels():
    pictures = [make_pictures(seed) for seed in range(10, 16)]
    listed = [((row,), TABLE.pack("a.jpg", measure(*of_photo))) for row, of_photo in enumerate(pictures)]
    unknown = TABLE.pack("b.jpg", np.full((1, len(COLUMNS)), np.nan))
    pooled = pool_lsp(gather_values(TABLE, [*listed, ((99,), unknown)]))
    expected = score_as_spin_does(pictures)
    names = ("fg_accuracy", "fg_f1", "parts_accuracy", "parts_f1")
    np.testing.assert_allclose([pooled[name] for name in names], expected, atol=1e-12)
    assert (pooled["fg_people"], pooled["parts_people"]) == (6, 6)
    # It is no mean of the photos' scores.
    means = np.mean([measure(*of_photo)[0, :4] for of_photo in pictures], axis=0)
    assert (np.abs(means - expected) > 1e-6).all()


def test_by_hand():
    counts = count_classes(np.array([[0, 1, 1, 255]]), np.array([[0, 1, 0, 1]]), 2)
    assert counts.hits.tolist() == [1, 1]
    # What is not labelled is no error of a class, and right only where nothing is drawn.
    assert counts.errors.tolist() == [1, 1]
    assert (counts.right, counts.pixels) == (2, 4)
    assert counts.accuracy == 0.5
    assert counts.f1 == pytest.approx(2 / 3)


def test_classes_that_nothing_has_do_not_count():
    counts = count_classes(np.array([[0, 2]]), np.array([[0, 2]]), 7)
    assert (counts.accuracy, counts.f1) == (1, 1)


def test_where_a_picture_is_missing_its_scores_are_not_known():
    mask, skin_parts, segments = make_pictures(0)
    is_fg = np.array([name.startswith("fg_") for name in NAMES])
    without_parts = measure(mask, skin_parts, PhotoSegments(segments.is_body, None))
    assert (np.isfinite(without_parts[0]) == is_fg).all()
    without_body = measure(mask, skin_parts, PhotoSegments(None, segments.parts))
    assert (np.isfinite(without_body[0]) == ~is_fg).all()
    assert np.isnan(measure_lsp(make_image([make_person()], mask[None], mask.shape))).all()
    assert pool_lsp(gather_values(TABLE, [])) == {}
    assert pool_lsp(gather_values(Table("audit", COLUMNS[:5]), [])) == {}
