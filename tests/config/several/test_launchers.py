"""Sweeps through submitit, whose local executor runs jobs as those of clusters run them."""

import sys

import pytest
import warp as wp
from submitit.core.core import Job
from submitit.core.utils import DelayedSubmission
from submitit.local.local import LocalJob

from render.compute.kernels import start_warp
from render.config.several.launchers import SLURM, add_defaults, leave_if_queued_again, watch_jobs
from tests.helpers.commands import call
from tests.helpers.folders import files_below
from tests.helpers.runs import run
from tests.helpers.small_set import make_small_set

NOTES = "hydra.sweep.dir="
# As submitit's are known.
LAUNCHER = type("Launcher", (), {"__module__": "hydra_plugins.hydra_submitit_launcher.launcher"})()


@pytest.mark.slow
def test_shards_of_a_sweep_of_jobs_end_as_one_run(demo_set, tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    # Or each job would compile all kernels anew.
    start_warp()
    monkeypatch.setenv("WARP_CACHE_PATH", str(wp.config.kernel_cache_dir))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = make_small_set(demo_set.fit_file, tmp_path / "set", 8)
    (made.image_dir / "part0" / "demo_000001.jpg").unlink()
    run(*made.settings, f"output.dir={tmp_path}/whole")
    shards = "shard=1/2,2/2"
    done = call("-m", "hydra/launcher=submitit_local", *made.settings, f"output.dir={tmp_path}/out", shards)
    # Of the job with the missing photo.
    assert done.code == 2, done.err
    assert f"has ended with exit code 2; its log: {tmp_path}/cache/" in done.err
    assert "2 shards merged" in done.err
    assert "Traceback" not in done.err
    assert files_below(tmp_path / "out") == files_below(tmp_path / "whole")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_job_that_is_lost_counts_as_one_that_could_not_go_on(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(Job, "_results_timeout_s", 0)
    job = LocalJob(tmp_path, "7")
    DelayedSubmission(print, ["shard=1/2"], "more").dump(job.paths.submitted_pickle)
    with watch_jobs(LAUNCHER):
        (returned,) = job.results()
    assert (returned.return_value, returned.cfg) == (1, None)
    (said,) = caplog.messages
    assert said.startswith("shard=1/2: the job 7 has ended without a result, ")
    assert said.endswith(f"; its log: {tmp_path}/7_0_log.err")


def test_ctrl_c_ends_the_waiting_only(caplog):
    with pytest.raises(SystemExit, match="130"), watch_jobs(LAUNCHER):
        raise KeyboardInterrupt
    assert "jobs that were handed in go on" in caplog.text


def test_submitit_is_not_asked_for_where_there_is_no_job_of_its(monkeypatch):
    monkeypatch.setitem(sys.modules, "submitit", None)
    with watch_jobs(object()):
        pass


def test_only_what_nobody_has_said_is_added():
    (added,) = [word for word in add_defaults(["-m", "batch=1,2"]) if word not in ("-m", "batch=1,2")]
    assert added.startswith(NOTES)
    words = add_defaults(["-m", SLURM, "batch=1,2"])
    assert "hydra.launcher.max_num_timeout=1000" in words
    assert any(word.startswith("hydra.launcher.setup=") for word in words)
    # All settings are in one piece.
    assert words[0] == "-m"
    own = [
        "-m",
        SLURM,
        "hydra.launcher.max_num_timeout=3",
        "+hydra.launcher.setup=[true]",
        "hydra.sweep.dir=x",
    ]
    assert add_defaults(own) == own


@pytest.mark.parametrize(
    ("code", "cluster", "leaves"),
    [(143, "slurm", True), (143, "local", False), (140, "slurm", False), (0, "slurm", False)],
)
def test_a_job_that_slurm_may_queue_again_leaves_no_result(monkeypatch, code, cluster, leaves):
    monkeypatch.setenv("SUBMITIT_EXECUTOR", cluster)
    if leaves:
        with pytest.raises(SystemExit, match=str(code)):
            leave_if_queued_again(code)
    else:
        leave_if_queued_again(code)
