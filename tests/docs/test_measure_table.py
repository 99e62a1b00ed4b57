"""The page on reviewing has a table that says what the measures are."""

from pathlib import Path

from tests.helpers.measure_table import HEAD, format_table

PAGE = Path(__file__).parents[2] / "docs" / "jobs" / "review.md"


def test_the_table_is_that_of_the_measures():
    _, after = PAGE.read_text().split(HEAD)
    found = [HEAD, *(line for line in after.split("\n\n")[0].splitlines() if line)]
    said = "the measures have changed; python -m tests.helpers.measure_table prints the table"
    assert found == format_table().splitlines(), said
