"""The array of jobs that the documentation has, on a real SLURM."""

from pathlib import Path

import pytest

from tests.helpers.folders import files_below
from tests.helpers.runs import ROOT
from tests.helpers.small_set import count_journal

pytestmark = pytest.mark.cluster

SCRIPT = ROOT / "docs" / "clusters" / "array.sbatch"
SHARDS = 4


def submit(slurm, settings: list[str], out: Path, *options: str) -> str:
    """Hands the array in, and returns its number."""
    out.mkdir(exist_ok=True)
    options = (f"--array=1-{SHARDS}", "--cpus-per-task=1", "--mem=1G", *options)
    words = [*settings, f"output.dir={out}"]
    return slurm.call("sbatch", "--parsable", *options, SCRIPT, SHARDS, *words, cwd=out.parent)


def merge(slurm, out: Path, job: str) -> list[str]:
    """The merge, handed in with the array; its state."""
    command = f"smpl-render merge {out}"
    merging = slurm.call(
        "sbatch",
        "--parsable",
        "--mem=1G",
        f"--dependency=afterany:{job}",
        f"--wrap={command}",
        cwd=out.parent,
    )
    return slurm.wait_until_ended(merging)


def is_drawing(out: Path, number: int) -> bool:
    return count_journal(out, f"{number}of{SHARDS}") >= 1


def read_log(out: Path, job: str, number: int) -> str:
    return (out.parent / f"smpl-render-{job}_{number}.log").read_text()


@pytest.mark.parametrize("how", ["requeue", "time is over", "node died"])
def test_an_array_that_is_disturbed_ends_as_one_run(slurm, people, out, how):
    job = submit(slurm, people.settings, out)
    slurm.wait_for(lambda: is_drawing(out, 2), "the second shard")
    if how == "requeue":
        slurm.call("scontrol", "requeue", f"{job}_2")
    elif how == "time is over":
        # As `--signal` of the script has it sent.
        slurm.call("scancel", "--signal=USR2", f"{job}_2")
    else:
        node = slurm.call("squeue", "--noheader", "--format=%N", "--job", f"{job}_2")
        slurm.kill_node(node)
    assert merge(slurm, out, job) == ["COMPLETED 0:0"]
    # The shard with the missing photo says so, and is no reason not to merge.
    assert sorted(slurm.list_states(job)) == ["COMPLETED 0:0"] * (SHARDS - 1) + ["FAILED 2:0"]
    said = read_log(out, job, 2)
    # As many as the cores that were asked for.
    assert said.count("INFO: device: cpu, 1 threads,") == 2
    if how != "node died":
        assert "the same command goes on from here" in said
    assert files_below(out) == people.expected
    if how == "node died":
        slurm.start_node(node)


def test_an_array_that_is_handed_in_twice_draws_nothing_wrong(slurm, people, out):
    options = ("--array=1-2", "--cpus-per-task=1", "--mem=1G")
    out.mkdir()
    words = ["sbatch", "--parsable", *options, SCRIPT, 2, *people.settings, f"output.dir={out}"]
    first = slurm.call(*words, cwd=out.parent)
    slurm.wait_for(lambda: count_journal(out, "1of2") >= 1, "the first shard")
    second = slurm.call(*words, cwd=out.parent)
    assert merge(slurm, out, f"{first}:{second}") == ["COMPLETED 0:0"]
    assert slurm.list_states(first) == ["COMPLETED 0:0", "FAILED 2:0"]
    for number in (1, 2):
        said = read_log(out, second, number)
        # What it finds depends on how far the first one is.
        assert "another run is writing the same sheets there" in said or " 0 rendered, " in said
    assert files_below(out) == people.expected
