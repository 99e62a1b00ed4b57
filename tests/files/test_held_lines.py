"""Lines of a journal that are written together: all of them, in their order, and soon."""

import threading
import time

import pytest

from render.errors import OutputError
from render.files.held_lines import HeldLines
from render.files.output_dir import OutputDir

# Nothing here takes as long unless it is stuck.
PATIENCE_S = 20


def test_lines_of_many_threads_are_written_once_each_and_by_many_at_a_time():
    written = []
    held = HeldLines(written.append, 0.01, 1 << 20)
    lines = [[b"%d of %d\n" % (i, k) for i in range(200)] for k in range(4)]
    threads = [threading.Thread(target=lambda of=of: [held.add(line) for line in of]) for of in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held.flush()
    held.end()
    found = b"".join(written).splitlines(keepends=True)
    for of in lines:
        assert [line for line in found if line in set(of)] == of
    assert len(found) == 800
    assert len(written) < 800


@pytest.mark.parametrize(("most_s", "most_bytes"), [(0.01, 1 << 20), (1e6, 10)])
def test_they_go_by_themselves_when_they_are_old_or_many(most_s, most_bytes):
    is_written = threading.Event()
    held = HeldLines(lambda _: is_written.set(), most_s, most_bytes)
    held.add(b"x" * 20)
    assert is_written.wait(PATIENCE_S)
    held.end()


def test_whoever_adds_the_next_line_is_told_of_a_fault():
    is_tried = threading.Event()

    def refuse(_: bytes) -> None:
        is_tried.set()
        raise OutputError("the disk is full")

    held = HeldLines(refuse, 0.01, 1 << 20)
    held.add(b"first\n")
    assert is_tried.wait(PATIENCE_S)
    with pytest.raises(OutputError, match="full"):
        held.flush()
    deadline = time.monotonic() + PATIENCE_S
    while held.fault is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    with pytest.raises(OutputError, match="full"):
        held.add(b"more\n")
    held.end()


def test_a_journal_of_the_disk_is_left_with_all_that_was_noted(tmp_path):
    output = OutputDir(tmp_path)
    journal = output.open_journal(".one.journal")
    journal.append(b"\n")
    journal.append(b"noted\n")
    journal.withdraw()
    assert (tmp_path / ".one.journal").read_bytes() == b"\nnoted\n"
    again = output.open_journal(".one.journal")
    again.append(b"more\n")
    again.empty()
    again.close()
    assert (tmp_path / ".one.journal").read_bytes() == b""
