"""The command line in this process, which has loaded torch already; a process of its own takes seconds."""

import contextlib
import io
import logging
import signal
import subprocess
import sys
from typing import NamedTuple
from unittest import mock

from render.__main__ import main
from tests.helpers.runs import ROOT


class Done(NamedTuple):
    """The exit code of a command, and what it said."""

    code: int
    out: str
    err: str


def call(*words: object) -> Done:
    """What `smpl-render` does with these words; a word may be a path."""
    out, err = io.StringIO(), io.StringIO()
    root, signals = logging.getLogger(), (signal.SIGINT, signal.SIGTERM)
    level, kept, before = root.level, list(root.handlers), [signal.getsignal(number) for number in signals]
    # Else `logging.basicConfig` does nothing.
    root.handlers[:] = []
    # Whoever calls a command may read what it says.
    log = logging.getLogger("render")
    own_level = log.level
    log.setLevel(logging.NOTSET)
    try:
        with (
            mock.patch.object(sys, "argv", ["smpl-render", *map(str, words)]),
            # It takes what measures coverage for a debugger, and raises instead of saying what is wrong.
            mock.patch("hydra._internal.utils.is_under_debugger", return_value=False),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as end:
                return Done(end.code or 0, out.getvalue(), err.getvalue())
    finally:
        # Commands set up logging and signals for a process of their own.
        root.handlers[:] = kept
        root.setLevel(level)
        log.setLevel(own_level)
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
    raise AssertionError("it ended without an exit code")


def call_child(*words: object, env: dict[str, str] | None = None) -> Done:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "render", *map(str, words)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=200,
    )
    return Done(done.returncode, done.stdout, done.stderr)
