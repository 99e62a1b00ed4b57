"""Panels as people write them, and what is wrong with those that cannot be."""

import pytest

from render.errors import ConfigError
from render.sheet.panels import (
    PanelSpec,
    catches_shadow,
    check_paper,
    parse_panel,
    parse_viewpoint,
    split_views,
    stage_panel,
)
from render.types.sheets import Viewpoint


def test_a_background_can_be_chosen():
    assert parse_panel("camera/normal/white") == PanelSpec(Viewpoint("camera"), "normal", "white")


@pytest.mark.parametrize(
    ("text", "background", "expected"),
    [
        ("camera/geo", "photo", "photo"),
        ("side/geo", "photo", "white"),
        ("side/geo", "rgb:ff8800", "rgb:ff8800"),
        ("side/geo", "ground", "ground"),
        ("camera/geo", "ground", "photo"),
        ("side/depth", "ground", "black"),
        ("camera/iuv", "photo", "black"),
        ("camera/iuv", "transparent", "black"),
        ("camera/iuv/black", "white", "black"),
    ],
)
def test_panels_without_a_background_have_the_one_that_fits(text, background, expected):
    assert parse_panel(text, background).background == expected


@pytest.mark.parametrize("background", ["", "/white"])
def test_crops_of_no_size_of_their_own_are_told_from_others(background):
    views = ("crop", "crop:1", "camera", "orbit")
    assert [parse_panel(f"{view}/geo{background}").fits_row for view in views] == [True, False, False, False]


@pytest.mark.parametrize(
    ("paper", "message"),
    [
        ("photo", "paper: expected auto, transparent or a colour, such as grey, found 'photo'"),
        ("ground", "paper: expected auto, transparent or a colour, such as grey, found 'ground'"),
        ("blue", "paper: no background 'blue'"),
        ("#ff8800", "paper: colours are written rgb:ff8800"),
        ("white", "paper: mask holds labels, whose paper is black; use paper=auto"),
        ("transparent", "paper: mask holds labels"),
    ],
)
def test_papers_that_cannot_be(paper, message):
    with pytest.raises(ConfigError, match=message):
        check_paper(paper, (parse_panel("camera/mask"), parse_panel("side/iuv")))


def test_papers_that_can_be():
    """Among pictures for people labels may lie on any paper; who reads them reads their panel."""
    labels, picture = parse_panel("camera/mask"), parse_panel("camera/geo")
    for paper in ("auto", "black"):
        check_paper(paper, (labels,))
    for paper in ("auto", "transparent", "grey", "rgb:102030"):
        check_paper(paper, (labels, picture))


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orbit", Viewpoint("orbit", 0.0, 0.0)),
        ("orbit:+7", Viewpoint("orbit", 7.0, 0.0)),
        ("orbit:-9999.999999:0.5", Viewpoint("orbit", -9999.999999, 0.5)),
        ("orbit:ortho", Viewpoint("orbit", is_orthographic=True)),
        ("orbit:10:20:ortho", Viewpoint("orbit", 10.0, 20.0, is_orthographic=True)),
        ("top:ortho", Viewpoint("top", 0.0, 90.0, is_orthographic=True)),
        ("side", Viewpoint("side", 90.0, 20.0)),
        # As large as its docstring says where nothing else is said.
        ("crop", Viewpoint("crop", magnification=2.0)),
        ("crop:1", Viewpoint("crop", magnification=1.0)),
        ("crop:16", Viewpoint("crop", magnification=16.0)),
    ],
)
def test_a_view_has_its_own_angles_until_others_are_given(text, expected):
    assert parse_viewpoint(text, f"{text}/geo") == expected


@pytest.mark.parametrize(
    "value", ["", " 1", "1 ", "1e3", "10000", "1.", ".5", "1.1234567", "--1", "inf", "1_0", "0x1", "1\n"]
)
def test_only_plain_numbers_are_numbers(value):
    """What Python's own `float` takes beside them would not be what anyone means."""
    with pytest.raises(ConfigError, match="panels: 'all of it': elevation_deg of the view 'orbit': expected"):
        parse_viewpoint(f"orbit:5:{value}", "panels: 'all of it'")


