"""Sweeps that Hydra's launcher hands in as an array of jobs, on a real SLURM."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.helpers.folders import files_below
from tests.helpers.small_set import count_journal

pytestmark = pytest.mark.cluster

SHARDS = 4
LAUNCHER = ("hydra/launcher=submitit_slurm", "hydra.launcher.partition=gpu", "hydra.launcher.mem_gb=1")


@pytest.fixture
def work(tmp_path) -> Path:
    """The current folder of who hands in."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def sweep(slurm, work: Path, *words: str) -> "subprocess.Popen[str]":
    """Hands the jobs in and waits for them, in a process of its own."""
    environment = {**slurm.environment, "XDG_CACHE_HOME": str(work.parent / "cache")}
    words = ("smpl-render", "--multirun", *LAUNCHER, *words)
    return subprocess.Popen(
        words, env=environment, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def find_job(slurm) -> str:
    """The number of the array that runs."""
    return slurm.call("squeue", "--noheader", "--name=render", "--format=%F").split()[0]


@pytest.mark.parametrize("how", ["requeue", "time is over"])
def test_a_job_of_a_sweep_that_is_disturbed_goes_on_and_all_are_merged(slurm, people, work, out, how):
    shards = ",".join(f"{number}/{SHARDS}" for number in range(1, SHARDS + 1))
    parent = sweep(slurm, work, *people.settings, f"output.dir={out}", f"shard={shards}")
    slurm.wait_for(lambda: count_journal(out, f"2of{SHARDS}") >= 1, "the second shard")
    if how == "requeue":
        slurm.call("scontrol", "requeue", f"{find_job(slurm)}_1")
    else:
        slurm.call("scancel", "--signal=USR2", f"{find_job(slurm)}_1")
    said, _ = parent.communicate(timeout=200)
    # Of the shard with the missing photo.
    assert parent.returncode == 2, said
    assert f"{SHARDS} shards merged" in said
    assert "has ended with exit code 2; its log: " in said
    assert files_below(out) == people.expected
    (log,) = (work.parent / "cache").rglob("*_1_0_log.err")
    assert log.read_text().count("INFO: device:") == 2
    assert "the same command goes on from here" in log.read_text()
    assert os.listdir(work) == []


def test_a_shard_that_cannot_run_is_named_and_the_others_go_on(slurm, people, work, out):
    words = (*people.settings, f"output.dir={out}", "samples=0:24", "hydra.launcher.cpus_per_task=2")
    parent = sweep(slurm, work, *words, "shard=3/2,1/2,2/2")
    said, _ = parent.communicate(timeout=200)
    assert parent.returncode == 1, said
    assert "shard=3/2" in said
    assert "has ended with exit code 1; its log: " in said
    assert "2 shards merged" in said
    assert "Traceback" not in said
    refused, drawn, _ = sorted((work.parent / "cache").rglob("*_log.err"))
    assert "ERROR: shard: expected a part" in refused.read_text()
    assert "INFO: device: cpu, 2 threads," in drawn.read_text()
