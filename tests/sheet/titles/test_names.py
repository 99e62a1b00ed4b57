"""What rows, columns and panels are called."""

import pytest

from render.config.made.formats import check_titles
from render.errors import ConfigError
from render.sheet.panels import parse_panel
from render.sheet.titles.names import Names, name_panels, name_view


def parse(*panels):
    return tuple(parse_panel(text) for text in panels)


@pytest.mark.parametrize(
    ("panels", "columns", "names"),
    [
        # A mode a row, and the other way around.
        (
            ["camera/geo", "side/geo", "camera/mask", "side/mask"],
            2,
            Names(("geo", "mask"), ("camera", "side")),
        ),
        (
            ["camera/geo", "camera/mask", "side/geo", "side/mask"],
            2,
            Names(("camera", "side"), ("geo", "mask")),
        ),
        # What is the same everywhere tells nothing.
        (["camera/geo", "side/geo"], 9, Names(columns=("camera", "side"))),
        (["camera/geo", "side/geo"], 1, Names(rows=("camera", "side"))),
        (["camera/geo"], 1, Names()),
        # Both vary along one axis.
        (["camera/geo", "side/normal"], 2, Names(columns=("camera/geo", "side/normal"))),
        # Rows and columns do not say it: each panel does.
        (
            ["camera/geo", "side/geo", "top/geo"],
            2,
            Names(panels=("camera/geo", "side/geo", "top/geo")),
        ),
        (
            ["camera/geo", "side/geo", "side/geo/black", "camera/mask"],
            2,
            Names(panels=("camera/geo/photo", "side/geo/white", "side/geo/black", "camera/mask/black")),
        ),
        # Backgrounds are named where nothing else differs.
        (["side/geo/white", "side/geo/grey"], 2, Names(columns=("geo/white", "geo/grey"))),
    ],
)
def test_what_varies_is_named(panels, columns, names):
    assert name_panels(parse(*panels), columns) == names


@pytest.mark.parametrize(
    "view",
    [
        "camera",
        "crop",
        "crop:2.5",
        "side",
        "side:ortho",
        "top",
        "orbit:45:10",
        "orbit:45",
        "orbit:-30:5:ortho",
    ],
)
def test_views_are_called_as_people_write_them(view):
    (spec,) = parse(f"{view}/geo")
    assert name_view(spec.viewpoint, spec.fits_row) == view


def test_nothing_is_written_beside_labels():
    check_titles("grid", parse("camera/geo", "camera/depth"))
    check_titles("none", parse("camera/depth"))
    with pytest.raises(ConfigError, match="titles: depth holds labels"):
        check_titles("grid", parse("camera/depth", "side/depth"))
