"""Kernels are compiled side by side before they are launched, in one process at a time."""

import fcntl

import pytest
import torch
import warp as wp

from render.compute import kernels
from render.compute.warm import LOCK_NAME, compile_side_by_side, find_missing, wait_for_others
from tests.helpers.in_the_way import IRREGULAR, limit_seconds
from tests.helpers.made_kernels import compiled, make_module

__all__ = ["compiled"]

CPU = torch.device("cpu")


def test_progress_counts_each_of_them(compiled):
    modules = {str(i): make_module(float(i)) for i in range(5)}
    steps = []
    assert compile_side_by_side(modules, CPU, 64, lambda: steps.append(1)) == {}
    assert len(steps) == len(compiled) == 5


def test_an_interrupt_begins_no_more_of_them(compiled):
    def interrupt() -> None:
        raise KeyboardInterrupt

    modules = {str(i): make_module(float(i)) for i in range(50)}
    with pytest.raises(KeyboardInterrupt):
        compile_side_by_side(modules, CPU, 1, interrupt)
    assert len(compiled) < 50


def test_a_place_without_room_for_a_lock_is_used_without(compiled, tmp_path):
    (tmp_path / LOCK_NAME).mkdir()
    with wait_for_others():
        pass
    (tmp_path / LOCK_NAME).rmdir()
    with wait_for_others(), (tmp_path / LOCK_NAME).open() as second, pytest.raises(BlockingIOError):
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("make", IRREGULAR)
def test_a_lock_that_is_no_file_is_not_waited_for(compiled, tmp_path, make):
    make(tmp_path / LOCK_NAME)
    with limit_seconds(), wait_for_others():
        pass


@pytest.mark.slow
def test_a_real_kernel_that_was_compiled_is_not_missing(tmp_path, monkeypatch):
    kernels.start_warp()
    monkeypatch.setattr(wp.config, "kernel_cache_dir", str(tmp_path))
    modules = {"half": make_module(0.5), "third": make_module(0.25)}
    assert list(find_missing(modules, CPU)) == ["half", "third"]
    half = {"half": modules["half"]}
    assert compile_side_by_side(half, CPU, 2, lambda: None) == {}
    assert list(find_missing(modules, CPU)) == ["third"]
