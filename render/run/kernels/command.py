"""The command that compiles kernels ahead, on machines with a GPU and without."""

from __future__ import annotations

import logging
import signal
import sys
from functools import partial

from omegaconf import DictConfig

from render.config.command_line import EXIT_INTERRUPTED, EXIT_REFUSED, run_with_settings
from render.config.help import describe_settings
from render.config.load import load_config
from render.errors import ConfigError, RenderError
from render.run.kernels.architectures import parse_architectures

EXIT_CANNOT_COMPILE = 1
ALL, ARCH = "all", "arch="

_HELP = """\
Compiles the kernels of a run before it, so that it begins at once: those of a run with the same settings, on
its device. A run does so itself with those that are missing; this is for images of containers, for machines
that draw without a compiler's time to spare, and for GPUs that are not there.

    smpl-render kernels                       for the GPU of this machine, or else its CPU
    smpl-render kernels arch=sm_90            for H100 and H200, on any machine; also arch=sm_80,sm_90
    smpl-render kernels all arch=sm_90        of all modes, backgrounds and usual layers of labels
    smpl-render kernels 'panels=[camera/normal, side/clay]' arch=sm_89

They are kept where runs look for them, in the folder that is named at the end; WARP_CACHE_PATH names another,
which can be taken to another machine with the same versions of this program and of Warp.

Settings, key=value; smpl-render --help lists what there is to choose:

{settings}

Exit code: 0 if all are there, 1 if some cannot be compiled, 130 if Ctrl-C stopped it.
"""

log = logging.getLogger("render")


def main(words: list[str]) -> int:
    """Compiles kernels.

    Args:
        words: The settings, as on the command line of the run; `all` and `arch=` are this command's own.

    Returns:
        The exit code: 0 if all kernels are there.
    """
    rest = [word for word in words if word != ALL and not word.startswith(ARCH)]
    asked = [word.removeprefix(ARCH) for word in words if word.startswith(ARCH)]
    try:
        architectures = parse_architectures(",".join(asked)) if asked else []
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_REFUSED
    return run_with_settings(rest, partial(_compile, architectures, ALL in words), _build_help)


def _compile(architectures: list[int], has_all: bool, composed: DictConfig) -> int:
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        config = load_config(composed)
        # Torch and Warp take seconds; refused settings need not wait for them.
        from render.run.kernels.build import build_kernels

        faults = build_kernels(config, architectures, has_all)
    except RenderError as error:
        log.error("%s", error)
        return EXIT_CANNOT_COMPILE
    except KeyboardInterrupt:
        log.error("interrupted; what is compiled is kept")
        return EXIT_INTERRUPTED
    for called, fault in faults.items():
        log.error("the kernel %r cannot be compiled: %s", called, fault)
    return EXIT_CANNOT_COMPILE if faults else 0


def _build_help(_: DictConfig) -> str:
    return _HELP.format(settings=describe_settings())
