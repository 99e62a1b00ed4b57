"""Kernels are compiled before they are launched: what is missing, said once, in one process at a time."""

import fcntl

import pytest
import torch
import warp as wp

from render.compute import warm as compute_warm
from render.compute.warm import LOCK_NAME
from render.library.kernels import Shading
from render.run.opening import inputs, warm
from render.run.opening.warm import Warmed, warm_kernels
from tests.helpers.made_kernels import compiled, make_module
from tests.helpers.runs import configure

__all__ = ["compiled"]

CPU = torch.device("cpu")


@pytest.fixture
def listed(monkeypatch) -> dict:
    """What there is to compile."""
    makes = {f"times {i}": lambda i=i: make_module(float(i)) for i in range(3)}
    monkeypatch.setattr(warm, "list_kernels", lambda *_: makes)
    return makes


def test_what_is_missing_is_compiled_and_said_in_one_line(compiled, listed, caplog):
    caplog.set_level("INFO")
    found = warm_kernels([], "auto", CPU, 2)
    assert (found.count, found.compiled, found.faults) == (3, 3, {})
    assert caplog.messages == [
        "compiling 3 kernels for cpu, once for this machine: times 0, times 1, times 2"
    ]
    assert len(set(compiled)) == 3


def test_what_is_there_is_not_compiled_again(compiled, listed, caplog):
    caplog.set_level("INFO")
    listed.pop("times 2")
    warm_kernels([], "auto", CPU, 2)
    listed["times 7"] = lambda: make_module(7.0)
    caplog.clear()
    found = warm_kernels([], "auto", CPU, 2)
    assert (found.count, found.compiled) == (3, 1)
    assert caplog.messages == ["compiling 1 kernel for cpu, once for this machine: times 7"]
    caplog.clear()
    assert warm_kernels([], "auto", CPU, 2) == Warmed(3)
    assert (caplog.messages, len(compiled)) == ([], 3)


def test_many_are_not_all_named(compiled, listed, caplog):
    caplog.set_level("INFO")
    listed |= {f"times {i}": lambda i=i: make_module(float(i)) for i in range(30)}
    warm_kernels([], "auto", CPU, 2)
    assert caplog.messages[0].endswith("times 10, times 11 and 18 more")
    assert len(compiled) == 30


def test_what_cannot_be_made_or_compiled_ends_nothing(compiled, listed, monkeypatch):
    load = compute_warm.wp.load_module

    def fail(module: wp.Module, device: str) -> None:
        if module is bad:
            raise RuntimeError("the compiler gives up")
        load(module, device)

    def break_mode() -> wp.Module:
        raise TypeError("no colour")

    bad = make_module(40.0)
    monkeypatch.setattr(compute_warm.wp, "load_module", fail)
    listed |= {"bad": lambda: bad, "heat": break_mode}
    found = warm_kernels([], "auto", CPU, 2)
    assert (found.count, found.compiled) == (5, 3)
    assert found.faults == {"heat": "TypeError: no colour", "bad": "RuntimeError: the compiler gives up"}


def test_what_another_process_compiles_is_not_compiled_again(compiled, listed, tmp_path, monkeypatch):
    modules = [make() for make in listed.values()]
    with (tmp_path / LOCK_NAME).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        def end_other(_seconds: float) -> None:
            for module in modules:
                compute_warm.wp.load_module(module, "cpu")
            fcntl.flock(other, fcntl.LOCK_UN)

        monkeypatch.setattr(compute_warm.time, "sleep", end_other)
        assert warm_kernels([], "auto", CPU, 2) == Warmed(3)
    assert len(compiled) == 3


def test_one_that_is_stopped_is_not_waited_for_without_end(compiled, listed, tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr(compute_warm, "PATIENCE_S", 0.05)
    monkeypatch.setattr(compute_warm, "POLL_S", 0.01)
    with (tmp_path / LOCK_NAME).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert warm_kernels([], "auto", CPU, 2).compiled == 3
    assert caplog.messages.count("another process is compiling kernels; waiting for it") == 1


def test_before_a_rasterizer_is_tried_the_kernels_of_the_run_are_there(monkeypatch):
    order = []
    monkeypatch.setattr(inputs, "warm_kernels", lambda *asked: order.append(asked))
    monkeypatch.setattr(inputs, "choose_rasterizer", lambda *_: order.append("tried"))
    inputs.open_hardware(configure("panels=[camera/geo]", "supersample=2", "device=cpu", "threads=3"))
    assert order == [([Shading("geo", 3, True)], "auto", CPU, 3, False, [], False), "tried"]
    inputs.open_hardware(configure("panels=[side/geo/ground]", "edges=hard", "device=cpu", "threads=3"))
    assert order[2] == ([Shading("geo", 3, False)], "auto", CPU, 3, True, [], False)
