"""What the README and the documentation say on the command line is understood, and links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from render.config.figure.declare import declare_figure
from render.viewer.options import take_options
from tests.helpers.pages import ALL, DOCS, PAGES, README, list_blocks, list_lines, name_page
from tests.helpers.runs import ROOT, configure

# Within a line of text.
_INLINE = re.compile(r"`(smpl-render [^`\n]+)`")
# A command of ours within a line of the shell, up to where the shell has something else.
_OURS = re.compile(r"(?:\bsmpl-render|\barray\.sbatch \d+)((?: +(?:'[^']*'|\"[^\"]*\"|[^#\"`;|)&\n'])*)*)")
# Those of other commands, which take folders and names.
_OTHERS = ("merge", "page", "doctor", "download", "kernels")
# Hydra's own, and what is of the shell; the settings of a run do not have them.
_NO_SETTINGS = re.compile(r"-.*|hydra[/.].*|[A-Z]+|\d?>.*")


def list_commands(page: Path) -> list[list[str]]:
    """The settings of each command of ours on a page."""
    found = [*list_lines(page), *_INLINE.findall(page.read_text())]
    text = "\n".join(found)
    # What the shell and xargs put there.
    text = re.sub(r"\$\(seq -s, -f %g/8 8\)", "1/8", text)
    text = re.sub(r"\$\{?\w+\}?|\{\}", "7", text)
    # With dots it is a form to be filled in.
    split = [shlex.split(words) for words in _OURS.findall(text) if "..." not in words]
    return [[word for word in words if not _NO_SETTINGS.fullmatch(word)] for words in split]


@pytest.mark.parametrize("page", [README, *PAGES], ids=name_page)
def test_each_command_is_understood(page, monkeypatch):
    """Files need not be there, but those that figures are declared in."""
    monkeypatch.chdir(ROOT)
    for words in list_commands(page):
        if words[:1] == ["view"]:
            _, words = take_options(words[1:])
        if words and words[0] in _OTHERS:
            continue
        config = configure(*words)
        if config.job.product == "figure":
            assert config.figure_spec().rows or config.figure_spec().columns


def test_commands_are_found():
    """Or the test above would hold whatever pages say."""
    found = {name_page(page): len(list_commands(page)) for page in [README, *PAGES]}
    assert sum(found.values()) > 80
    assert found["README.md"] > 4
    assert found["docs/clusters.md"] > 8


def name_headings(page: Path) -> set[str]:
    """What links call its headings, as GitHub and the site have it, and what the reference describes."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    described = re.findall(r"^::: (\S+)$", page.read_text(), re.MULTILINE)
    return {*described} | {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ALL, ids=name_page)
def test_each_link_leads_somewhere(page):
    for link in re.findall(r"\]\(([^):\s]+)\)", page.read_text()):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not heading or heading in name_headings(target), link


def test_the_figure_in_yaml_is_the_file_that_it_is_said_to_be():
    (block,) = list_blocks(DOCS / "jobs" / "figures.md", "yaml")
    assert block == (ROOT / "examples" / "inputs" / "errors.yaml").read_text()
    spec = declare_figure({}, yaml.safe_load(block))
    assert [column.method for column in spec.columns] == [None, "Truth", "Other", "Other"]
    assert spec.reference == "Truth"
    assert len(spec.rows) == 2
