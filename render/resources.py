"""Files that come with the package: the configuration and the demo body."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
# In a wheel they lie inside of the package; in a checkout, and where it is installed to be edited, beside it.
_IS_WHEEL = (_PACKAGE / "conf").is_dir()
ROOT = _PACKAGE if _IS_WHEEL else _PACKAGE.parent
CONF_DIR = ROOT / "conf"
# Where files are put that people fetch: in a checkout its own folders, elsewhere the current one.
DATA_DIR = Path() if _IS_WHEEL else ROOT

DEMO_BODY = "demo"
# The demo set shows this body, whichever one is drawn over it.
DEMO_BODY_FILE = ROOT / "extradata" / "demo" / "demo_smpl.npz"


def find_file(path: str) -> Path:
    """A relative path is looked for in the current folder, then where the package's own files are."""
    return Path(path) if Path(path).exists() or not (ROOT / path).exists() else ROOT / path
