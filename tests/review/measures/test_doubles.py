"""Two fits on one person: by hand, and beside loops over all pairs of a crowd."""

import numpy as np
import pytest

from render.review.crowd import MOST_PEOPLE
from render.review.measures.doubles import MEASURE
from tests.helpers.reviewed import make_image, make_person, measure_all, weak_camera

# x and y in metres of somebody who stands, arms a little away from the body.
STANDING = {
    "nose": (0.0, 0.1),
    "left_shoulder": (0.2, 0.3),
    "right_shoulder": (-0.2, 0.3),
    "left_wrist": (0.4, 0.8),
    "right_wrist": (-0.4, 0.8),
    "left_hip": (0.1, 0.9),
    "right_hip": (-0.1, 0.9),
    "left_ankle": (0.15, 1.7),
    "right_ankle": (-0.15, 1.7),
}


def stand(row: int, x_m: float = 2.0, y_m: float = 0.5, facing: int = 1, tremble_m: float = 0.0, **changed):
    """A person whose surface is a board of 0.8 x 1.8 m."""
    noise = np.random.default_rng(row).normal(0, tremble_m, (len(STANDING), 2))
    joints_m = {
        name: (x_m + facing * x + dx, y_m + y + dy, 0)
        for (name, (x, y)), (dx, dy) in zip(STANDING.items(), noise.tolist(), strict=True)
    }
    board = np.array([(x_m + x, y_m + y, 0) for y in (0, 1.8) for x in (-0.4, 0.4)])
    return make_person(**{"joints_m": joints_m, "verts_m": board, "row": row} | changed)


def draw_masks(people, height: int = 300, width: int = 400) -> np.ndarray:
    masks = np.zeros((len(people), height, width), bool)
    for mask, person in zip(masks, people, strict=True):
        left, top, right, bottom = np.round(person.drawn_box_px).clip(0).astype(int)
        mask[top:bottom, left:right] = True
    return masks


def test_a_second_fit_of_a_person_is_a_double():
    # 9 px to the right of a body of 180 px.
    people = [stand(3, 2), stand(8, 2.09), stand(9, 3.2)]
    for masks in (None, draw_masks(people)):
        one, other, third = measure_all(MEASURE, make_image(people, masks, (300, 400)))
        assert one["double_distance"] == other["double_distance"] == pytest.approx(0.05)
        assert one["double_iou"] == other["double_iou"] == pytest.approx(71 / 89)
        assert one["double"] == other["double"] == pytest.approx(1 - 0.05 / 0.2)
        assert (one["double_row"], other["double_row"]) == (8, 3)
        # The other is next to it, and nobody's double; the nearest is told all the same.
        assert third["double"] == 0
        assert third["double_distance"] == pytest.approx(111 / 180)
        assert np.isnan(third["double_row"])


def test_little_overlap_makes_a_double_less_likely():
    people = [stand(0), stand(1)]
    masks = np.zeros((2, 300, 400), bool)
    masks[0, 60:100, 170:180] = masks[1, 90:130, 170:180] = True
    one, _ = measure_all(MEASURE, make_image(people, masks, (300, 400)))
    assert one["double_iou"] == pytest.approx(10 / 70)
    assert one["double"] == pytest.approx(10 / 35)


def test_outside_of_the_photo_boxes_are_compared():
    people = [stand(0, y_m=9), stand(1, y_m=9)]
    one, _ = measure_all(MEASURE, make_image(people, draw_masks(people), (300, 400)))
    assert (one["double_iou"], one["double"]) == (1, 1)


def test_people_who_hug_are_no_doubles():
    # One sees the face of the first and the back of the second; then both from the side.
    hidden = [stand(0), stand(1, facing=-1)]
    beside = [stand(0), stand(1, 2.35, facing=-1)]
    double = [stand(0), stand(1, 2.02, tremble_m=0.03)]
    hugs = [measure_all(MEASURE, make_image(people))[0] for people in (hidden, beside)]
    (found, _) = measure_all(MEASURE, make_image(double))
    assert hugs[0]["double_iou"] == 1
    assert max(hug["double"] for hug in hugs) < 0.3
    assert found["double"] > 0.7


def test_bodies_without_joints_are_compared_by_their_vertices():
    people = [stand(0, joints_m={}), stand(1, 2.09, joints_m={})]
    one, _ = measure_all(MEASURE, make_image(people))
    assert one["double_distance"] == pytest.approx(0.05)
    # One vertex of many is at the same place.
    board = people[1].verts_m
    many = [stand(row, joints_m={}, verts_m=np.repeat(board, 50, 0)) for row in range(2)]
    many[1].verts_m[1:] += (0.18, 0, 0)
    one, _ = measure_all(MEASURE, make_image(many))
    assert one["double_distance"] == pytest.approx(0.1, rel=0.05)
    # Another topology, or nothing in common.
    for other in (stand(1, joints_m={}, verts_m=board[:3]), stand(1, joints_m={"tail": (0, 0, 0)})):
        one, _ = measure_all(MEASURE, make_image([people[0], other]))
        assert np.isnan([one["double"], one["double_iou"], one["double_row"]]).all()


def test_those_who_are_nowhere_are_nobodys_doubles():
    nowhere = weak_camera()._replace(is_framed=True)
    for people in ([stand(0)], [stand(0), stand(1, camera=nowhere)]):
        for found in measure_all(MEASURE, make_image(people)):
            assert np.isnan(found["double"])


def test_rows_of_one_annotation_are_counted():
    ids = (7, 8, 7, 7, -1, -1, 0)
    people = [stand(row, 2 + row, annot_id=annot_id) for row, annot_id in enumerate(ids)]
    found = [one["same_annotation"] for one in measure_all(MEASURE, make_image(people))]
    np.testing.assert_array_equal(found, [2, 0, 2, 2, np.nan, np.nan, np.nan])


def test_a_crowd_has_the_numbers_of_its_pairs():
    rng = np.random.default_rng(0)
    places_m, facing = rng.uniform((0, -1), (4, 2), (40, 2)).tolist(), rng.choice([1, -1], 40).tolist()
    people = [stand(row, *places_m[row], facing[row], 0.03) for row in range(40)]
    masks = draw_masks(people)
    found = measure_all(MEASURE, make_image(people, masks, (300, 400)))
    for i, person in enumerate(people):
        pairs = []
        for k, other in enumerate(people):
            if k == i:
                continue
            distance = np.linalg.norm(person.joints_px - other.joints_px, axis=1).mean() / 180
            iou = (masks[i] & masks[k]).sum() / max((masks[i] | masks[k]).sum(), 1)
            pairs.append((max(0, 1 - distance / 0.2) * min(1, 2 * iou), iou, other.row))
        best = max(pairs)
        assert found[i]["double"] == pytest.approx(best[0])
        if best[0] > 0:
            assert (found[i]["double_iou"], found[i]["double_row"]) == (pytest.approx(best[1]), best[2])
    assert sum(one["double"] > 0 for one in found) > 10


def test_more_people_than_a_picture_shows_are_not_compared():
    people = [stand(row, annot_id=7) for row in range(MOST_PEOPLE + 1)]
    for found in measure_all(MEASURE, make_image(people)):
        assert np.isnan(found["double"])
        assert found["same_annotation"] == MOST_PEOPLE
