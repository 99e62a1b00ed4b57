"""The command that shows fits in 3D: on a page that it serves, or in a file for each photo."""

from __future__ import annotations

import logging
import signal
import sys
from functools import partial

from omegaconf import DictConfig

from render.config.command_line import EXIT_INTERRUPTED, run_with_settings
from render.config.help import describe_settings
from render.config.load import load_config
from render.errors import ConfigError, RenderError
from render.viewer.options import EXPORT, ViewOptions, take_options

EXIT_CANNOT_SHOW = 1
EXIT_FAILED_PAGES = 2

_HELP = """\
Shows fits in 3D in a browser: bodies before the photo, as its camera saw them, and from all around.

    smpl-render view samples=12
    smpl-render view samples=0:20 view=export people=together
    smpl-render view dataset=gvhmr dataset.fit_file=FITS dataset.image_dir=VIDEO

It takes the settings of a run, and two words of its own:

    view=live       A page that is served until Ctrl-C: only this machine reaches it, and its address is
                    printed, with the ssh line that leads there from another one. It has a time line for
                    sequences, and a slider where there are several photos.
    view=export     A file of HTML for each photo or person, or for each sequence, which opens from the disk
                    and asks for nothing: outputs/<dataset>/view/NAME.html, or in output.dir=. NAME is what
                    the sheet, or the clip, is called. Those that are there are made anew. Sequences have at
                    most 10 frames a second there; a long one needs samples=.
    port=8080       Where the page is served; 0 for any port that is free.

This view= is no setting of a run: there view= is of label sets, which have no viewer. Whoever has moving
fits, of videos or of motion capture, gets a time line; all people of a sequence are shown together unless
people= says otherwise. look= and crowd_look= say how bodies look at first, of modes those that there are here
(clay, colorclay, normal, wireframe, error with reference=, vertexcolor), else clay. opacity= is of bodies.

Settings, key=value; smpl-render --help lists what there is to choose:

{settings}

Needs viser: pip install 'smpl-render[view]'

Exit code: 0 if all was shown, 1 if nothing could be, 2 if some pages could not be made, 130 if Ctrl-C stopped
view=export.
"""

log = logging.getLogger("render")


def main(words: list[str]) -> int:
    """Shows what the command line asks for.

    Args:
        words: The settings of a run, and the options of the viewer.

    Returns:
        The exit code.
    """
    try:
        options, words = take_options(words)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_CANNOT_SHOW
    return run_with_settings(words, partial(_show, options), _build_help)


def _show(options: ViewOptions, composed: DictConfig) -> int:
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        config = load_config(composed)
        # Torch and Warp take seconds; refused settings need not wait for them.
        if options.view == EXPORT:
            from render.viewer.export import export_files

            return EXIT_FAILED_PAGES if export_files(config, options.shares_stage) else 0
        from render.viewer.live_page.serve import show_live

        show_live(config, options)
    except RenderError as error:
        log.error("%s", error)
        return EXIT_CANNOT_SHOW
    except KeyboardInterrupt:
        # Of a page that is served it is the way to end it.
        if options.view == EXPORT:
            log.error("stopped before the end; pages that are there are whole")
            return EXIT_INTERRUPTED
        log.info("stopped")
    return 0


def _build_help(_: DictConfig) -> str:
    return _HELP.format(settings=describe_settings(left_out={"view"}))
