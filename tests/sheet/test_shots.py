"""Which panels share a shot: those of one sheet that look alike at as many pixels and samples."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.shade.mode import MODES
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.shots import Shot, list_shots
from render.sheet.view import VIEWS
from render.types.sheets import Sheet
from tests.helpers.runs import configure


def make_sheet(*panels: str, hw: tuple[int, int] = (300, 400), frames: int = 1) -> Sheet:
    specs = tuple(parse_panel(text) for text in panels)
    return lay_out_sheet("a", None, hw, specs, (0,), columns=99, frames=frames)


def list_modes(*panels: str, supersample: int = 1, is_fitted: bool = True, **sheet) -> list[tuple[str, ...]]:
    """The modes of the shots of one sheet."""
    return [shot.modes for shot in list_shots([make_sheet(*panels, **sheet)], supersample, is_fitted)]


def test_panels_of_one_view_share_a_shot_whatever_their_modes_and_backgrounds():
    sheet = make_sheet("camera/normal/black", "camera/geo/photo", "camera/mask", "camera/geo/white")
    assert list_shots([sheet], 1, True) == [
        Shot(
            sheet=0,
            viewpoint=sheet.panels[0].viewpoint,
            size_px=(400, 300),
            sample_bits=0,
            centers_on_charts=False,
            # By their modes; those of one mode as they are on the sheet.
            panels=tuple(sheet.panels[i] for i in (1, 3, 2, 0)),
        )
    ]


@pytest.mark.parametrize(
    "panels",
    [
        ("camera/geo", "side/geo"),
        ("orbit:30/geo", "orbit:40/geo"),
        ("orbit:30/geo", "orbit:30:5/geo"),
        ("orbit:30/geo", "orbit:30:ortho/geo"),
        # Crops of two sizes.
        ("crop:1/geo", "crop:2/geo"),
    ],
)
def test_other_views_and_sizes_are_shots_of_their_own(panels):
    assert list_modes(*panels) == [("geo",), ("geo",)]


def test_sheets_share_nothing():
    sheet = make_sheet("camera/geo", "camera/mask")
    shots = list_shots([sheet, sheet], 1, True)
    assert [(shot.sheet, shot.modes) for shot in shots] == [(0, ("geo", "mask")), (1, ("geo", "mask"))]


def test_labels_share_a_shot_with_colours_that_have_one_sample_a_pixel():
    panels = ("camera/geo", "camera/mask", "camera/normal", "camera/iuv")
    assert list_modes(*panels) == [("geo", "iuv", "mask", "normal")]
    assert list_modes(*panels, supersample=2) == [("geo", "normal"), ("iuv", "mask")]


def test_a_mode_that_is_centred_on_charts_is_apart_where_that_moves_the_camera():
    """The original's views around bodies; over the photo all modes are at the same place."""
    panels = ("side/densepose", "side/geo", "camera/densepose", "camera/geo")
    both, apart = [("densepose", "geo")] * 2, [("densepose",), ("densepose", "geo"), ("geo",)]
    assert list_modes(*panels) == both
    assert list_modes(*panels, is_fitted=False) == apart


def test_frames_that_look_alike_share_a_shot():
    """The photo's own view does not turn."""
    found = list_shots([make_sheet("camera/geo", "orbit/geo", frames=5)], 1, True)
    assert sorted(len(shot.panels) for shot in found) == [1] * 5 + [5]


def test_shots_of_the_same_modes_are_side_by_side_in_the_order_of_their_sheets():
    sheets = [make_sheet("side/mask", "camera/geo", "side/geo"), make_sheet("camera/geo")]
    assert [(shot.sheet, shot.viewpoint.name) for shot in list_shots(sheets, 1, True)] == [
        (0, "camera"),
        (1, "camera"),
        (0, "side"),
    ]


PANELS = st.tuples(
    st.sampled_from(["crop:1" if name == "crop" else name for name in VIEWS.names]),
    st.sampled_from(MODES.names),
).map("/".join)


@given(
    sheets=st.lists(st.lists(PANELS, min_size=1, max_size=8), min_size=1, max_size=3),
    supersample=st.sampled_from([1, 2, 4]),
    is_fitted=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_each_panel_is_a_layer_of_one_shot_that_has_its_view_size_and_samples(sheets, supersample, is_fitted):
    made = [make_sheet(*panels) for panels in sheets]
    shots = list_shots(made, supersample, is_fitted)
    layers = Counter((shot.sheet, panel) for shot in shots for panel in shot.panels)
    assert layers == Counter((i, panel) for i, sheet in enumerate(made) for panel in sheet.panels)
    modes = [shot.modes for shot in shots]
    assert modes == sorted(modes)
    for shot in shots:
        assert {panel.viewpoint for panel in shot.panels} == {shot.viewpoint}
        assert {(panel.rect.w, panel.rect.h) for panel in shot.panels} == {shot.size_px}
        are_labels = {MODES.load(mode).is_label for mode in shot.modes}
        assert 2**shot.sample_bits == (1 if True in are_labels else supersample)
        assert supersample == 1 or len(are_labels) == 1
        assert shot.can_be_smooth == (False in are_labels and supersample == 1)
    assert len({(shot.sheet, *key(shot)) for shot in shots}) == len(shots)


def key(shot: Shot) -> tuple:
    """All in which two shots of a sheet may differ."""
    return (shot.viewpoint, shot.size_px, shot.sample_bits, shot.centers_on_charts)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (["fit=bodies"], 5),
        # In three of the five views DensePose's mode has a camera of its own.
        (["fit=original", "up=picture"], 8),
        # Labels have a shot in each view.
        (["fit=bodies", "supersample=2"], 10),
        (["fit=original", "up=picture", "supersample=2"], 13),
    ],
)
def test_the_contact_sheet_is_a_shot_for_each_view(settings, expected):
    config = configure("job=contact", *settings)
    specs = tuple(config.panel_specs())
    sheet = lay_out_sheet("a", None, (480, 640), specs, (0,), columns=5)
    # Not those that need files which only users have, nor the one that nobody sees anything on.
    modes = [MODES.load(name) for name in MODES.names if name != "mask"]
    needs_files = [mode.needs_texture or mode.needs_colors or mode.needs_values for mode in modes]
    assert len(sheet.panels) == 5 * needs_files.count(False)
    assert len(list_shots([sheet], config.supersample, config.framing().fit == "bodies")) == expected
