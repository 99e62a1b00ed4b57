"""The drawings of the page on how it works are of what the program computes and of its own code."""

from xml.etree import ElementTree

import pytest

from render.types.buffer import Visibility
from tests.test_architecture import ROOMS
from tools.docs.compare import find_difference
from tools.docs.drawn.buffer import PIXEL
from tools.docs.drawn.crop import LEFT, SIDE, TOP, list_covering, take_crop
from tools.docs.drawn.ways import draw_life, draw_rooms


@pytest.fixture(scope="module")
def crop():
    return take_crop()


def test_a_second_way_has_the_same_faces_in_front(crop):
    for y in range(TOP, TOP + SIDE, 5):
        for x in range(LEFT, LEFT + SIDE, 3):
            if crop.face[y, x] < 0:
                assert crop.keys[y, x] == Visibility.EMPTY
                continue
            key, face, depth = list_covering(crop, x, y)[0]
            assert face == crop.face[y, x]
            # Depths are interpolated in float32 there.
            assert depth == pytest.approx(crop.depth[y, x], abs=1e-5)
            assert key & 0xFFFFFFFF == int(crop.keys[y, x]) & 0xFFFFFFFF


def test_the_pixel_of_the_keys_is_one_that_the_first_face_does_not_win(crop):
    found = list_covering(crop, *PIXEL)
    assert len(found) == 4
    assert min(face for _, face, _ in found) != found[0][1]


def test_both_ways_are_drawn_whole(tmp_path):
    for draw in (draw_life, draw_rooms):
        draw(tmp_path / "drawn.svg")
        texts = [one.text for one in ElementTree.parse(tmp_path / "drawn.svg").iter() if one.text]
        assert "manifest.jsonl" in texts or set(texts) >= {room for room in ROOMS if "__" not in room}


def test_another_drawing_is_told(tmp_path):
    for name, text in (("kept.svg", "<svg/>"), ("same.svg", "<svg/>"), ("other.svg", "<svg></svg>")):
        (tmp_path / name).write_text(text)
    assert find_difference(tmp_path / "kept.svg", tmp_path / "same.svg") is None
    assert "docs-pictures" in find_difference(tmp_path / "kept.svg", tmp_path / "other.svg")
