"""Full disks: a run stops with advice, and the same command goes on."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from render.errors import OutputError
from render.files.held_lines import HeldLines
from tests.helpers.commands import call
from tests.helpers.folders import files_below, sheets_below
from tests.helpers.kill_at_writes import write_at_once
from tests.helpers.manifests import (
    PEOPLE,
    assert_true,
    counts,
    drawn,
    look,
    photo,
)
from tests.helpers.runs import run
from tests.helpers.small_set import SmallSet

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


class FullDisk:
    """From the call number `first` on, what matches is refused, `times` often."""

    def __init__(self, first: int, times: int) -> None:
        self._left, self._times = first, times

    def check(self) -> None:
        self._left -= 1
        if self._left < 0 and self._times > 0:
            self._times -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fill_temporary(monkeypatch, disk: FullDisk) -> None:
    open_any = os.open

    def open_full(path, flags, *mode):
        if str(path).endswith(".tmp"):
            disk.check()
        return open_any(path, flags, *mode)

    monkeypatch.setattr(os, "open", open_full)


def fill_half_temporary(monkeypatch, disk: FullDisk) -> None:
    write = os.write

    def write_full(fd, data):
        # Not lines of journals.
        if b"sheet" in bytes(data[:100]):
            return write(fd, data)
        written = write(fd, data[:100])
        disk.check()
        return written

    monkeypatch.setattr(os, "write", write_full)


def fill_rename(monkeypatch, disk: FullDisk, end: str = "") -> None:
    replace = os.replace

    def replace_full(source, target):
        if str(target).endswith(end):
            disk.check()
        return replace(source, target)

    monkeypatch.setattr(os, "replace", replace_full)


def fill_journal(monkeypatch, disk: FullDisk) -> None:
    write = os.write

    def write_full(fd, data):
        if b"sheet" in bytes(data):
            # As much as there is room for.
            write(fd, data[:50])
            disk.check()
            return 50
        return write(fd, data)

    monkeypatch.setattr(os, "write", write_full)
    # Else a small run ends before it writes any.
    monkeypatch.setattr(HeldLines, "add", write_at_once)


def fill_manifest(monkeypatch, disk: FullDisk) -> None:
    fill_rename(monkeypatch, disk, "manifest.jsonl")


def fill_failures(monkeypatch, disk: FullDisk) -> None:
    fill_rename(monkeypatch, disk, "failures.csv")


@pytest.fixture(scope="module")
def lacking(kept_runs, tmp_path_factory) -> Callable[[SmallSet], dict[str, bytes]]:
    """What a run leaves that finds no third photo, whose folder it names."""
    folder = tmp_path_factory.mktemp("lacking")
    made = kept_runs.copy_set(folder / "set")
    photo(made, 2).unlink()
    run(*made.settings, f"output.dir={folder}/out")
    files = files_below(folder / "out")

    def find(small: SmallSet) -> dict[str, bytes]:
        folders = (str(one.image_dir).encode() for one in (made, small))
        return files | {"failures.csv": files["failures.csv"].replace(*folders)}

    return find


# For a moment, or for good, which is one thing to whoever stops at the first.
@pytest.mark.parametrize(
    ("fill", "first", "times"),
    [
        (fill_temporary, 0, 1),
        (fill_temporary, 3, 1000),
        (fill_half_temporary, 200, 1),
        (fill_rename, 2, 1),
        (fill_rename, 2, 1000),
        (fill_journal, 0, 1000),
        (fill_journal, 4, 1),
        (fill_manifest, 0, 1),
        (fill_manifest, 0, 1000),
        (fill_failures, 0, 1000),
    ],
)
def test_a_full_disk_stops_with_advice_and_the_same_command_goes_on(
    small, draw, out, lacking, monkeypatch, fill, first, times
):
    photo(small, 2).unlink()
    with monkeypatch.context() as patched:
        fill(patched, FullDisk(first, times))
        with pytest.raises(
            OutputError, match=r"cannot be written: the disk or the quota is full\. Free some"
        ):
            draw("threads=1", "batch=2")
    files = files_below(out)
    assert [name for name in files if Path(name).name.startswith(".")] in ([], [".manifest.journal"])
    if "manifest.jsonl" in files:
        assert_true(out)
    draw()
    assert files_below(out) == lacking(small)


@pytest.mark.parametrize("first", [1, 3])
def test_a_disk_that_is_full_before_the_first_sheet_stops_with_advice(draw, out, monkeypatch, first):
    """At the trial of the folder, and at the first line of the journal."""
    draw("samples=0:4")
    before = look(out)
    write = os.write

    def write_full(fd, data):
        if first == 1 or bytes(data) != b"\n":
            return write(fd, data)
        raise OSError(errno.ENOSPC, "No space left on device")

    def fdopen_full(fd, mode):
        os.close(fd)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write_full)
        if first == 1:
            patched.setattr("render.files.output_dir.os.fdopen", fdopen_full)
        with pytest.raises(OutputError, match=r"the disk or the quota is full\. Free some"):
            draw()
    assert look(out).keys() - {".all.probe"} == before.keys()
    assert counts(draw()) == (4, 4, 0)
    assert sorted(files_below(out)) == sorted([*sheets_below(out), "manifest.jsonl"])
    assert ".all.probe" not in files_below(out)


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of its own, and how to give it another size."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(size: str, *options: str) -> bool:
        given = ",".join([*options, f"size={size}"])
        command = ["mount", "-t", "tmpfs", "-o", given, "tmpfs", str(disk)]
        return subprocess.run(command, capture_output=True).returncode == 0

    if os.geteuid() != 0 or not shutil.which("mount") or not mount("64k"):
        pytest.skip("no right to mount a tmpfs here")
    try:
        yield disk, lambda size: mount(size, "remount")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_really_full(small, draw, tiny_disk, tmp_path):
    disk, resize = tiny_disk
    command = [*small.settings, f"output.dir={disk}/out"]
    done = call(*command)
    assert done.code == 1
    assert "the disk or the quota is full. Free some space" in done.err
    assert "Traceback" not in done.err
    there = drawn(disk / "out")
    assert 0 < len(there) < PEOPLE
    assert [name for name in files_below(disk / "out") if name.endswith(".tmp")] == []
    # Still full: said again, and nothing is lost.
    with pytest.raises(OutputError, match=r"the disk or the quota is full\. Free some space"):
        run(*command)
    assert there <= drawn(disk / "out")
    assert resize("64m")
    assert counts(run(*command)) == (PEOPLE - len(there), len(there), 0)
    draw(into=tmp_path / "fresh")
    assert files_below(disk / "out") == files_below(tmp_path / "fresh")
