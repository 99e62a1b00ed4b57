"""How much is under way at once, and which errors say that memory ran out."""

import gc
import io
import weakref
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch

from render.compute.memory import (
    CUDA_BATCHES,
    MB,
    MOST_BATCH_BYTES,
    _available_bytes,
    is_out_of_memory,
    let_go,
    plan_memory,
    spare_collector,
)
from tests.helpers.faults import raise_cv2_out_of_memory

CPU = torch.device("cpu")
GB = 1000 * MB
PANELS = "panels=[camera/geo, side/normal]"


def raised(function: Callable, *args, **kwargs) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - what it is, is what the tests ask.
        function(*args, **kwargs)
    return caught.value


def raise_cv2_assertion(*_) -> None:
    cv2.resize(np.zeros((0, 0), np.uint8), (2, 2))


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        torch.cuda.OutOfMemoryError("CUDA out of memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_memory_errors_are_known(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
def test_an_allocation_of_torch_that_failed_is_known(dtype):
    assert is_out_of_memory(raised(torch.empty, 2**58, dtype=dtype))


def test_an_allocation_of_numpy_that_failed_is_known():
    assert is_out_of_memory(raised(np.empty, 2**60, np.uint8))


def test_an_allocation_of_opencv_that_failed_is_known():
    error = raised(raise_cv2_out_of_memory)
    assert error.code == cv2.Error.StsNoMem
    assert is_out_of_memory(error)


def test_other_errors_of_opencv_are_not_of_memory():
    assert not is_out_of_memory(raised(raise_cv2_assertion))


def test_errors_of_opencv_are_told_apart_although_others_followed():
    """OpenCV keeps the code of the last error only; threads raise theirs meanwhile."""
    first = raised(raise_cv2_out_of_memory)
    second = raised(raise_cv2_assertion)
    assert (is_out_of_memory(first), is_out_of_memory(second)) == (True, False)
    first = raised(raise_cv2_assertion)
    second = raised(raise_cv2_out_of_memory)
    assert (is_out_of_memory(first), is_out_of_memory(second)) == (False, True)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("lost"),
        RuntimeError("the size of tensor a (3) must match the size of tensor b (4)"),
        OSError(28, "No space left on device"),
        ValueError("memory"),
        KeyboardInterrupt(),
    ],
    ids=str,
)
def test_other_errors_are_not_of_memory(error):
    assert not is_out_of_memory(error)


def test_other_errors_of_torch_are_not_of_memory():
    assert not is_out_of_memory(raised(torch.matmul, torch.ones(2, 3), torch.ones(2, 3)))
    assert not is_out_of_memory(raised(torch.empty, -1))


def free_on(monkeypatch, host: int, group: int | None = None) -> None:
    """Says how many bytes are free on the host and in the control group, None where that has no limit."""
    monkeypatch.setattr("render.compute.memory._available_bytes", lambda: host)
    monkeypatch.setattr("render.compute.memory.read_free_bytes", lambda: group)


