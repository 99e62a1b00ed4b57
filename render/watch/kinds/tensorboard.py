"""Curves for TensorBoard, in the folder tensorboard/ of the output folder; needs tensorboardX.

Not `torch.utils.tensorboard`: it takes all of TensorBoard where files are only written, and imports
TensorFlow where that is installed, which takes the GPU's memory for itself.
"""

from __future__ import annotations

from typing import Any

from render.errors import ConfigError
from render.watch.standing import Standing
from render.watch.watcher import WatchedRun

FOLDER = "tensorboard"
# Runs of one output folder that are told apart.
_MOST_RUNS = 10_000


class TensorBoardWatcher:
    """Writes scalars over the count of what is settled; see `Watcher`.

    Args:
        run: The run that is watched.

    Attributes:
        every_s: Seconds between points.

    Raises:
        ConfigError: tensorboardX is not installed, or the run does not write to the disk.
    """

    every_s = 10.0

    def __init__(self, run: WatchedRun) -> None:
        try:
            import tensorboardX
        except ImportError as error:
            raise ConfigError(
                f"progress: tensorboard needs the package tensorboardX, which cannot be imported ({error}); "
                f"pip install tensorboardX, or leave it out"
            ) from error
        self._make_writer = tensorboardX.SummaryWriter
        self._folder = run.find_folder(FOLDER)
        self._tag = run.tag
        self._writer: Any = None

    def begin(self) -> None:
        """Opens a file in a folder of this run alone: a curve for each run."""
        for number in range(1, _MOST_RUNS):
            folder = self._folder / f"run{number}{'.' * bool(self._tag)}{self._tag}"
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            self._writer = self._make_writer(str(folder))
            return
        raise FileExistsError(f"{self._folder} has {_MOST_RUNS} runs; remove some")

    def tell(self, standing: Standing) -> None:
        """Writes a point of each curve, so that it is there at once."""
        told = {
            f"{standing.unit}s/done": standing.done,
            f"{standing.unit}s/kept": standing.kept,
            f"{standing.unit}s/failed": standing.failed,
            f"{standing.unit}s/per_s": standing.rate,
            "left_s": standing.left_s,
        }
        for name, value in told.items():
            if value is not None:
                self._writer.add_scalar(name, value, standing.settled)
        self._writer.flush()

    def close(self) -> None:
        """Closes the file."""
        self._writer.close()


WATCHER = TensorBoardWatcher
