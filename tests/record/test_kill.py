"""Runs that are killed, at any moment: the next one ends with the very files of a run that was not."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time

import pytest

from tests.helpers.folders import files_below
from tests.helpers.kill_at_writes import CASES
from tests.helpers.processes import start, wait_for
from tests.helpers.runs import ROOT, run
from tests.helpers.small_set import count_journal, make_small_set

SHEETS, KILLS = 48, 3


@pytest.mark.slow
def test_a_run_killed_at_random_moments_ends_as_if_it_had_not_been(demo_set, tmp_path):
    made = make_small_set(demo_set.fit_file, tmp_path / "set", SHEETS)
    # What fails and what is damaged is to be the same too.
    (made.image_dir / "part1" / "demo_000004.jpg").unlink()
    damaged = made.image_dir / "part2" / "demo_000001.jpg"
    damaged.write_bytes(damaged.read_bytes()[:-1500])
    settings = [*made.settings, "batch=4", "damaged_photos=draw"]
    log, whole, broken = tmp_path / "log", tmp_path / "whole", tmp_path / "broken"
    assert run(*settings, f"output.dir={whole}").rendered < SHEETS
    expected = files_below(whole)
    sheets = {name for name in expected if name.endswith(".jpg")}
    assert {"failures.csv", "manifest.jsonl"} == expected.keys() - sheets

    rng = random.Random(7)
    found_at_kills = []
    for k in range(KILLS):
        process = start(*settings, f"output.dir={broken}", log=log)
        # The first as soon as there is a journal, the others among the sheets.
        target = count_journal(broken) + rng.randint(1, 9) if k else 0
        wait_for(
            lambda target=target: (broken / ".manifest.journal").exists() and count_journal(broken) >= target,
            process,
        )
        # At any moment between two sheets.
        time.sleep(rng.choice([0, rng.uniform(0, 0.001), rng.uniform(0, 0.01)]))
        process.kill()
        found = {name: data for name, data in files_below(broken).items() if name.endswith(".jpg")}
        # Whatever has a name is whole.
        assert all(expected[name] == data for name, data in found.items())
        found_at_kills.append(len(found))
    assert found_at_kills == sorted(found_at_kills)
    assert len({count for count in found_at_kills if 0 < count < len(sheets)}) >= KILLS - 2
    process = start(*settings, f"output.dir={broken}", log=log)
    assert process.wait() == 2
    assert files_below(broken) == expected
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def killed_everywhere() -> dict[str, int | str]:
    """For each scenario how many writes there are, or what went wrong."""
    # In memory where that can be: on a disk so many small files take the system far longer.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="render-killed-", dir=memory) as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.helpers.kill_at_writes", f"{folder}/folder"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=250,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_killed_at_each_of_its_writes_and_called_again(killed_everywhere, name):
    found = killed_everywhere[name]
    assert isinstance(found, int), found
    assert found >= 20
