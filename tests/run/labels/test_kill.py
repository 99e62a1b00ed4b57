"""Runs of labels that are killed at any moment: the next one ends with the very files of one that was not."""

import json
import random
import time

import pytest

from tests.helpers.folders import files_below
from tests.helpers.processes import start, wait_for
from tests.helpers.runs import run
from tests.helpers.small_set import make_small_set

SETS, KILLS = 24, 2


def read_journal(folder) -> list[dict]:
    """The products that are noted as finished; not the line that a run was killed in."""
    path = folder / ".manifest.journal"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines if line.startswith(b'{"product"')]


@pytest.mark.slow
def test_a_run_killed_at_random_moments_ends_as_if_it_had_not_been(demo_set, tmp_path):
    made = make_small_set(demo_set.fit_file, tmp_path / "set", SETS)
    (made.image_dir / "part0" / "demo_000004.jpg").unlink()
    settings = [*made.settings, "job=labels", "layers=[iuv,instance,keypoints,densepose]", "batch=4"]
    log, whole, broken = tmp_path / "log", tmp_path / "whole", tmp_path / "broken"
    assert run(*settings, f"output.dir={whole}").rendered < SETS
    expected = files_below(whole)
    rng, found_at_kills = random.Random(3), []
    for _ in range(KILLS):
        process = start(*settings, f"output.dir={broken}", log=log)
        target = len(read_journal(broken)) + rng.randint(1, 8)
        wait_for(lambda target=target: len(read_journal(broken)) >= target, process)
        # At any moment between two files.
        time.sleep(rng.choice([0, rng.uniform(0, 0.001), rng.uniform(0, 0.01)]))
        process.kill()
        noted = {file["name"] for record in read_journal(broken) for file in record["files"]}
        found = {
            name: data for name, data in files_below(broken).items() if not name.startswith((".", "part"))
        }
        # Nothing is noted that is not whole, and what is of all comes when all are there.
        assert found == {}
        assert all((broken / name).read_bytes() == expected[name] for name in noted)
        found_at_kills.append(len(noted))
    assert found_at_kills == sorted(found_at_kills)
    assert 0 < found_at_kills[0] < len(expected)
    process = start(*settings, f"output.dir={broken}", log=log)
    assert process.wait() == 2
    assert files_below(broken) == expected
    assert "Traceback" not in log.read_text()
