"""The page on labels has a table that says what the layers are."""

from pathlib import Path

from render.labels.layer import LAYERS, SPECIAL
from tests.helpers.layer_table import HEAD, format_table

PAGE = Path(__file__).parents[2] / "docs" / "jobs" / "labels.md"


def read_table() -> list[str]:
    """The lines of the one table that begins as this one does."""
    _, after = PAGE.read_text().split(HEAD)
    return [HEAD, *(line for line in after.split("\n\n")[0].splitlines() if line)]


def test_the_table_is_that_of_the_layers():
    expected = format_table().splitlines()
    found = read_table()
    assert found == expected, "the layers have changed; python -m tests.helpers.layer_table prints the table"


def test_each_layer_has_a_row():
    names = [line.split("`")[1] for line in read_table()[2:]]
    assert names == [*LAYERS.names, *SPECIAL]
