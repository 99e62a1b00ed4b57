"""As many threads as there is processor time for, and no more inside of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
import torch

from render.compute.threads import count_cores, one_thread_each


def limit(root: Path, quota: str) -> Path:
    """A file system whose control group has that quota of time, of 100 ms."""
    for name, content in {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": f"{quota} 100000\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


@pytest.fixture
def eight_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.usefixtures("eight_cores")
@pytest.mark.parametrize(
    ("quota", "cores"),
    [("max", 8), ("300000", 3), ("399999", 3), ("50000", 1), ("1600000", 8), ("nonsense", 8)],
)
def test_no_more_cores_than_the_control_group_has_time_for(tmp_path, quota, cores):
    assert count_cores(limit(tmp_path, quota)) == cores


@pytest.mark.usefixtures("eight_cores")
def test_all_cores_where_there_is_no_control_group(tmp_path):
    assert count_cores(tmp_path) == 8


@pytest.mark.parametrize(("count", "cores"), [(6, 6), (None, 1)])
def test_cores_where_processes_are_not_bound_to_them(tmp_path, monkeypatch, count, cores):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert count_cores(tmp_path) == cores


def test_cores_of_this_process():
    assert 1 <= count_cores() <= os.cpu_count()


@pytest.fixture
def three_threads() -> Iterator[None]:
    """For libraries to start before a test, and afterwards as many as they had."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(3)
    cv2.setNumThreads(3)
    yield
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


@pytest.mark.usefixtures("three_threads")
def test_libraries_start_no_threads_of_their_own_inside_of_ours():
    with one_thread_each():
        assert (torch.get_num_threads(), cv2.getNumThreads()) == (1, 1)
    assert (torch.get_num_threads(), cv2.getNumThreads()) == (3, 3)


@pytest.mark.usefixtures("three_threads")
def test_libraries_have_their_threads_again_however_ours_end():
    with pytest.raises(KeyboardInterrupt), one_thread_each():
        raise KeyboardInterrupt
    assert (torch.get_num_threads(), cv2.getNumThreads()) == (3, 3)
