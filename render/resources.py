"""Files that come with the package: the configuration, the demo body and fonts."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_PACKAGE = Path(__file__).parent
# In a wheel they lie inside of the package; in a checkout, and where it is installed to be edited, beside it.
_IS_WHEEL = (_PACKAGE / "conf").is_dir()
ROOT = _PACKAGE if _IS_WHEEL else _PACKAGE.parent
CONF_DIR = ROOT / "conf"
FONTS_DIR = ROOT / "extradata" / "fonts"
# Where files are put that people fetch: in a checkout its own folders, elsewhere the current one.
DATA_DIR = Path() if _IS_WHEEL else ROOT

DEMO_BODY = "demo"
# The demo set shows this body, whichever one is drawn over it.
DEMO_BODY_FILE = ROOT / "extradata" / "demo" / "demo_smpl.npz"

_is_looking: ContextVar[bool] = ContextVar("is_looking", default=False)


@contextmanager
def only_look() -> Iterator[None]:
    """While it is entered, nothing is made, changed or removed in the user's cache folder.

    It holds in the thread that enters it.
    """
    token = _is_looking.set(True)
    try:
        yield
    finally:
        _is_looking.reset(token)


def may_keep() -> bool:
    """Whether things may be kept in the cache folder; see `only_look`."""
    return not _is_looking.get()


def find_file(path: str) -> Path:
    """A relative path is looked for in the current folder, then where the package's own files are."""
    # Not `Path.exists`, which raises for names that no file system takes.
    return Path(path) if os.path.exists(path) or not os.path.exists(ROOT / path) else ROOT / path


def has_empty_home() -> bool:
    """Whether HOME is set to nothing, of which Python makes the root folder."""
    return os.environ.get("HOME") == ""


def find_cache_dir() -> Path:
    """Where what can be made again is kept: $XDG_CACHE_HOME/smpl-render, by default ~/.cache/smpl-render.

    Whoever has no home has a folder in that of temporary files, which is nobody else's. Nothing is made
    here that is called `~`.

    Raises:
        OSError: Without a home: that folder cannot be made, or is another user's.
    """
    base = os.path.expanduser(os.environ.get("XDG_CACHE_HOME", ""))
    # As the standard has it, a relative path is none.
    if not os.path.isabs(base):
        base = "" if has_empty_home() else os.path.expanduser("~/.cache")
    if os.path.isabs(base):
        return Path(base) / "smpl-render"
    folder = Path(tempfile.gettempdir()) / f"smpl-render-{os.getuid()}"
    # All users share that place, and what is kept here is executed.
    if may_keep():
        folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(f"{folder} is not a folder of this user's alone; remove it, or set HOME")
    return folder
