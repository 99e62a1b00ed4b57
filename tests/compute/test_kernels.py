"""Kernels: compiled once, which is said once, and launched on tensors."""

import pytest
import torch
import warp as wp

from render.compute import kernels
from render.compute.kernels import MODULE_OPTIONS, Relaunch, launch

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

CPU = torch.device("cpu")


@pytest.fixture
def new_process(tmp_path, monkeypatch):
    """What another process begins with, if it keeps its kernels in this test's folder."""

    def begin() -> None:
        monkeypatch.setattr(kernels, "_loaded", set())
        monkeypatch.setattr(kernels, "_said", set())

    kernels.start_warp()
    monkeypatch.setattr(wp.config, "kernel_cache_dir", str(tmp_path))
    begin()
    return begin


def make_kernel(factor: float) -> wp.Kernel:
    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def multiply(first: wp.int32, values: wp.array(dtype=wp.float32)):
        values[first + wp.tid()] *= wp.static(factor)

    return multiply


def test_that_kernels_are_compiled_is_said_once(new_process, caplog):
    """For the first of them; whoever finds them compiled says nothing."""
    caplog.set_level("INFO")
    values = torch.ones(3)
    for factor in (2.0, 3.0):
        launch(make_kernel(factor), 3, [0, values], CPU)
    assert values.tolist() == [6, 6, 6]
    said = "compiling kernels for cpu, once: the next run finds them in"
    assert caplog.text.count(said) == 1
    new_process()
    launch(make_kernel(2.0), 3, [0, values], CPU)
    assert values.tolist() == [12, 12, 12]
    assert caplog.text.count(said) == 1


def test_a_kernel_is_launched_again_with_other_numbers(new_process):
    values = torch.ones(5)
    again = Relaunch(make_kernel(2.0), 1, [values], CPU)
    again(2, 3)
    again(1, 0)
    assert values.tolist() == [2, 1, 1, 2, 2]