@pytest.mark.parametrize("value", ["0.999999", "0", "-2", "16.000001"])
def test_a_crop_is_never_shrunk_nor_too_large(value):
    with pytest.raises(ConfigError, match=f"magnification: expected 1 to 16, found {value}"):
        parse_viewpoint(f"crop:{value}", "crop/geo")


@pytest.mark.parametrize("text", ["camera:ortho", "crop:ortho", "orbit:ortho:5", "orbit:ortho:ortho"])
def test_ortho_comes_last_and_not_over_the_photo(text):
    """What lies over the photo has no perspective to leave out."""
    with pytest.raises(ConfigError, match="panels: 'all of it': "):
        parse_viewpoint(text, "panels: 'all of it'")


@pytest.mark.parametrize("view", ["camera", "crop:2"])
def test_views_over_the_photo_have_no_ground(view):
    with pytest.raises(
        ConfigError, match="the ground is drawn in views around the bodies, such as orbit:30:10"
    ):
        parse_panel(f"{view}/clay/ground")
    assert parse_panel("orbit:30:12/colorclay/ground").background == "ground"


@pytest.mark.parametrize(
    "text", ["camera/iuv/white", "orbit/mask/transparent", "side/depth/photo", "orbit/depth/ground"]
)
def test_labels_lie_on_nothing_but_black(text):
    with pytest.raises(ConfigError, match="holds labels, whose background is black"):
        parse_panel(text)


@pytest.mark.parametrize(
    ("text", "background", "expected"),
    [
        ("camera/geo/photo", "white", "photo"),
        ("crop/geo/photo", "white", "photo"),
        ("side/geo/transparent", "photo", "transparent"),
        ("side/geo", "black", "black"),
        ("crop/geo", "photo", "photo"),
        ("top/depth", "photo", "black"),
    ],
)
def test_a_panel_s_own_background_comes_before_that_of_all(text, background, expected):
    assert parse_panel(text, background).background == expected


@pytest.mark.parametrize(
    ("text", "panels"),
    [
        ("camera/geo", ["camera/geo"]),
        ("camera|orbit:45:10/geo/white", ["camera/geo/white", "orbit:45:10/geo/white"]),
        # What is wrong is for whoever reads panels to say.
        ("camera|/geo", ["camera/geo", "/geo"]),
        ("camera", ["camera"]),
        ("|" * 300, ["|" * 300]),
    ],
)
def test_several_views_are_written_as_one(text, panels):
    assert split_views(text) == panels


@pytest.mark.parametrize(
    ("text", "background", "expected"),
    [
        ("camera/geo/photo+shadow", "white", ("photo", True)),
        ("side/geo/transparent+shadow", "photo", ("transparent", True)),
        ("side/geo", "white+shadow", ("white", True)),
        ("side/geo/black", "white+shadow", ("black", False)),
        ("camera/geo", "photo+shadow", ("photo", True)),
        ("side/geo", "photo+shadow", ("white", True)),
        ("side/mask", "white+shadow", ("black", False)),
        # Of the studio's own.
        ("side/studio", "photo", ("white", True)),
        ("side/studio", "white", ("white", False)),
        ("side/studio/white", "photo", ("white", False)),
        ("side/studio", "ground", ("ground", False)),
        ("camera/studio", "photo", ("photo", False)),
    ],
)
def test_shadows_are_asked_for_with_the_background_or_by_the_studio(text, background, expected):
    spec = parse_panel(text, background)
    assert (spec.background, spec.has_shadow) == expected


@pytest.mark.parametrize("text", ["side/studio", "camera/studio/photo+shadow", "crop/studio/photo"])
def test_without_photos_the_studio_has_the_ground(text):
    spec = stage_panel(text)
    assert (spec.background, spec.has_shadow) == ("ground", False)
    assert catches_shadow(spec)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("side/geo/white+shadow", True), ("side/geo/ground", False), ("side/studio/ground", True)],
)
def test_the_ground_of_the_studio_catches_its_shadows(text, expected):
    assert catches_shadow(parse_panel(text)) == expected


def test_the_photo_is_refused_with_its_shadow_where_it_is_without():
    with pytest.raises(ConfigError, match=r"does not show what the view 'side' sees; use white\+shadow$"):
        parse_panel("side/geo/photo+shadow")
    with pytest.raises(ConfigError, match="holds labels, whose background is black"):
        parse_panel("side/depth/black+shadow")
