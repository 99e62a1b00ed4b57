"""The command that writes a page for a folder of sheets."""

from __future__ import annotations

import logging
import shlex
from pathlib import Path

from render.config.command_line import read_folder, run_with_words
from render.errors import ConfigError
from render.gallery.write import write_page

_HELP = """\
Writes a page to look through the sheets of a folder: index.html beside them, and all that it needs in page/.

    smpl-render page outputs/demo/overlay
    smpl-render page outputs/demo/overlay audit=outputs/demo/audit
    smpl-render page outputs/a/overlay outputs/b/overlay       # to compare sheets of the same rows

The page opens by a double click, without a server and without a network. It sorts and filters by the numbers
of an audit: that of the folder itself, of the folder audit beside it, or of audit=FOLDER; and by those of a
comparison, where one of these folders has one. It links to bodies in 3D that smpl-render view view=export has
written until then. A run with page=true writes it at its end. Folders behind the first one have sheets to
compare with, such as those of another method. The page may be written as often as one likes, also while a run
is under way or shards are missing; small pictures that are there are kept.

Exit code: 0 if the page is written, 1 if not, 130 if Ctrl-C stopped it.
"""

log = logging.getLogger("render")


def main(words: list[str]) -> int:
    """Writes the page.

    Args:
        words: Of the command line, after `page`.

    Returns:
        The exit code.
    """
    return run_with_words(words, _write, "interrupted; the same command goes on from here", lambda: _HELP)


def _write(words: list[str]) -> None:
    folders, audit = _read_words(words)
    log.info("page: %s", write_page(folders, audit))


def _read_words(words: list[str]) -> tuple[list[Path], Path | None]:
    named = [word for word in words if not word.startswith("audit=")]
    if not named or any(word.startswith("-") for word in named):
        raise ConfigError(
            f"page: expected a folder of sheets, and perhaps others to compare with and audit=FOLDER, found "
            f"{shlex.join(words) or 'nothing'}. See smpl-render page --help"
        )
    audits = [read_folder(word, "audit", "audit") for word in words if word.startswith("audit=")]
    return [read_folder(word, "page") for word in named], audits[-1] if audits else None
