"""The pages of the documentation and the README, and the commands that they show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tools.docs.declare import ROOT

README = ROOT / "README.md"
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples" / "README.md"
PAGES = sorted(DOCS.rglob("*.md"))
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def name_page(page: Path) -> str:
    """Its path in the repository."""
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
    """The commands of its blocks for the shell, each whole, without lines of comments.

    A command goes on behind a backslash, and as long as a quote is open.
    """
    lines, open_line = [], ""
    for line in re.sub(r" *\\\n *", " ", "\n".join(list_blocks(page, "bash"))).splitlines():
        open_line += line
        if _is_open(open_line):
            open_line += "\n"
            continue
        if open_line.strip() and not open_line.lstrip().startswith("#"):
            lines.append(open_line)
        open_line = ""
    if open_line:
        raise ValueError(f"{name_page(page)}: a quote is not closed: {open_line}")
    return lines


def strip_comment(line: str) -> str:
    """A command without what it says behind a #."""
    # Nothing but the shell knows where a comment begins; its quotes are those of shlex.
    for at in (match.start() for match in re.finditer(r"\s+#", line)):
        if not _is_open(line[:at]):
            return line[:at]
    return line


def _is_open(line: str) -> bool:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        list(lexer)
    except ValueError:
        return True
    return False
