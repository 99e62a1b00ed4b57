"""Workers of this machine and their driver, killed as a crash or the system kills them."""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.folders import files_below
from tests.helpers.runs import ROOT, run
from tests.helpers.small_set import make_small_set

# Workers take seconds to start, and ten are killed.
pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

PEOPLE, KILLS = 400, 10
# Nothing here takes as long unless it is stuck.
PATIENCE_S = 600


class Driver:
    """`smpl-render executor=processes` in a process of its own."""

    def __init__(self, settings: list[str], out: Path) -> None:
        self.out = out
        words = [*settings, "executor=processes", "workers=2", "threads=1", f"output.dir={out}"]
        command = [sys.executable, "-m", "render", *words]
        # Sheets are drawn one by one, so that they do not all come at once.
        path = os.pathsep.join([str(ROOT / "tests" / "cluster" / "slurm" / "one_by_one"), str(ROOT)])
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.PIPE, text=True
        )

    def list_workers(self) -> list[int]:
        """Its children."""
        pid = self.process.pid
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def count(self) -> int:
        """Sheets that are there."""
        return sum(1 for _ in self.out.rglob("*.jpg")) if self.out.exists() else 0

    def wait_for(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition() and self.process.poll() is None:
            assert time.monotonic() < end, "it came no further"
            time.sleep(0.005)

    def finish(self) -> tuple[int, str]:
        """Its exit code, and what it said."""
        said = self.process.communicate(timeout=PATIENCE_S)[1]
        return self.process.returncode, said


@pytest.fixture(scope="module")
def made(demo_set, tmp_path_factory):
    """Settings, and the files that a run of one process makes of them."""
    folder = tmp_path_factory.mktemp("people")
    small = make_small_set(demo_set.fit_file, folder / "set", PEOPLE)
    missing = small.image_dir / "part0" / "demo_000001.jpg"
    missing.unlink()
    settings = [word for word in small.settings if not word.startswith("threads=")]
    run(*settings, "executor=threads", f"output.dir={folder}/whole")
    return settings, files_below(folder / "whole")


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_workers_that_are_killed_ten_times_cost_nothing(made, tmp_path):
    settings, expected = made
    driver = Driver(settings, tmp_path / "out")
    rng = random.Random(0)
    for kill in range(KILLS):
        driver.wait_for(lambda count=1 + kill * PEOPLE // (KILLS + 2): driver.count() >= count)
        # Whichever is there, also one that has only just begun.
        os.kill(rng.choice(driver.list_workers()), signal.SIGKILL)
    code, said = driver.finish()
    assert code == 2, said
    assert said.count("signal 9 (SIGKILL)") == KILLS, said
    assert "Traceback" not in said
    assert files_below(tmp_path / "out") == expected


def test_a_driver_that_is_killed_leaves_nobody_behind_and_goes_on(made, tmp_path):
    settings, expected = made
    out = tmp_path / "out"
    for count in (60, 150, 260):
        driver = Driver(settings, out)
        driver.wait_for(lambda count=count, driver=driver: driver.count() >= count)
        workers = driver.list_workers()
        driver.process.kill()
        driver.finish()
        assert len(workers) == 2
        end = time.monotonic() + PATIENCE_S
        while not all(map(is_gone, workers)):
            assert time.monotonic() < end, "workers are left"
            time.sleep(0.005)
    code, said = Driver(settings, out).finish()
    assert code == 2, said
    assert files_below(out) == expected


def test_a_signal_lets_workers_finish_and_the_same_command_goes_on(made, tmp_path):
    settings, expected = made
    out = tmp_path / "out"
    driver = Driver(settings, out)
    driver.wait_for(lambda: driver.count() >= 80)
    driver.process.send_signal(signal.SIGINT)
    code, said = driver.finish()
    assert code == 130, said
    # Lists are written, and there are no others.
    files = files_below(out)
    listed = {name for name in files if not name.endswith(".jpg")}
    assert {"manifest.jsonl"} <= listed <= {"manifest.jsonl", "failures.csv"}
    with (out / "manifest.jsonl").open() as file:
        assert len(list(file)) == driver.count() + 1
    code, said = Driver(settings, out).finish()
    assert code == 2, said
    assert files_below(out) == expected
    with (out / "failures.csv").open(newline="") as file:
        assert {row["outcome"] for row in csv.DictReader(file)} == {"failed"}
