"""What the pages in docs/ write on the command line is understood, and what pages lead to is there."""

import re
import shlex
from pathlib import Path

import pytest

from tests.helpers.runs import ROOT, configure

PAGES = sorted((ROOT / "docs").glob("*.md"))
# In a line of its own, or within one; up to where the shell or the page has something else.
_COMMAND = re.compile(r"^ {4}.*|`[^`\n]+`", re.MULTILINE)
_WORDS = re.compile(r"(?:\bsmpl-render|\barray\.sbatch \d+) +([^#\"`;|)\n]+)")
# Those of other commands, which take folders and names.
_OTHERS = ("merge", "page", "doctor", "download", "view", "kernels")
# Hydra's own; the settings of a run do not have them.
_HYDRA = re.compile(r"--multirun|hydra[/.].*")


def list_commands(page: Path) -> list[list[str]]:
    """The settings of each command."""
    text = page.read_text().replace("\\\n", " ")
    # What the shell and xargs put there.
    text = re.sub(r"\$\(seq -s, -f %g/8 8\)", "1/8", text)
    text = re.sub(r"\$\{?\w+\}?|\{\}", "7", text)
    found = [words for line in _COMMAND.findall(text) for words in _WORDS.findall(line)]
    # A command within quotes ends where they do.
    split = [shlex.split(words if words.count("'") % 2 == 0 else words.rstrip("' ")) for words in found]
    commands = [[word for word in words if not _HYDRA.fullmatch(word)] for words in split]
    return [words for words in commands if words and words[0] not in _OTHERS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_is_understood(page):
    """Files need not be there."""
    commands = list_commands(page)
    assert len(commands) > 1
    for words in commands:
        configure(*words)


def name_headings(page: Path) -> set[str]:
    """What links call its headings, as GitHub has it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_each_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^):\s]+)\)", page.read_text())
    assert links
    for link in links:
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not heading or heading in name_headings(target), link
