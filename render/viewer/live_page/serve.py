"""A page that is served until somebody stops it."""

from __future__ import annotations

import getpass
import logging
import os
import socket
import sys
import webbrowser

from render.config.schema import Config
from render.viewer.live_page.viewer import LiveViewer
from render.viewer.options import ViewOptions
from render.viewer.scenes.server import HOST, load_viser, serve
from render.viewer.source import open_source

log = logging.getLogger("render")


def show_live(config: Config, options: ViewOptions) -> None:
    """Serves the page until Ctrl-C; where there is a screen, a browser opens it.

    Args:
        config: The settings.
        options: Of the viewer.

    Raises:
        RenderError: There is nothing to be seen, or the port is taken.
        KeyboardInterrupt: That is the way to end it.
    """
    load_viser()
    with open_source(config, options.shares_stage) as source, serve(options.port) as server:
        viewer = LiveViewer(server, source)
        # Before anybody looks.
        viewer.update()
        port = server.get_port()
        address = f"http://{HOST}:{port}"
        what = "one picture" if len(source.subjects) == 1 else f"{len(source.subjects)} pictures"
        log.info("3D view of %s: %s", what, address)
        log.info("from another machine: ssh -L %d:%s:%d %s, then the same address", port, HOST, port, _host())
        log.info("Ctrl-C stops it")
        if has_screen():
            webbrowser.open(address)
        while True:
            viewer.wait()
            viewer.update()


def has_screen() -> bool:
    """Whether a browser that is opened here is seen by whoever has typed the command."""
    if "SSH_CONNECTION" in os.environ:
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _host() -> str:
    try:
        user = getpass.getuser()
    # There may be a number and no name.
    except (KeyError, OSError, ImportError):
        user = "USER"
    return f"{user}@{socket.gethostname()}"
