"""The page of each job begins with a picture and the command that made it, and ends with what goes wrong."""

import re

import pytest

from tests.helpers.pages import DOCS, name_page
from tools.docs.declare import read_pictures

JOBS = sorted((DOCS / "jobs").glob("*.md"))
# What a reader sees before the first heading below the title.
FIRST_PART = re.compile(r"\A# [^\n]+\n(.*?)^## ", re.MULTILINE | re.DOTALL)
DRAWN = {picture.name for picture in read_pictures()}


@pytest.mark.parametrize("page", JOBS, ids=name_page)
def test_a_job_begins_with_a_picture_and_a_command(page):
    first = FIRST_PART.match(page.read_text())[1]
    assert DRAWN & set(re.findall(r"\(\.\./pictures/([^)]+)\)", first))
    assert first.index("pictures/") < first.index("```bash\n")


@pytest.mark.parametrize("page", JOBS, ids=name_page)
def test_a_job_ends_with_what_goes_wrong(page):
    headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
    assert headings[-1] == "What goes wrong"


def test_headings_of_a_page_differ():
    """Or a link leads to the first of two."""
    for page in DOCS.rglob("*.md"):
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        assert len(set(headings)) == len(headings), name_page(page)


def test_details_are_read_as_markdown():
    """Without the attribute the site shows tables in them as text; GitHub takes no notice of it."""
    for page in DOCS.rglob("*.md"):
        assert "<details>" not in page.read_text(), name_page(page)
