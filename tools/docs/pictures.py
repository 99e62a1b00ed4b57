"""Makes the pictures of the README and the documentation: python -m tools.docs.pictures [--check] [NAME ...]

With --check they are made elsewhere and compared with those that are there; the exit code is 1 where one no
longer matches its commands.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tools.docs.compare import find_difference
from tools.docs.declare import FOLDER, ROOT, Picture, read_pictures
from tools.docs.screenshot import photograph
from tools.docs.shrink import shrink

# What commands read of the repository; what they write is all their own, so that nothing is there already.
READ = ("eft_fit", "examples", "extradata", "tests", "tools")


def run_commands(commands: Iterable[str], folder: Path) -> None:
    """Runs each in that folder, with the programs of this environment first."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands:
        print(command, flush=True)
        subprocess.run(
            shlex.split(command),
            cwd=folder,
            env={**os.environ, "PATH": programs},
            check=True,
            stdout=subprocess.DEVNULL,
        )


def finish(picture: Picture, taken: Path, folder: Path) -> None:
    """Makes the picture of what its commands wrote, in a folder."""
    result = folder / picture.name
    if picture.window:
        page, taken = taken, folder / f"{picture.name}.png"
        photograph(page, taken, picture.window, picture.drags)
    if picture.width:
        shrink(taken, result, picture.width, picture.quality, picture.height)
    else:
        shutil.copyfile(taken, result)


def make_pictures(pictures: list[Picture], folder: Path) -> None:
    """Runs each command once, in their order, and finishes each picture when its own have run."""
    ran: set[str] = set()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for part in READ:
            (work / part).symlink_to(ROOT / part)
        (work / "outputs" / "demo").mkdir(parents=True)
        for picture in pictures:
            fresh = [command for command in picture.run if command not in ran]
            run_commands(fresh, work)
            ran.update(fresh)
            finish(picture, work / picture.take, folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    pictures = read_pictures()
    unknown = set(options.names) - {picture.name for picture in pictures}
    if unknown:
        parser.error(f"docs/pictures.yaml has no picture {', '.join(sorted(unknown))}")
    if options.names:
        pictures = [picture for picture in pictures if picture.name in options.names]
    with tempfile.TemporaryDirectory() as folder:
        make_pictures(pictures, Path(folder))
        if options.check:
            found = {p.name: find_difference(FOLDER / p.name, Path(folder) / p.name) for p in pictures}
            for name, difference in found.items():
                print(f"{name}: {difference or 'as its commands draw it'}")
            return int(any(found.values()))
        for picture in pictures:
            shutil.copyfile(Path(folder) / picture.name, FOLDER / picture.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
