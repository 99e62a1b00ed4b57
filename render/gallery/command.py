"""The command that writes a page for a folder of sheets."""

from __future__ import annotations

import logging
import re
import shlex
import signal
from pathlib import Path

from tqdm import tqdm

from render.config.checks import expand_path
from render.errors import ConfigError, RenderError
from render.gallery.write import write_page

EXIT_NO_PAGE = 1
EXIT_INTERRUPTED = 130

_HELP = """\
Writes a page to look through the sheets of a folder: index.html beside them, and all that it needs in page/.

    smpl-render page outputs/demo/overlay
    smpl-render page outputs/demo/overlay audit=outputs/demo/audit
    smpl-render page outputs/a/overlay outputs/b/overlay       # to compare sheets of the same rows

The page opens by a double click, without a server and without a network. It sorts and filters by the numbers
of an audit: that of the folder itself, of the folder audit beside it, or of audit=FOLDER; and by those of a
comparison, where one of these folders has one. Folders behind the first one have sheets to compare with, such
as those of another method. The page may be written as often as one likes, also while a run is under way or
shards are missing; small pictures that are there are kept. Write it anew after smpl-render view view=export,
for it leads to bodies in 3D that are there: outputs/demo/view/NAME.html.

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
    if {"-h", "--help"} & set(words):
        print(_HELP, end="")
        return 0
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        folders, audit = _read_words(words)
        page = write_page(folders, audit, lambda names, count: tqdm(names, "thumbnails", count, disable=None))
    except RenderError as error:
        log.error("%s", error)
        return EXIT_NO_PAGE
    except KeyboardInterrupt:
        log.error("interrupted; the same command goes on from here")
        return EXIT_INTERRUPTED
    log.info("page: %s", page)
    return 0


def _read_words(words: list[str]) -> tuple[list[Path], Path | None]:
    folders: list[Path] = []
    audit = None
    for word in words:
        name, equal, value = word.partition("=")
        # The quotes that Hydra takes away from the same setting.
        value = value[1:-1] if re.fullmatch(r"(['\"]).*\1", value) else value
        if equal and name == "audit":
            audit = Path(expand_path("audit", value))
        elif not word.startswith("-"):
            folders.append(Path(expand_path("page", value if equal and name == "output.dir" else word)))
        else:
            folders.clear()
            break
    if not folders:
        raise ConfigError(
            f"page: expected a folder of sheets, and perhaps others to compare with and audit=FOLDER, found "
            f"{shlex.join(words) or 'nothing'}. See smpl-render page --help"
        )
    return folders, audit
