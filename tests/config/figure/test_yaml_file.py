"""YAML files of figures are data of strangers: nothing in them runs, or becomes more than it is."""

import pytest

from render.config.figure.declare import declare_figure
from render.config.figure.yaml_file import MOST_BYTES, read_figure_file
from render.errors import ConfigError
from render.types.figure.spec import Sample


def write(tmp_path, text: str | bytes):
    path = tmp_path / "teaser.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_file_is_read_and_the_command_line_goes_before_it(tmp_path):
    path = write(tmp_path, "rows: [3, {image: Fußball.jpg, label: 走る}]\ncolumns: [image]\ndpi: 150\n")
    spec = declare_figure({"zoom": {"at": "head"}}, {"file": str(path), "dpi": 600})
    assert spec.rows == (Sample(row=3), Sample(image="Fußball.jpg", label="走る"))
    assert (spec.style.dpi, spec.name, spec.zooms) == (600, "teaser", ())


LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nrows: [*b, *b]\n"
FAULTS = {
    "aliases": (LAUGHS, r"line 1: anchors \(&\) and aliases \(\*\) are not read"),
    "tags": ("rows: !!python/object/apply:os.system ['true']\n", r"line 1: tags \(!\) are not read"),
    "depth": ("rows: " + "[" * 200 + "]" * 200, "expected at most 12 tables and lists"),
    "size": ("# " + "a" * MOST_BYTES, "expected at most 65536 bytes"),
    "no table": ("- 1\n", "expected a table"),
    "nothing": ("", "expected a table"),
    "no YAML": ("rows: [1, 2\ncolumns: ]", "line 2, column 8: "),
    "bytes": (b"\xff\xfe\x00rows", "UTF-8|no YAML"),
    "a date that is none": ("rows: 2026-13-45\n", "no YAML"),
    "a key that stands twice": (
        "rows: [0]\nzoom:\n  at: head\n  size: 0.2\n  at: neck\n",
        "line 5: 'at' stands in line 3 already",
    ),
    "a list as a key": ("? [1, 2]\n: 3\n", "no YAML"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_is_no_declaration_is_refused_in_one_line(tmp_path, name):
    text, message = FAULTS[name]
    with pytest.raises(ConfigError, match=message) as caught:
        read_figure_file(write(tmp_path, text))
    assert len(str(caught.value).splitlines()) == 1
    assert "teaser.yaml" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml cannot be read: No such file"):
        read_figure_file(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_figure_file(tmp_path)
