"""The command that merges shards."""

from __future__ import annotations

import logging
import shlex

from render.config.command_line import read_place, run_with_words
from render.errors import ConfigError
from render.files.stores.output import open_readable
from render.record.manifest import manifest_name
from render.record.merge import merge_shards

_HELP = """\
Makes one manifest and one list of failures out of those that shards have written into one folder.

    smpl-render shard=1/2; smpl-render shard=2/2     # or on two machines, with the same output.dir
    smpl-render merge outputs/demo/overlay

Sheets, other files and tars stay where they are; of label sets, annotations.json is written anew, of all, and
so are the tables and plots of audits and comparisons. smpl-render page FOLDER writes the page of all sheets.
Merging again, also while shards are still missing, does no harm: it says which are missing.

Exit code: 0 if the shards are merged, 1 if not, 130 if Ctrl-C stopped it.
"""

log = logging.getLogger("render")


def main(words: list[str]) -> int:
    """Merges the shards in a folder.

    Args:
        words: Of the command line, after `merge`.

    Returns:
        The exit code.
    """
    return run_with_words(words, _merge, "interrupted; the same command goes on from here", lambda: _HELP)


def _merge(words: list[str]) -> None:
    if len(words) != 1 or words[0].startswith("-"):
        raise ConfigError(
            f"merge: expected one folder, that of output.dir, found {shlex.join(words) or 'nothing'}. "
            f"See smpl-render merge --help"
        )
    place = read_place(words[0], "output.dir")
    count = merge_shards(place)
    manifest = open_readable(place).locate(manifest_name(""))
    log.info("%s merged: %s", f"{count} shards" if count else "all shards", manifest)
