"""The command that merges shards."""

from __future__ import annotations

import argparse
import logging
import signal
from pathlib import Path

from render.errors import RenderError
from render.record.manifest import manifest_name
from render.record.merge import merge_shards

EXIT_CANNOT_MERGE = 1
EXIT_INTERRUPTED = 130

log = logging.getLogger("render")


def main(words: list[str]) -> int:
    """Merges the shards in a folder.

    Args:
        words: Of the command line, after `merge`.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="smpl-render merge",
        description="Makes one manifest and one list of failures out of those of all shards.",
    )
    parser.add_argument("folder", type=Path, help="where the shards wrote (output.dir)")
    folder = parser.parse_args(words).folder
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        count = merge_shards(folder)
    except RenderError as error:
        log.error("%s", error)
        return EXIT_CANNOT_MERGE
    except KeyboardInterrupt:
        log.error("interrupted; the same command goes on from here")
        return EXIT_INTERRUPTED
    log.info("%s merged: %s", f"{count} shards" if count else "all shards", folder / manifest_name(""))
    return 0
