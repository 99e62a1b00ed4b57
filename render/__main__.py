"""`smpl-render`, or `python -m render`: the command line."""

from __future__ import annotations

import io
import os
import signal
import sys
from importlib import import_module

# Other commands than the run itself; each module has a `main` from words to an exit code.
COMMANDS = {
    "doctor": "render.doctor.command",
    "download": "render.download.command",
    "kernels": "render.run.kernels.command",
    "merge": "render.record.command",
    "view": "render.viewer.command",
    "page": "render.gallery.command",
}


def main() -> None:
    """Runs the command that the command line names."""
    # As long as libraries are loaded there is nothing to end in good order, and nothing to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Names of files may hold what the terminal's encoding does not; standard error escapes it anyway.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    words = sys.argv[1:]
    if "query=bash" in words:
        _complete_after_command()
    module = "render.run.command"
    if words and words[0] in COMMANDS:
        module = COMMANDS[words[0]]
        # Hydra and argparse take their words from here.
        sys.argv[:] = [f"{sys.argv[0]} {words[0]}", *words[1:]]
    sys.exit(import_module(module).main(sys.argv[1:]))


def _complete_after_command() -> None:
    """Hides the command from Hydra's completion, which knows only what follows it."""
    line = os.environ.get("COMP_LINE", "").split(" ")
    if len(line) > 2 and line[1] in COMMANDS:
        os.environ["COMP_LINE"] = " ".join([line[0], *line[2:]])


if __name__ == "__main__":
    main()
