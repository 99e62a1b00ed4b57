"""What legends say of modes."""

import numpy as np
import pytest

from render.shade.colour_maps import DEPTHS_RGB, ERRORS_RGB, sample_map
from render.shade.legend import ColourBar, Shown, ShownPerson, Swatches
from render.shade.mode import MODES, legend_of
from render.shade.palettes import CLAYS_RGB, CROWD_RGB, PEOPLE_RGB

PEOPLE = tuple(ShownPerson(f"#{row}", instance, row) for instance, row in enumerate((4, 30, 11), start=1))


def test_errors_end_where_the_scale_does():
    bar = legend_of("error", Shown(error_mm=80))
    assert bar == ColourBar("error", "mm", 0.0, 80, ERRORS_RGB, is_clamped=True)
    assert bar.list_ticks() == [(0.0, "0"), (0.5, "40"), (1.0, "\N{GREATER-THAN OR EQUAL TO} 80")]


def test_depths_are_metres_where_they_are_known():
    assert legend_of("colordepth", Shown()).list_ticks() == [(0.0, "near"), (1.0, "far")]
    bar = legend_of("colordepth", Shown(depths_m=(2.8, 4.7313)))
    assert (bar.unit, bar.colours, bar.is_clamped) == ("m", DEPTHS_RGB, False)
    assert [text for _, text in bar.list_ticks()] == ["2.8", "3.77", "4.73"]


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [(0, 1, ["0", "0.5", "1"]), (0, 0.5, ["0", "0.25", "0.5"]), (10, 10.02, ["10", "10.01", "10.02"])],
)
def test_numbers_have_as_many_digits_as_they_need(low, high, texts):
    assert [text for _, text in ColourBar("x", "", low, high, ERRORS_RGB).list_ticks()] == texts


def test_people_have_the_colours_that_the_modes_give_them():
    shown = Shown(people=PEOPLE)
    assert legend_of("colorgeo", shown) == Swatches(
        (("#4", PEOPLE_RGB[4]), ("#30", PEOPLE_RGB[2]), ("#11", PEOPLE_RGB[4]))
    )
    for mode in ("colorclay", "colorstudio"):
        assert [rgb for _, rgb in legend_of(mode, shown).entries] == [CLAYS_RGB[k] for k in (4, 2, 4)]
    # By the number in the sheet, so that no two are alike.
    assert [rgb for _, rgb in legend_of("colormask", shown).entries] == list(CROWD_RGB[:3])


def test_labels_have_no_legend():
    """Nothing is painted onto values, so there is nobody to read it."""
    for name in MODES.names:
        mode = MODES.load(name)
        assert not (mode.is_label and mode.legend is not None)
    assert legend_of("geo", Shown(people=PEOPLE)) is None


def test_a_sampled_map_is_straight_between_its_knots():
    knots = ((0.0, 0.0, 1.0), (1.0, 0.5, 1.0), (0.0, 0.0, 0.0))
    at = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    expected = [knots[0], (0.5, 0.25, 1.0), knots[1], (0.5, 0.25, 0.5), knots[2]]
    np.testing.assert_allclose(sample_map(knots, at), expected)
