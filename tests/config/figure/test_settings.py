"""Figures among the settings: a file, keys of it on the command line, and what they refuse."""

import pytest

from render.errors import ConfigError
from render.types.figure.spec import Column, Sample, Zoom
from tests.helpers.runs import configure


def test_keys_of_a_figure_are_written_as_in_its_file(tmp_path):
    path = tmp_path / "teaser.yaml"
    path.write_text("rows: [7]\nwidth: 100mm\n")
    config = configure(
        "job=figure",
        f"figure={path}",
        "figure.rows=[12, {image: Fußball, label: 走る}]",
        "figure.columns=[image, {panel: orbit:30:10/clay, title: 'Ours, a: b'}]",
        "figure.zoom.at=left_hand",
        "figure.zoom.corner=tl",
        "figure.transpose=true",
        "figure.dpi=150",
        "figure.caption=Fits: ours, theirs",
    )
    spec = config.figure_spec()
    assert spec.rows == (Sample(row=12), Sample(image="Fußball", label="走る"))
    assert spec.columns == (Column("image"), Column("orbit:30:10/clay", title="Ours, a: b"))
    assert spec.zooms == (Zoom("left_hand", corner="tl"),)
    assert (spec.name, spec.style.width_mm, spec.style.dpi, spec.is_transposed) == ("teaser", 100, 150, True)
    assert spec.style.caption == "Fits: ours, theirs"
    assert [(one.viewpoint.name, one.mode) for one in config.panel_specs()] == [("orbit", "clay")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["job=figure", "output=jpg"], "output: a figure is written as pdf, svg, png and tex at once"),
        (["job=figure", "panels=[camera/geo]"], "panels: job=figure has columns and rows instead"),
        (["job=figure", "shard=1/2"], "shard: job=figure"),
        (["job=figure", "output.tar=5"], "output.tar: a figure is files of its own"),
        (["figure=teaser.yaml"], "figure: this is for figure, and job=overlay makes sheets; add job=figure"),
        (["job=figure", "figure=none.yaml"], "none.yaml cannot be read"),
        (["job=figure", "figure.rowz=[1]"], "figure.rowz: no such key; .*; did you mean rows"),
        (["job=figure", "figure.zoom.ta=head"], r"figure.zoom.ta: no such key; there are at, size"),
        (["job=figure", "figure.rows=[1, 2"], "figure.rows: no YAML"),
        (["job=figure", "figure.rows=[&a [x], *a]"], "figure.rows, line 1: anchors"),
        (["job=figure", "figure.columns=[camera/error]"], "error shows how far fits are from others"),
    ],
)
def test_what_a_figure_does_not_take_is_refused_in_one_line(words, message):
    with pytest.raises(ConfigError, match=message) as caught:
        configure(*words)
    assert len(str(caught.value).splitlines()) == 1
