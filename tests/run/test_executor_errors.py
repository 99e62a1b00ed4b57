"""Jobs side by side: what becomes of errors."""

import signal
import threading
import time
from collections.abc import Iterator
from itertools import count

import pytest

from render.compute.steps import Step, Steps, run_steps
from render.run.executor import Job, ThreadExecutor
from tests.helpers.jobs import PATIENCE_S, collect, endless, fails, returns, run


@pytest.fixture(autouse=True)
def no_thread_stays():
    before = set(threading.enumerate())
    yield
    assert [thread for thread in threading.enumerate() if thread not in before] == []


def test_an_error_can_be_caught_where_the_step_was_yielded():
    """When the other tasks of the step have ended; then the job goes on."""
    ended, found = [], []
    slow = [lambda: (time.sleep(0.01), ended.append(1))] * 3

    def job() -> Steps[None]:
        with pytest.raises(LookupError, match="lost"):
            yield Step("a", [fails(LookupError("lost")), *slow])
        found.append(len(ended))
        found.append((yield Step("b", [returns("on")])))

    run(job(), threads=4)
    assert found == [3, ["on"]]


def test_of_several_errors_one_is_raised():
    def job() -> Steps[None]:
        for _ in range(10):
            with pytest.raises(LookupError, match="lost"):
                yield Step("a", [fails(LookupError(f"lost {i}")) for i in range(5)])

    run(job(), threads=4)


def test_a_job_may_fail_again_while_it_handles_an_error():
    found = []

    def job() -> Steps[None]:
        for error in (LookupError("first"), MemoryError("second")):
            try:
                yield Step("a", [fails(error)])
            except (LookupError, MemoryError) as caught:
                found.append(str(caught))
                found.extend((yield Step("mend", [returns("mended")])))

    run(job())
    assert found == ["first", "mended", "second", "mended"]


@pytest.mark.parametrize("kind", [LookupError, MemoryError, KeyboardInterrupt, SystemExit, StopIteration])
def test_an_error_of_a_task_ends_the_run(kind):
    """Jobs under way are closed, in the calling thread."""
    closed, begun = [], [threading.Event() for _ in range(2)]
    error = kind("lost")

    def job() -> Steps[None]:
        yield Step("wait", [lambda: all(event.wait(PATIENCE_S) for event in begun)])
        yield Step("a", [fails(error)])

    # A generator cannot let StopIteration pass.
    expected = RuntimeError if kind is StopIteration else kind
    with pytest.raises(expected) as caught:
        run(job(), *(endless(closed, event) for event in begun), threads=3)
    assert caught.value is error or caught.value.__cause__ is error
    assert closed == [threading.current_thread()] * 2


@pytest.mark.parametrize("place", ["before the first step", "between steps", "behind the last step"])
def test_an_error_of_a_job_itself_ends_the_run(place):
    closed, begun = [], threading.Event()

    def job() -> Steps[None]:
        if place == "before the first step":
            raise LookupError("lost")
        yield Step("wait", [lambda: begun.wait(PATIENCE_S)])
        if place == "between steps":
            raise LookupError("lost")
        yield Step("a", [])
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        run(endless(closed, begun), job(), threads=3)
    assert len(closed) == 1


@pytest.mark.parametrize("perform", [lambda steps: run(steps), run_steps], ids=["executor", "this thread"])
def test_a_job_that_fails_runs_its_finally(perform):
    closed = []

    def job() -> Steps[None]:
        try:
            yield Step("a", [fails(LookupError("lost"))])
        finally:
            closed.append(True)

    with pytest.raises(LookupError, match="lost"):
        perform(job())
    assert closed == [True]


def test_a_device_is_waited_for_before_jobs_let_go_of_what_it_works_on():
    found = []

    def job() -> Steps[None]:
        try:
            yield Step("a", [returns(None, 0.001)])
            yield Step("b", [fails(LookupError("lost"))])
        finally:
            found.append("closed")

    def other() -> Steps[None]:
        try:
            while True:
                yield Step("a", [returns(None, 0.001)])
        finally:
            found.append("closed")

    with pytest.raises(LookupError, match="lost"):
        ThreadExecutor(2, 9, settle=lambda: found.append("settled")).run([Job(1, other()), Job(1, job())])
    assert found[-2:] == ["settled", "closed"]


def test_an_error_ends_the_run_while_jobs_wait_for_room():
    """Although they would never end."""

    def job(i: int) -> Steps[None]:
        yield Step("a", [returns(None, 0.001)])
        if i == 3:
            raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        ThreadExecutor(2, 2).run(Job(1, job(i)) for i in count())


def test_jobs_that_never_began_are_never_begun():
    begun = []

    def late() -> Steps[None]:
        begun.append(True)
        yield Step("a", [])

    with pytest.raises(LookupError, match="lost"):
        run(collect([], Step("a", [fails(LookupError("lost"))])), late(), capacity=1)
    assert begun == []


@pytest.mark.parametrize("kind", [LookupError, KeyboardInterrupt, SystemExit])
def test_an_error_of_the_list_of_jobs_ends_the_run(kind):
    closed = []
    error = kind("no more")

    def list_jobs() -> Iterator[Job]:
        for begun in (threading.Event(), threading.Event()):
            yield Job(1, endless(closed, begun))
            assert begun.wait(PATIENCE_S)
        raise error

    with pytest.raises(kind) as caught:
        ThreadExecutor(2, 100).run(list_jobs())
    assert caught.value is error
    assert closed == [threading.current_thread()] * 2


@pytest.mark.parametrize("capacity", [1, 100], ids=["waiting for room", "waiting for the end"])
def test_an_interrupt_ends_the_run(capacity):
    closed, begun = [], threading.Event()
    caller = threading.get_ident()

    def interrupting() -> Steps[None]:
        try:
            # By then the caller waits.
            yield Step("a", [lambda: begun.wait(PATIENCE_S if capacity > 1 else 0.05)])
            yield Step("a", [lambda: signal.pthread_kill(caller, signal.SIGINT)])
            yield from endless()
        finally:
            closed.append(True)

    # Where tests run in the background, it is ignored.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(interrupting(), endless(None, begun), capacity=capacity)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert closed == [True]
    assert begun.is_set() == (capacity > 1)


def test_a_job_that_cannot_be_closed_does_not_keep_others_open():
    """Nor does its error hide that the run was interrupted."""
    closed, begun = [], [threading.Event() for _ in range(3)]

    def stubborn() -> Steps[None]:
        try:
            yield from endless(None, begun[0])
        finally:
            raise LookupError("not to be closed")

    def list_jobs() -> Iterator[Job]:
        for steps in (stubborn(), endless(closed, begun[1]), endless(closed, begun[2])):
            yield Job(1, steps)
        assert all(event.wait(PATIENCE_S) for event in begun)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ThreadExecutor(4, 100).run(list_jobs())
    assert len(closed) == 2
