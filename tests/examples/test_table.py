"""Each example is in the tables of examples/README.md and of the library's guide, and says how to run it."""

import ast
import re

import pytest

from tests.examples.conftest import EXAMPLES
from tests.helpers.pages import DOCS
from tests.helpers.runs import ROOT

SCRIPTS = sorted(EXAMPLES.glob("*.py"))
ALL = [*SCRIPTS, *sorted(EXAMPLES.glob("*.ipynb"))]
# Somebody copies a script whole; longer ones are several.
MOST_LINES = 80


def test_there_are_examples():
    assert len(ALL) >= 7


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_each_is_in_the_table_and_in_the_guide(path):
    rows = [line for line in (EXAMPLES / "README.md").read_text().splitlines() if line.startswith("| [")]
    assert sum(f"({path.name})" in row for row in rows) == 1
    assert f"examples/{path.name}" in (DOCS / "library" / "index.md").read_text()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_each_says_how_to_run_it_and_is_short(path):
    text = path.read_text()
    assert f"python examples/{path.name}" in ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= MOST_LINES


def test_tables_name_nothing_that_there_is_not():
    for name in re.findall(r"\| \[`?([\w.]+)`?\]\(", (EXAMPLES / "README.md").read_text()):
        assert (EXAMPLES / name).exists(), name
    for name in re.findall(r"examples/([\w./]+\.(?:py|ipynb))", (DOCS / "library" / "index.md").read_text()):
        assert (ROOT / "examples" / name).exists(), name
