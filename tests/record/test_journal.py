"""The journal: two runs never write the same sheets, and one that was killed hinders nobody."""

import pytest

from render.errors import OutputError
from tests.helpers.commands import call
from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE, counts
from tests.helpers.processes import start

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_a_journal_that_is_a_link_is_refused(draw, out, tmp_path):
    draw()
    other = tmp_path / "precious"
    other.write_bytes(b"mine")
    (out / ".manifest.journal").symlink_to(other)
    with pytest.raises(OutputError, match=r"\.manifest\.journal"):
        draw()
    assert other.read_bytes() == b"mine"


def test_of_two_runs_into_one_folder_the_second_is_refused(small, draw, out, tmp_path):
    command = [*small.settings, f"output.dir={out}"]
    first = start(*command, log=tmp_path / "log", hold_at=3)
    first.wait_until_held()
    before = files_below(out)
    with pytest.raises(OutputError, match=r"another run is writing .*\. Wait until it has ended, or set out"):
        draw()
    refused = call(*command, "output=png")
    assert refused.code == 1
    assert "another run is writing the same sheets there" in refused.err
    assert "Traceback" not in refused.err
    assert files_below(out) == before
    first.go.set()
    assert first.wait() == 0
    draw(into=tmp_path / "whole")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_the_lock_of_a_run_that_was_killed_hinders_nobody(small, draw, out, tmp_path):
    first = start(*small.settings, f"output.dir={out}", log=tmp_path / "log", hold_at=3)
    first.wait_until_held()
    first.kill()
    assert counts(draw()) == (PEOPLE - 3, 3, 0)
    draw(into=tmp_path / "whole")
    assert files_below(out) == files_below(tmp_path / "whole")
