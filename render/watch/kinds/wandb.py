"""A run of Weights & Biases; needs wandb, which takes its settings from the environment.

WANDB_MODE=offline keeps it on the disk; WANDB_PROJECT, WANDB_ENTITY, WANDB_NAME, WANDB_RUN_ID with
WANDB_RESUME, and WANDB_DIR are as W&B has them. Without them the project is smpl-render, each run is new, and
what W&B keeps is in the folder wandb/ of the output folder.
"""

from __future__ import annotations

import os
from typing import Any

from render.errors import ConfigError, list_causes
from render.watch.standing import Standing
from render.watch.watcher import WatchedRun

FOLDER = "wandb"
PROJECT = "smpl-render"
# In which nobody need be logged in.
_LOCAL_MODES = ("offline", "disabled", "dryrun")


class WandbWatcher:
    """Logs to W&B; see `Watcher`.

    Args:
        run: The run that is watched.

    Attributes:
        every_s: Seconds between points.

    Raises:
        ConfigError: wandb is not installed, nobody is logged in, or the run does not write to the disk.
    """

    every_s = 30.0

    def __init__(self, run: WatchedRun) -> None:
        try:
            import wandb
        except ImportError as error:
            raise ConfigError(
                f"progress: wandb needs the package wandb, which cannot be imported ({error}); pip install "
                f"wandb, or leave it out"
            ) from error
        self._wandb: Any = wandb
        self._settings: dict[str, Any] = {"job_type": run.job}
        # What is handed in would go before the environment.
        if "WANDB_DIR" not in os.environ:
            # W&B makes the folder wandb/ in it.
            self._settings["dir"] = str(run.find_folder(FOLDER).parent)
        if "WANDB_PROJECT" not in os.environ:
            self._settings["project"] = PROJECT
        if "WANDB_CONSOLE" not in os.environ:
            # Or it would put itself between this program and its terminal.
            self._settings["settings"] = {"console": "off"}
        # Not the paths of files, which are nobody else's business.
        self._settings["config"] = {"job": run.job, "dataset": run.dataset, "shard": run.tag or "all"}
        if os.environ.get("WANDB_MODE", "") not in _LOCAL_MODES:
            self._check_login()
        self._run: Any = None

    def begin(self) -> None:
        """Begins a run, or goes on with the one that the environment names."""
        self._run = self._wandb.init(**self._settings)

    def tell(self, standing: Standing) -> None:
        """Logs a point of each curve."""
        told = {
            "settled": standing.settled,
            "total": standing.total,
            "done": standing.done,
            "kept": standing.kept,
            "failed": standing.failed,
            "per_s": standing.rate,
            "left_s": standing.left_s,
        }
        self._run.log({name: value for name, value in told.items() if value is not None})
        self._run.summary["state"] = standing.state

    def close(self) -> None:
        """Ends the run, when all of it is sent or kept."""
        self._run.finish()

    def _check_login(self) -> None:
        # Asked later, by a thread, nobody would find out what the terminal waits for. Whether the key is
        # right only the network knows, which may be away.
        try:
            is_known = self._wandb.login(prompt=False, verify=False)
        except Exception as error:
            raise ConfigError(f"progress: W&B cannot be used: {list_causes(error)}") from error
        if not is_known:
            raise ConfigError(
                "progress: nobody is logged in to W&B here; run wandb login, set WANDB_API_KEY, or set "
                "WANDB_MODE=offline"
            )


WATCHER = WandbWatcher