@pytest.mark.parametrize("threads", [1, 2, 8, 64])
@pytest.mark.parametrize("free", [0, MB, 100 * MB, GB, 16 * GB, 1000 * GB])
def test_a_plan_makes_sense(monkeypatch, threads, free):
    free_on(monkeypatch, free)
    plan = plan_memory(CPU, threads)
    assert 0 < plan.batch_bytes <= plan.capacity_bytes
    # Each thread can have a batch to itself, unless there is too little memory for anything.
    assert plan.capacity_bytes >= threads * plan.batch_bytes
    assert plan.batch_bytes <= 128 * MB
    assert plan.capacity_bytes <= max(free // 2, (threads + 1) * 16 * MB)


@pytest.mark.parametrize("threads", [1, 8])
def test_a_plan_shrinks_with_the_memory(monkeypatch, threads):
    plans = []
    for free in (1000 * GB, 16 * GB, 2 * GB, 500 * MB, 100 * MB, 0):
        free_on(monkeypatch, free)
        plans.append(plan_memory(CPU, threads))
    assert plans == sorted(plans, reverse=True)
    assert plans[-1].batch_bytes < plans[0].batch_bytes
    assert plans[-1].capacity_bytes < plans[0].capacity_bytes


@pytest.mark.parametrize(("host", "group"), [(16 * GB, 2 * GB), (2 * GB, 16 * GB)])
def test_a_plan_heeds_the_least_of_the_host_and_the_control_group(monkeypatch, host, group):
    """A container has a share of what is free on its machine."""
    free_on(monkeypatch, host, group)
    plan = plan_memory(CPU, 8)
    free_on(monkeypatch, 2 * GB)
    assert plan == plan_memory(CPU, 8)
    free_on(monkeypatch, 16 * GB)
    assert plan < plan_memory(CPU, 8)


def test_a_plan_for_this_host():
    plan = plan_memory(CPU, 2)
    assert 0 < plan.batch_bytes <= plan.capacity_bytes


def test_a_plan_for_a_gpu_heeds_its_own_memory(monkeypatch):
    free_on(monkeypatch, 500 * GB)
    plans = []
    for free in (80 * GB, 4 * GB, GB):
        monkeypatch.setattr("torch.cuda.mem_get_info", lambda _, free=free: (free, 80 * GB))
        plans.append(plan_memory(torch.device("cuda:0"), 16))
        assert 0 < plans[-1].batch_bytes <= plans[-1].capacity_bytes <= free // 2
    assert plans[0] > plans[1] > plans[2]
    # And the host's, where photos lie; half of a small GPU's is for what is not weighed.
    free_on(monkeypatch, GB)
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda _: (80 * GB, 80 * GB))
    assert plan_memory(torch.device("cuda:0"), 16) == plans[2]


def test_a_batch_that_is_asked_for_may_take_what_a_gpu_has(monkeypatch):
    """Thousands of sheets with photos a pass; by itself a run has smaller batches, and as many under way."""
    free_on(monkeypatch, 500 * GB)
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda _: (139 * GB, 140 * GB))
    plain, asked = (plan_memory(torch.device("cuda:0"), 16, batch=batch) for batch in (0, 4096))
    assert plain.most_batches == asked.most_batches == CUDA_BATCHES
    assert plain.batch_bytes == MOST_BATCH_BYTES["cuda"]
    # An overlay and a side view of 640 x 480 with the photo that they are made of.
    assert asked.batch_bytes > 3000 * 3 * 3 * 640 * 480
    assert asked.capacity_bytes <= 70 * GB
    assert plan_memory(CPU, 16, batch=4096) == plan_memory(CPU, 16)


@pytest.mark.parametrize("content", [None, "", "MemTotal: 5 kB\n", "MemAvailable: plenty\n", "no table\n"])
def test_a_plan_where_the_system_does_not_say_what_is_free(monkeypatch, content):
    def open_other(*_):
        if content is None:
            raise FileNotFoundError("/proc/meminfo")
        return io.StringIO(content)

    free_on(monkeypatch, 0)
    monkeypatch.setattr("render.compute.memory._available_bytes", _available_bytes)
    monkeypatch.setattr("render.compute.memory.open", open_other, raising=False)
    plan = plan_memory(CPU, 2)
    assert 0 < plan.batch_bytes <= plan.capacity_bytes


def test_what_did_not_fit_is_let_go_without_the_collector():
    """Also what a function inside of a function has, while one that called them has the error and goes on."""
    found = []

    def fill() -> None:
        held = np.zeros(3)
        found.append(weakref.ref(held))

        def fail() -> None:
            raise MemoryError(len(held))

        fail()

    gc.disable()
    try:
        kept = None
        try:
            fill()
        except MemoryError as error:
            kept = error
            let_go(error, CPU)
        assert found[0]() is None
        assert kept is not None
    finally:
        gc.enable()


def test_what_is_there_already_is_looked_at_again_afterwards():
    before = gc.get_freeze_count()
    with spare_collector():
        assert gc.get_freeze_count() > before
    assert gc.get_freeze_count() == 0
