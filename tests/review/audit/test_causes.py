"""Causes out of made-up numbers: each is named where many share it, and none where nothing is wrong."""

import re

import numpy as np
import pytest

from render.review.audit.causes.find import find_causes
from render.review.measures.hypotheses import OTHER_BODIES
from tests.helpers.audits import make_audit

COUNT = 200
RNG = np.random.default_rng(0)
# What fits of real photos are off, and what fits them by chance.
NOISE = RNG.lognormal(np.log(0.03), 0.4, COUNT)
IFS = ("y_flipped", "mirrored", "camera_spin", "camera_eft", "centred", "scaled", "focal", "shifted")


def suppose(error: np.ndarray = NOISE, **changed) -> dict[str, np.ndarray]:
    """What is fitted to each person helps by some hundredths, and all else makes it worse."""
    numbers = {"reprojection": error} | {f"if_{name}": error * 4 for name in IFS}
    numbers |= {f"if_{name}": error * RNG.uniform(0.7, 1, COUNT) for name in ("scaled", "focal", "shifted")}
    numbers |= {"best_scale": RNG.normal(1, 0.02, COUNT), "best_focal": RNG.normal(1, 0.02, COUNT)}
    numbers |= {"best_shift_x": RNG.normal(0, 3, COUNT), "best_shift_y": RNG.normal(0, 3, COUNT)}
    numbers |= {"reach": RNG.uniform(0.3, 1, COUNT), "people": np.arange(COUNT) // 2 % 3}
    return numbers | changed


def name(values, images=None) -> list[str]:
    return [cause.name for cause in find_causes(make_audit(COUNT, values, images))]


def test_good_fits_have_no_causes():
    assert name(suppose()) == []
    assert name(suppose(np.zeros(COUNT))) == []
    assert find_causes(make_audit(0, {})) == []
    assert name({}) == []


# (name of the cause, columns that the error vanishes with, what the text has)
EXPLAINED = [
    ("camera", {"if_camera_spin"}, "s (X + t), as SPIN"),
    ("camera", {"if_camera_eft"}, "s X + t, as EFT"),
    ("y flipped", {"if_y_flipped"}, "upside down"),
    ("mirrored", {"if_mirrored"}, "left and right"),
    # A shift explains what is a shift of another cause, and is not what is said.
    ("principal point", {"if_centred", "if_shifted"}, "middle of the photo"),
    ("photo size", {"if_scaled"}, "is multiplied by 0.50, as if"),
    ("focal length", {"if_focal"}, "focal length is multiplied by 0.50"),
    ("shifted", {"if_shifted"}, "40 px to the right and -20 px down"),
]


@pytest.mark.parametrize(("cause", "columns", "text"), EXPLAINED, ids=[one[2][:12] for one in EXPLAINED])
def test_what_explains_most_errors_is_named_with_its_figures(cause, columns, text):
    is_wrong = np.arange(COUNT) < 150
    error = np.where(is_wrong, NOISE + 0.3, NOISE)
    numbers = suppose(error)
    for column in numbers:
        if column.startswith("if_"):
            numbers[column] = np.where(is_wrong, error, numbers[column])
        if column in columns:
            numbers[column] = np.where(is_wrong, error / 9, numbers[column])
    for column in ("best_scale", "best_focal"):
        numbers[column] = np.where(is_wrong, 0.5, numbers[column])
    numbers["best_shift_x"] = np.where(is_wrong, 40, numbers["best_shift_x"])
    numbers["best_shift_y"] = np.where(is_wrong, -20, numbers["best_shift_y"])
    (found,) = find_causes(make_audit(COUNT, numbers))
    assert (found.name, found.people, found.of) == (cause, 150, COUNT)
    assert found.gain == pytest.approx(9)
    assert found.says.startswith("150 of 200 people with keypoints fit 9 times better if ")
    assert text in found.says
    assert found.advice


def test_factors_that_differ_from_person_to_person_are_no_cause():
    error = NOISE + 0.3
    numbers = suppose(error, if_scaled=error / 9, best_scale=np.geomspace(0.2, 5, COUNT))
    assert name(numbers) == []


def test_two_causes_share_the_people():
    is_spin, is_flipped = np.arange(COUNT) < 100, np.arange(COUNT) >= 160
    error = np.where(is_spin | is_flipped, NOISE + 0.3, NOISE)
    numbers = suppose(
        error,
        if_camera_spin=np.where(is_spin, 0.01, 4 * error),
        if_y_flipped=np.where(is_flipped, 0.01, 4 * error),
    )
    found = find_causes(make_audit(COUNT, numbers))
    assert [(cause.name, cause.people) for cause in found] == [("camera", 100), ("y flipped", 40)]


def test_a_few_bad_rows_have_no_cause():
    error, supposed = NOISE.copy(), 4 * NOISE
    error[:15], supposed[:15] = 0.5, 0.01
    assert name(suppose(error, if_y_flipped=supposed)) == []


def test_photos_of_another_size_are_told_by_where_keypoints_reach():
    (found,) = find_causes(make_audit(COUNT, suppose(reach=RNG.uniform(0.8, 2, COUNT))))
    assert found.name == "photos of another size"
    # Nearly the farthest is 1.95.
    assert re.search(r"photos about (1\.9|2\.0) times as large", found.says)
    (found,) = find_causes(make_audit(COUNT, suppose(reach=RNG.uniform(0.3, 0.5, COUNT))))
    assert "about 2.0 times as large as those that the numbers are of" in found.says


def test_photos_of_another_size_than_cocos_are_told_by_their_widths():
    numbers = suppose(photo_width=320, photo_height=240, annotated_width=640, annotated_height=480)
    (found,) = find_causes(make_audit(COUNT, numbers))
    assert (found.name, found.people, found.of) == ("photos of another size", COUNT, COUNT)
    assert "0.50 times their width" in found.says
    numbers |= {"annotated_width": 320, "annotated_height": 240}
    assert name(numbers) == []


def test_bodies_that_fit_better_are_named():
    male, female = OTHER_BODIES.index("smpl_male"), OTHER_BODIES.index("smpl_female")
    is_tried = np.arange(COUNT) % 8 == 0
    body = np.where(np.arange(COUNT) % 40 == 0, male, female)
    numbers = suppose(other_body=np.where(is_tried, body, np.nan))
    better = numbers | {"if_other_body": np.where(is_tried, NOISE / 1.5, np.nan)}
    (found,) = find_causes(make_audit(COUNT, better))
    assert (found.name, found.people, found.of, found.gain) == ("wrong gender or body", 25, 25, 1.5)
    assert "smpl_female for 20, smpl_male for 5" in found.says
    # The best of some bodies is a little better by chance.
    assert name(numbers | {"if_other_body": np.where(is_tried, NOISE / 1.05, np.nan)}) == []


# (column, number, share of the people from which on it is a cause, name, what the text has)
SHARES = [
    ("double", 0.9, 0.02, "doubles", "5 people of 200 are fitted twice"),
    ("same_annotation", 1, 0.02, "same annotation", "share their annotation id"),
    ("outside", 1, 0.1, "outside", "lie outside of their photo"),
    ("behind_camera", 1, 0.02, "behind the camera", "stand behind their camera"),
    ("sides_gain", 3, 0.1, "left and right", "with left and right exchanged"),
    ("swap_row", 0, 0.02, "swapped people", "fit the keypoints of another person"),
]


@pytest.mark.parametrize(
    ("column", "number", "share", "cause", "text"), SHARES, ids=[one[0] for one in SHARES]
)
def test_many_beyond_a_bound_are_a_cause_and_few_are_none(column, number, share, cause, text):
    least = max(5, round(share * COUNT))
    good = np.nan if column == "swap_row" else 0
    for count, expected in ((least, [cause]), (least - 1, [])):
        numbers = np.where(np.arange(COUNT) < count, number, good)
        found = find_causes(make_audit(COUNT, suppose(**{column: numbers})))
        assert [one.name for one in found] == expected
        assert all(text in one.says and one.people == count for one in found)


def test_half_of_the_worst_in_one_folder_are_said_to_be():
    images = [f"{'bad' if i % 10 == 0 else 'good'}/{i}.jpg" for i in range(COUNT)]
    error = np.where(np.arange(COUNT) % 10 == 0, NOISE + 0.5, NOISE)
    numbers = suppose(error, photo_width=640, photo_height=480)
    (found,) = find_causes(make_audit(COUNT, numbers, images))
    assert (found.name, found.people, found.of) == ("worst in one folder", 10, 10)
    assert "'bad', which 10% of all people are of" in found.says
    # Where all are in it, it says nothing.
    assert name(numbers, ["all/a.jpg"] * COUNT) == []


def test_names_of_folders_are_told_in_ascii():
    images = ["x\u202e\n/a.jpg" if i % 10 == 0 else "good/a.jpg" for i in range(COUNT)]
    error = np.where(np.arange(COUNT) % 10 == 0, NOISE + 0.5, NOISE)
    (found,) = find_causes(make_audit(COUNT, suppose(error), images))
    assert found.says.isascii()
    assert "\n" not in found.says
