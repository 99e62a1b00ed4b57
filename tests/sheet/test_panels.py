"""Panels as people write them, and what is wrong with those that cannot be."""

import pytest

from render.errors import ConfigError
from render.sheet.panels import PanelSpec, parse_panel
from render.types.sheets import Viewpoint


def test_a_background_can_be_chosen():
    assert parse_panel("camera/normal/white") == PanelSpec(Viewpoint("camera"), "normal", "white")


@pytest.mark.parametrize(
    ("text", "background", "expected"),
    [
        ("camera/geo", "photo", "photo"),
        ("side/geo", "photo", "white"),
        ("side/geo", "rgb:ff8800", "rgb:ff8800"),
        ("camera/iuv", "photo", "black"),
        ("camera/iuv", "transparent", "black"),
        ("camera/iuv/black", "white", "black"),
    ],
)
def test_panels_without_a_background_have_the_one_that_fits(text, background, expected):
    assert parse_panel(text, background).background == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("camera", "panels: expected view/mode or view/mode/background, such as camera/geo, found 'camera'"),
        ("camera/geo/white/1", "panels: expected view/mode"),
        ("camera/gio", r"no mode 'gio'; did you mean 'geo'\? There are: .*geo"),
        ("front/geo", "no view 'front'.* There are: camera, crop"),
        ("camera/geo/blue", "no background 'blue'.* There are: photo, transparent"),
        ("camera/iuv/photo", "iuv holds labels, whose background is black"),
        ("side/geo/photo", "the photo does not show what the view 'side' sees"),
        ("camera:3/geo", "the view 'camera' is written camera, found 'camera:3'"),
        ("orbit:x/geo", "azimuth_deg of the view 'orbit': expected a number, found 'x'"),
        ("orbit:nan/geo", "azimuth_deg of the view 'orbit': expected a number, found 'nan'"),
        ("orbit:1:2:3/geo", r"written orbit:azimuth_deg:elevation_deg\[:ortho\]"),
        ("crop:99/geo", "magnification: expected 1 to 16, found 99"),
        ("crop:4:ortho/geo", "the view 'crop' is written crop:magnification, found 'crop:4:ortho'"),
    ],
)
def test_panels_that_cannot_be(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_panel(text)
