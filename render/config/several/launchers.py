"""Launchers that take runs to a cluster: what they are told, and jobs that they have lost."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from hydra.core.utils import JobReturn, JobStatus

from render.resources import find_cache_dir

SLURM = "hydra/launcher=submitit_slurm"
# Where people say nothing. A run goes on where it was, so one that its time limit has ended may be queued
# again and again. And since version 22.05 SLURM's srun does not hear from sbatch how many cores a task has.
SLURM_DEFAULTS = {
    "hydra.launcher.max_num_timeout": "1000",
    "hydra.launcher.setup": (
        "['[ -z \"$SLURM_CPUS_PER_TASK\" ] || export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK']"
    ),
}

log = logging.getLogger("render")


def add_defaults(words: list[str]) -> list[str]:
    """The words, with what Hydra and its launchers are to know of several runs, unless they say it already.

    Hydra's notes go to the cache folder, because the current one is the user's: Hydra writes multirun.yaml,
    and launchers for clusters the logs of their jobs, below hydra.sweep.dir.

    Args:
        words: As Hydra reads them.
    """
    keys = {word.lstrip("+").partition("=")[0] for word in words}
    added = [f"{key}={value}" for key, value in SLURM_DEFAULTS.items() if SLURM in words and key not in keys]
    if "hydra.sweep.dir" not in keys:
        added.append(f"hydra.sweep.dir={_quote(_find_notes_dir())}")
    # Beside another setting: Hydra takes them in one piece, before or behind its own options.
    place = next((i for i, word in enumerate(words) if "=" in word and word[0] != "-"), len(words))
    return [*words[:place], *added, *words[place:]]


@contextmanager
def watch_jobs(launcher: Any) -> Iterator[None]:
    """While it is entered, a job that submitit has lost counts as a run that could not go on.

    Jobs are lost when a cluster ends them for good: too much memory, a node that died, scancel. Submitit
    would raise for the first of them and ask for no other. Of each run that did not end well the log is
    named. Ctrl-C ends the waiting, not the jobs.

    Args:
        launcher: Hydra's, of any kind; nothing changes but with submitit's.
    """
    if not type(launcher).__module__.startswith("hydra_plugins.hydra_submitit_launcher."):
        yield
        return
    from submitit.core.core import Job
    from submitit.core.utils import UncompletedJobError

    wait = Job.results

    def wait_or_say(job: Any) -> list[Any]:
        try:
            returns = wait(job)
        except UncompletedJobError:
            (overrides, *_) = job.submission().args
            said = f"the job {job.job_id} has ended without a result, {job.state}"
            log.error("%s: %s; its log: %s", " ".join(overrides), said, job.paths.stderr)
            return [JobReturn(overrides=overrides, status=JobStatus.COMPLETED, _return_value=1)]
        for run in returns:
            if run.status == JobStatus.COMPLETED and run.return_value:
                said = f"the job {job.job_id} has ended with exit code {run.return_value}"
                log.warning("%s: %s; its log: %s", " ".join(run.overrides), said, job.paths.stderr)
        return returns

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with mock.patch.object(Job, "results", wait_or_say):
            yield
    except KeyboardInterrupt:
        log.error("interrupted; jobs that were handed in go on: squeue --me lists them, scancel JOB ends one")
        raise SystemExit(128 + signal.SIGINT) from None
    finally:
        signal.signal(signal.SIGINT, before)


def leave_if_queued_again(code: int) -> None:
    """Ends a job of SLURM's without a result after SIGTERM, with its exit code.

    Whether SLURM has cancelled the job or queues it again nobody tells it; with a result, the sweep would not
    wait for what becomes of it the second time.

    Args:
        code: Of the run.
    """
    if code == 128 + signal.SIGTERM and os.environ.get("SUBMITIT_EXECUTOR") == "slurm":
        raise SystemExit(code)


def _find_notes_dir() -> str:
    try:
        return str(find_cache_dir() / "multirun")
    except OSError:
        return tempfile.mkdtemp(prefix="smpl-render-")


def _quote(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
