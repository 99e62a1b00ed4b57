"""The pages of the documentation and the README, and what they show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.helpers.runs import ROOT

README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
ALL = [README, *PAGES, ROOT / "CONTRIBUTING.md", ROOT / "examples" / "README.md"]
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def name_page(page: Path) -> str:
    """What tests call it."""
    return str(page.relative_to(ROOT))


def list_blocks(page: Path, language: str) -> list[str]:
    """Its blocks of code in that language, without the indentation of the lists that they are in."""
    found = _FENCE.findall(page.read_text())
    return [
        re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)
        for indent, name, block in found
        if name == language
    ]


def list_lines(page: Path) -> list[str]:
    """The commands of its blocks for the shell, a line each, without comments."""
    lines = "\n".join(list_blocks(page, "bash")).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def list_words(page: Path) -> list[list[str]]:
    """The words of these."""
    return [shlex.split(line, comments=True) for line in list_lines(page)]
