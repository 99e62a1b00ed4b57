"""The command that merges shards."""

from __future__ import annotations

import logging
import re
import shlex
import signal
from pathlib import Path

from render.config.checks import expand_path
from render.errors import ConfigError, RenderError
from render.record.manifest import manifest_name
from render.record.merge import merge_shards

EXIT_CANNOT_MERGE = 1
EXIT_INTERRUPTED = 130

_HELP = """\
Makes one manifest and one list of failures out of those that shards have written into one folder.

    smpl-render shard=1/2; smpl-render shard=2/2     # or on two machines, with the same output.dir
    smpl-render merge outputs/demo/overlay

Sheets, other files and tars stay where they are; of label sets, annotations.json is written anew, of all.
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
    if {"-h", "--help"} & set(words):
        print(_HELP, end="")
        return 0
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        folder = _read_folder(words)
        count = merge_shards(folder)
    except RenderError as error:
        log.error("%s", error)
        return EXIT_CANNOT_MERGE
    except KeyboardInterrupt:
        log.error("interrupted; the same command goes on from here")
        return EXIT_INTERRUPTED
    log.info("%s merged: %s", f"{count} shards" if count else "all shards", folder / manifest_name(""))
    return 0


def _read_folder(words: list[str]) -> Path:
    match words:
        case [folder] if not folder.startswith("-"):
            # The setting is what people have at hand, with the quotes that Hydra takes away.
            name, equal, value = folder.partition("=")
            if equal and name == "output.dir":
                folder = value[1:-1] if re.fullmatch(r"(['\"]).*\1", value) else value
            return Path(expand_path("output.dir", folder))
        case found:
            raise ConfigError(
                f"merge: expected one folder, that of output.dir, found {shlex.join(found) or 'nothing'}. "
                f"See smpl-render merge --help"
            )
