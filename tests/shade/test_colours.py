"""Colour maps and palettes: what eyes make of them, in print and under each kind of colour blindness."""

import colorsys
import itertools

import numpy as np
import pytest

from render.shade.colour_maps import DEPTHS_RGB, ERRORS_RGB, sample_map
from render.shade.modes.mapped.error import UNKNOWN
from render.shade.palettes import CROWD_RGB, PART_COUNT, PARTS_RGB, PEOPLE_RGB
from tests.helpers.colour_vision import BLINDNESS, find_distances, find_lab

EYES = (None, *BLINDNESS)
MAPS = {"errors": ERRORS_RGB, "depths": DEPTHS_RGB}
# Least distances in CIELAB: of any two parts, of two that touch each other, and of their lightness in grey.
# About 2.3 is what is just noticed side by side.
PARTS_APART, PARTS_APART_BLIND = 27, 14
TOUCHING_APART, TOUCHING_APART_BLIND, TOUCHING_APART_GREY = 50, 30, 13


def list_touching(part: np.ndarray, faces: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of parts that share a vertex."""
    corners = np.column_stack([faces.ravel(), np.repeat(part, 3)])
    corners = np.unique(corners[corners[:, 1] > 0], axis=0)
    pairs = set()
    for _, group in itertools.groupby(corners.tolist(), key=lambda corner: corner[0]):
        pairs |= set(itertools.combinations([of for _, of in group], 2))
    return sorted(pairs)


@pytest.fixture(scope="module")
def touching(charts, demo_body) -> tuple[np.ndarray, np.ndarray]:
    """Of the demo body, which has DensePose's parts; palettes begin with no part."""
    pairs = list_touching(charts.part.numpy(), demo_body.faces.numpy())
    # Such as the front and the back of the torso.
    assert (1, 2) in pairs
    assert len(pairs) > 40
    return tuple(np.array(pairs).T - 1)


def are_told_apart(parts, touching) -> list[bool]:
    """Whether each of the least distances is kept, in order: any two, those that touch, in grey."""
    any_two = np.triu_indices(len(parts), 1)
    found = []
    for eyes in EYES:
        apart = find_distances(parts, eyes)
        found.append(apart[any_two].min() >= (PARTS_APART if eyes is None else PARTS_APART_BLIND))
        found.append(apart[touching].min() >= (TOUCHING_APART if eyes is None else TOUCHING_APART_BLIND))
    light = find_lab(parts)[:, 0]
    return [*found, np.abs(light[touching[0]] - light[touching[1]]).min() >= TOUCHING_APART_GREY]


def test_parts_are_told_apart_by_all_eyes_and_in_print(touching):
    assert len(PARTS_RGB) == PART_COUNT + 1
    assert all(are_told_apart(PARTS_RGB[1:], touching))
    # Also from what is no part, and they are no neon that ink does not have.
    lab = find_lab(PARTS_RGB)
    assert lab[1:, 0].min() >= 30
    assert np.hypot(*lab.T[1:]).max() <= 66.5


def test_hues_alone_would_not_tell_them_apart(touching):
    """The palette from before: a part in so many twenty-fourths of the circle of hues."""
    before = [
        colorsys.hsv_to_rgb(part * 7 % 24 / 24, 0.55 if part % 2 else 0.8, 0.95 if part % 3 else 0.75)
        for part in range(1, 25)
    ]
    assert not any(are_told_apart(before, touching)[k] for k in (0, 2, 3, 4, 5, 6, 7, 8))


def test_people_of_a_crowd_are_told_apart():
    """The first seven as the palette of people tells them, and all 21 by what is seen side by side."""
    assert CROWD_RGB[:7] == PEOPLE_RGB
    any_two = np.triu_indices(21, 1)
    for eyes in EYES:
        assert find_distances(CROWD_RGB, eyes)[any_two].min() > (12 if eyes is None else 6.5)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("eyes", EYES)
def test_a_map_grows_darker_for_all_eyes(name, eyes):
    """So it is read in grey, and by whoever does not see its hues."""
    light = find_lab(sample_map(MAPS[name], np.linspace(0, 1, 256)), eyes)[:, 0]
    assert (np.diff(light) < 0).all()
    assert light[0] - light[-1] > 60


def test_the_map_of_errors_changes_as_much_everywhere():
    """An eighth of the scale is as far in CIELAB wherever it is; plasma is even in CAM02-UCS."""
    lab = find_lab(sample_map(ERRORS_RGB, np.linspace(0, 1, 9)))
    steps = np.linalg.norm(np.diff(lab, axis=0), axis=1)
    assert steps.max() / steps.min() < 1.1


def test_no_error_is_neutral_and_great_errors_are_not():
    lab = find_lab(sample_map(ERRORS_RGB, np.linspace(0, 1, 5)))
    chroma = np.hypot(*lab.T[1:])
    assert chroma[0] < 3
    assert 80 < lab[0, 0] < 92
    assert (chroma[1:] > 25).all()
    # Who has no number has no colour of the map.
    unknown = find_lab([[UNKNOWN] * 3])
    assert (
        np.linalg.norm(unknown - find_lab(sample_map(ERRORS_RGB, np.linspace(0, 1, 256))), axis=1).min() > 15
    )


def test_form_changes_little_of_what_is_read():
    """A tenth less light, at the most, is read as another error by a fifteenth of the scale at most.

    Whoever looks for the colour in the bar, by CIELAB, finds it so far from its place.
    """
    shown = sample_map(ERRORS_RGB, np.linspace(0, 1, 256))
    lab = find_lab(shown)
    for lost, most in ((0.02, 0.02), (0.1, 0.067)):
        seen = find_lab((1 - lost) * shown)
        read = np.linalg.norm(seen[:, None] - lab, axis=2).argmin(1)
        assert np.abs(read - np.arange(256)).max() / 255 <= most
