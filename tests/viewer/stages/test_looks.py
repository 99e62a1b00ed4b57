"""Colours of bodies in a viewer are those that they have in pictures."""

from dataclasses import replace

import numpy as np
import pytest

from render.shade.colour_maps import ERRORS_RGB
from render.shade.modes.mapped.error import UNKNOWN
from render.shade.palettes import CLAYS_RGB
from render.viewer.stages.looks import choose_look, list_looks
from render.viewer.stages.stage import StagePerson

FACES = np.array([[0, 1, 2]], np.int32)
NORMALS = np.array([[1, 0, 0], [0, -1, 0], [0, 0, -1]], np.float32)
PERSON = StagePerson("row_3", "row 3", 3, np.eye(3, dtype=np.float32), NORMALS, FACES, True)


def test_people_are_told_apart_as_in_pictures():
    looks = list_looks([PERSON], 100)
    assert looks["people"](PERSON).rgb == CLAYS_RGB[3]
    assert looks["people"](replace(PERSON, colour=10)).rgb == CLAYS_RGB[3]
    assert looks["clay"](PERSON) == looks["clay"](replace(PERSON, colour=4))


def test_normals_are_red_to_the_right_green_up_and_blue_to_the_viewer():
    colours = list_looks([PERSON], 100)["normals"](PERSON).of_verts
    np.testing.assert_array_equal(colours, [[255, 128, 128], [128, 255, 128], [128, 128, 255]])


def test_errors_are_in_the_scale_of_the_mode_and_unknown_ones_in_none_of_its_colours():
    person = replace(PERSON, values=np.array([0, 50, np.nan], np.float32))
    colours = list_looks([person], 50.0)["errors"](person).of_verts
    # The vertex that faces the viewer loses least of its light, and none loses more than a fifth.
    expected = 255 * np.array([ERRORS_RGB[0], ERRORS_RGB[-1], (UNKNOWN,) * 3])
    assert (colours <= expected + 0.51).all()
    assert (colours >= 0.8 * expected - 0.51).all()
    assert len(set(colours[2].tolist())) == 1


def test_there_are_only_looks_that_somebody_has():
    assert "errors" not in list_looks([PERSON], 100)
    painted = replace(PERSON, colors=np.zeros((3, 3), np.uint8))
    assert "colours" in list_looks([PERSON, painted], 100)


@pytest.mark.parametrize(
    ("mode", "look"),
    [("clay", "clay"), ("geo", "clay"), ("colorstudio", "people"), ("normal", "normals"), ("error", "clay")],
)
def test_the_look_is_the_nearest_to_the_mode_of_pictures(mode, look):
    assert choose_look(mode, list_looks([PERSON], 100)) == look
