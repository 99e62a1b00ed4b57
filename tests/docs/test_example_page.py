"""The page of examples shows each script whole."""

import re

import pytest

from tests.helpers.pages import DOCS
from tests.helpers.runs import ROOT

SCRIPTS = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_each_script_is_put_into_the_page_from_its_file(path):
    """By a line that the build of the site replaces; formatters of code take it for code and break it."""
    lines = re.findall(r'^--8<-- "(.+)"$', (DOCS / "library" / "examples.md").read_text(), re.MULTILINE)
    assert lines.count(f"examples/{path.name}") == 1
