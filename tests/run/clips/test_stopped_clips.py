"""Runs of clips that are killed, stopped by a signal, or end on a full disk: nothing half is left."""

import errno
import os
import signal
from pathlib import Path

import pytest

from render.errors import OutputError
from render.files.growing_file import GrowingFile
from tests.helpers.folders import files_below
from tests.helpers.processes import start, wait_for
from tests.run.clips.conftest import WEBP

# Whole runs in processes of their own: they take seconds together.
pytestmark = pytest.mark.slow


def list_temporaries(folder: Path) -> list[Path]:
    return list(folder.glob(".*.tmp"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_ended_goes_on_with_the_same_command(small, draw, drawn_clips, tmp_path, number):
    out, log = tmp_path / "out", tmp_path / "log"
    words = (*small.settings, *WEBP, f"output.dir={out}", "batch=1", "threads=1")
    # The first clip is noted, and the second one is under way or still to come.
    running = start(*words, log=log, hold_at=1)
    running.wait_until_held()
    assert [path.name for path in out.glob("*.webp")] == ["walk.webp"]
    # What it was writing when it was killed.
    (out / ".all.0123456789abcdef.tmp").write_bytes(b"half a clip")
    with pytest.raises(OutputError, match="another run"):
        draw()
    running.send(number)
    if number == signal.SIGKILL:
        assert running.wait() == -signal.SIGKILL
        assert list_temporaries(out)
    else:
        wait_for(lambda: "once more to stop at once" in log.read_text(), running)
        running.go.set()
        assert running.wait() == 128 + number
        assert "the same command goes on from" in log.read_text()
        assert len(list_temporaries(out)) == 1
    assert draw().failed == []
    assert files_below(out) == files_below(drawn_clips.out)
    assert "Traceback" not in log.read_text()


def test_a_disk_that_is_full_in_the_middle_of_a_clip(draw, drawn_clips, tmp_path, monkeypatch):
    class FullFile(GrowingFile):
        written = 0

        def write(self, data):
            FullFile.written += len(data)
            if FullFile.written > 3000:
                self._fail(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
            return super().write(data)

    with monkeypatch.context() as patch:
        patch.setattr("render.files.output_dir.GrowingFile", FullFile)
        with pytest.raises(OutputError, match="full"):
            draw()
    assert [path.name for path in (tmp_path / "out").rglob("*") if "tmp" in path.name] == []
    assert draw().failed == []
    assert files_below(tmp_path / "out") == files_below(drawn_clips.out)
