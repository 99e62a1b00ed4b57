"""Runs of their own on one place of a store: killed, gone on with, two at once."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from render.files.stores.outputs.owner import Owner, format_owner
from tests.cluster.stores.servers import BUCKET, KEYS, PATIENCE_S
from tests.helpers.folders import files_below
from tests.helpers.runs import ROOT, run
from tests.helpers.small_set import make_small_set

pytestmark = pytest.mark.cluster

SHEETS, KILLS = 42, 4
# Lines are written sooner, and others wait less, so that little is enough to try it.
LAUNCH = """
import sys
from render.files.stores.outputs import journal, lease
journal.FLUSH_S = 0.2
lease.RENEW_S, lease.HOLD_S, lease.STALE_S, lease.LOOK_S = 1.0, 3.0, 6.0, 0.5
from render.__main__ import main
sys.argv[0] = "smpl-render"
main()
"""


@pytest.fixture
def many(demo_set, tmp_path):
    return make_small_set(demo_set.fit_file, tmp_path / "many", SHEETS)


@pytest.fixture
def start(tmp_path):
    """Starts `smpl-render` in a process of its own, whose s3:// leads to a port; what it says is in `log`."""
    started = []

    def start(*words, port, log):
        ways = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": "us-east-1", **KEYS}
        with log.open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-c", LAUNCH, *words],
                cwd=ROOT,
                env=os.environ | ways,
                stdout=said,
                stderr=said,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(holds, process):
    end = time.monotonic() + PATIENCE_S
    while not holds() and process.poll() is None:
        assert time.monotonic() < end, "it does not come so far"
        time.sleep(0.005)


@pytest.mark.parametrize("more", [(), ("output.tar=5",), ("job=labels", "layers=[iuv,instance]")])
def test_a_run_killed_again_and_again_ends_as_if_it_had_not_been(
    seaweed, proxy, prefix, start, many, tmp_path, more
):
    words = [*many.settings, "batch=2", *more]
    run(*words, f"output.dir={tmp_path / 'disk'}")
    expected = files_below(tmp_path / "disk")
    log, rng, left = tmp_path / "log", random.Random(3), []
    slow = proxy(seaweed, delay_s=0.02)
    words = [*words, f"output.dir=s3://{BUCKET}/{prefix}"]
    for _ in range(KILLS):
        before = len(slow.puts)
        process = start(*words, port=slow.port, log=log)
        target = before + rng.randint(8, 30)
        wait_for(lambda target=target: len(slow.puts) >= target, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        left.append(seaweed.read_below(prefix))
        # Whatever is there is whole.
        found = {name: content for name, content in left[-1].items() if not name.startswith(".")}
        assert [name for name in found if found[name] != expected[name]] == []
    # It got on.
    assert any(name.endswith(".jsonl") for name in left[-1])
    assert start(*words, port=seaweed.port, log=log).wait(PATIENCE_S) == 0
    assert seaweed.read_below(prefix) == expected
    said = log.read_text()
    assert "Traceback" not in said
    assert "already there" in said.splitlines()[-1]
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in said


def test_the_second_of_two_runs_is_refused(moto, proxy, prefix, start, many, tmp_path):
    held = proxy(moto)
    held.held = ".jpg"
    words = [*many.settings, f"output.dir=s3://{BUCKET}/{prefix}"]
    log, other = tmp_path / "log", tmp_path / "other"
    first = start(*words, port=held.port, log=log)
    wait_for(lambda: any(key.endswith(".jpg") for key in held.puts), first)
    assert start(*words, port=moto.port, log=other).wait(PATIENCE_S) == 1
    assert "another run is writing the same sheets there" in other.read_text()
    assert "Traceback" not in other.read_text()
    assert start(*words, "shard=1/2", port=moto.port, log=other).wait(PATIENCE_S) == 1
    held.go.set()
    assert first.wait(PATIENCE_S) == 0


def test_a_lock_of_another_machine_is_taken_when_nobody_renews_it(seaweed, prefix, start, small, tmp_path):
    words = [*small.settings, f"output.dir=s3://{BUCKET}/{prefix}"]
    dead = Owner("another-machine", "its-start", "pid:[1]", 7, "1", "a-token")
    seaweed.write(f"{prefix}/.manifest.journal/lock", format_owner(dead, 5))
    log = tmp_path / "log"
    begun = time.monotonic()
    assert start(*words, port=seaweed.port, log=log).wait(PATIENCE_S) == 0
    assert time.monotonic() - begun > 6
    assert "a run of 'another-machine' has not come to its end" in log.read_text()
    assert not any(name.startswith(".") for name in seaweed.read_below(prefix))


def test_a_run_that_was_stopped_and_taken_for_dead_ends(seaweed, proxy, prefix, start, many, tmp_path):
    words = [*many.settings, f"output.dir=s3://{BUCKET}/{prefix}"]
    slow = proxy(seaweed, delay_s=0.05)
    log = tmp_path / "log"
    first = start(*words, port=slow.port, log=log)
    wait_for(lambda: len(slow.puts) > 12, first)
    first.send_signal(signal.SIGSTOP)
    # What was on its way arrives.
    time.sleep(1)
    # As another machine does that has waited long enough.
    owner = Owner("another-machine", "its-start", "pid:[1]", 7, "1", "a-token")
    lock = f"{prefix}/.manifest.journal/lock"
    seaweed.write(lock, format_owner(owner, 5))
    time.sleep(3)
    before = seaweed.read_below(prefix)
    first.send_signal(signal.SIGCONT)
    assert first.wait(PATIENCE_S) == 1
    assert "another run has taken over what this one was writing there" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert seaweed.read_below(prefix) == before
