"""The README's table of the columns of an audit says what the measures are."""

from pathlib import Path

from tests.helpers.measure_table import HEAD, format_table

README = Path(__file__).parents[2] / "README.md"


def test_the_table_is_that_of_the_measures():
    _, after = README.read_text().split(HEAD)
    found = [HEAD, *(line for line in after.split("\n\n")[0].splitlines() if line)]
    said = "the measures have changed; python -m tests.helpers.measure_table prints the table"
    assert found == format_table().splitlines(), said
