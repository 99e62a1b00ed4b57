"""Folders in which commands are tried as somebody does who has just cloned the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.docs.declare import ROOT

# Of the Makefile: files whose times say that packages are installed.
MARKS = (".runtime", ".dev", ".peers")


def clone(folder: Path) -> None:
    """A clone of what is committed."""
    subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(folder)], check=True)


def lend_packages(folder: Path) -> None:
    """Gives a clone a `.venv` with the packages of this one, so that `make` has nothing to install."""
    own, lent = Path(sys.prefix), folder / ".venv"
    (lent / "bin").mkdir(parents=True)
    shutil.copyfile(own / "pyvenv.cfg", lent / "pyvenv.cfg")
    (lent / "lib").symlink_to(own / "lib")
    for program in (own / "bin").iterdir():
        if not program.name.startswith("activate"):
            (lent / "bin" / program.name).symlink_to(program)
    # Its text names the folder that it is of.
    text = (own / "bin" / "activate").read_text()
    (lent / "bin" / "activate").write_text(text.replace(str(own), str(lent)))
    (lent / "bin" / "smpl-render").unlink(missing_ok=True)
    _write_program(lent / "bin" / "smpl-render", f'exec {lent}/bin/python -m render "$@"\n')
    for mark in MARKS:
        (lent / mark).touch()


def install_packages(folder: Path) -> None:
    """Sets up the `.venv` of a clone from the network, as its Makefile does."""
    subprocess.run(["make", "--quiet", ".venv/.dev"], cwd=folder, env=make_environment(folder), check=True)


def share_packages(first: Path, folder: Path) -> None:
    """Lets a clone have the `.venv` of another one."""
    (folder / ".venv").symlink_to(first / ".venv")
    # Newer than the lists of packages that were just cloned, or make would install them.
    for mark in MARKS:
        if (first / ".venv" / mark).exists():
            (first / ".venv" / mark).touch()


def make_environment(folder: Path) -> dict[str, str]:
    """The variables of a shell in that clone: its programs first, and caches that begin empty."""
    gone = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "WARP_CACHE_PATH", "MAKEFLAGS")
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    paths = [str(folder / ".venv" / "bin"), kept["PATH"]]
    return kept | {
        "PATH": os.pathsep.join(paths),
        # Before a program that was installed to be edited elsewhere.
        "PYTHONPATH": str(folder),
        "XDG_CACHE_HOME": str(folder.parent / "cache"),
        "TERM": "dumb",
    }


def _write_program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)
