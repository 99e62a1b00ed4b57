"""What a watcher is, and which there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from render.errors import ConfigError
from render.files.output import Output
from render.registry import Registry
from render.watch.standing import Standing


@dataclass(frozen=True)
class WatchedRun:
    """The run that is watched.

    Attributes:
        output_dir: Where it writes, as the settings have it.
        tag: Of the shard, nothing for the whole.
        job: Its name.
        dataset: Its name.
        open_output: Opens where it writes.
    """

    output_dir: str
    tag: str
    job: str
    dataset: str
    open_output: Callable[[], Output]

    def find_folder(self, name: str) -> Path:
        """A folder below that of the run, for libraries that write by themselves; it is not made.

        Args:
            name: Of the folder, and of the watcher that asks for it.

        Raises:
            ConfigError: The run does not write to the disk, or a link is in the way.
        """
        if "://" in self.output_dir:
            raise ConfigError(
                f"progress: {name} writes to the disk alone, and output.dir is {self.output_dir}; use "
                f"progress=[file], which goes where the sheets go"
            )
        folder = Path(self.output_dir) / name
        if folder.is_symlink():
            raise ConfigError(
                f"progress: {folder} is a symbolic link, which may lead out of the output folder; remove it"
            )
        return folder


class Watcher(Protocol):
    """Is told how far a run is. It is made before anything is drawn, and the rest is on a thread of its own.

    What goes wrong there is said in the log, and costs the run nothing.

    Attributes:
        every_s: Seconds from one telling to the next.
    """

    every_s: float

    def begin(self) -> None:
        """Opens what is written to."""

    def tell(self, standing: Standing) -> None:
        """Tells how far it is: at the beginning, every some seconds, and at the end."""

    def close(self) -> None:
        """There is nothing more to tell."""


# Raises ConfigError where a library is not installed, or where it cannot do what is asked; writes nothing.
MakeWatcher = Callable[[WatchedRun], Watcher]

WATCHERS: Registry[MakeWatcher] = Registry(
    "watcher", "smpl_render.watchers", "render.watch.kinds", "WATCHER", first=("file",)
)
