"""What docs/clusters has for people to take: the array of SLURM jobs and the template of render farms."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.runs import ROOT

CLUSTERS = ROOT / "docs" / "clusters"
# Of a program: it notes how it was called, and ends with the code that CODES has for its last word.
STAND_IN = """\
#!/bin/bash
echo "$(basename "$0") $*" >> "$NOTED"
if [ "$(basename "$0")" = srun ]; then exec "$@"; fi
case " $CODES " in *" ${!#}:"*) rest=${CODES##*${!#}:}; exit "${rest%% *}";; esac
"""


@pytest.fixture
def programs(tmp_path) -> dict[str, str]:
    """An environment with stand-ins for smpl-render and SLURM's commands."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("smpl-render", "srun", "scontrol"):
        (folder / name).write_text(STAND_IN)
        (folder / name).chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "NOTED": str(tmp_path / "noted"),
        "CODES": "",
    }


def read_noted(tmp_path: Path) -> list[str]:
    return (tmp_path / "noted").read_text().splitlines()


@pytest.mark.parametrize(
    ("code", "restarts", "is_queued_again"),
    [
        (0, "0", False),
        (2, "0", False),
        (1, "0", False),
        (143, "0", False),
        (140, "0", True),
        (140, "100", False),
    ],
)
def test_a_job_of_an_array_draws_its_shard_and_goes_on_when_its_time_is_over(
    programs, tmp_path, code, restarts, is_queued_again
):
    programs |= {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_JOB_ID": "70", "SLURM_JOB_ID": "70"}
    programs |= {"SLURM_RESTART_COUNT": restarts, "CODES": f"shard=3/64:{code}"}
    words = ["bash", str(CLUSTERS / "array.sbatch"), "64", "dataset.fit_file=my fits.json"]
    assert subprocess.run(words, env=programs, timeout=60).returncode == code
    command = "smpl-render dataset.fit_file=my fits.json shard=3/64"
    expected = [f"srun {command}", command, *(["scontrol requeue 70_3"] if is_queued_again else [])]
    assert read_noted(tmp_path) == expected


def openjd(*words: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    words = (sys.executable, "-m", "openjd", words[0], str(CLUSTERS / "openjd.yaml"), *words[1:])
    return subprocess.run(words, env=env, capture_output=True, text=True, timeout=120)


def test_the_template_of_farms_is_valid():
    done = openjd("check")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("code", "is_merged"), [(2, True), (1, False)])
def test_a_farm_merges_what_all_tasks_have_drawn(programs, tmp_path, code, is_merged):
    """Failed sheets are no failed task: to draw them again would not help, and the rest must be merged."""
    # With an empty line, as forms leave it.
    settings = 'dataset=eft\ndataset.fit_file="my fits.json"\n\n'
    parameters = {"Settings": settings, "OutputDir": f"{tmp_path}/out", "Shards": 3, "ShardsOfATask": 2}
    programs["CODES"] = f"shard=2/3:{code}"
    done = openjd("run", "-p", json.dumps(parameters), "--step", "Merge", "--run-dependencies", env=programs)
    assert (done.returncode == 0) == is_merged, done.stdout
    run = f'smpl-render dataset=eft dataset.fit_file="my fits.json" output.dir={tmp_path}/out shard='
    expected = [
        f"{run}1/3",
        f"{run}2/3",
        *([f"{run}3/3", f"smpl-render merge {tmp_path}/out"] if is_merged else []),
    ]
    assert read_noted(tmp_path) == expected
