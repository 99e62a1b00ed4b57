"""Jobs side by side: order, overlap, bounds, and what becomes of errors."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from render.compute.steps import Step, Steps, run_steps
from render.run.executor import Job, ThreadExecutor

# Nothing here takes as long unless it is stuck.
PATIENCE_S = 20


@pytest.fixture(autouse=True)
def no_thread_stays():
    before = set(threading.enumerate())
    yield
    assert [thread for thread in threading.enumerate() if thread not in before] == []


class Gauge:
    """What is under way, and the most that was at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = self.most = 0

    def add(self, amount: int) -> None:
        with self._lock:
            self.now += amount
            self.most = max(self.most, self.now)


def run(*jobs: Steps, threads: int = 2, capacity: int = 100, weight: int = 1) -> ThreadExecutor:
    executor = ThreadExecutor(threads, capacity)
    executor.run(Job(weight, steps) for steps in jobs)
    return executor


def collect(found: list, *steps: Step) -> Steps[None]:
    """A job that keeps what its steps return."""
    for step in steps:
        found.append((yield step))


def returns(value: object, seconds: float = 0.0) -> Callable[[], object]:
    def task() -> object:
        time.sleep(seconds)
        return value

    return task


def fails(error: BaseException) -> Callable[[], object]:
    def task() -> object:
        raise error

    return task


def endless(closed: list | None = None, begun: threading.Event | None = None) -> Steps[None]:
    """A job that never ends by itself."""
    try:
        while True:
            yield Step("endless", [returns(None, 0.001)])
            if begun is not None:
                begun.set()
    finally:
        if closed is not None:
            closed.append(threading.current_thread())


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(threads):
    """Although the first task ends last."""
    found = []
    tasks = [returns(i, 0.002 * (6 - i)) for i in range(6)]
    run(collect(found, Step("a", tasks), Step("b", tasks[::-1])), threads=threads)
    assert found == [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]]


def test_jobs_run_to_their_end():
    ended = []

    def job(i: int) -> Steps[None]:
        for k in range(i % 4):
            assert (yield Step("a", [returns((i, k))])) == [(i, k)]
        ended.append(i)

    run(*(job(i) for i in range(30)), capacity=3)
    assert sorted(ended) == list(range(30))


def test_no_jobs_are_no_work():
    assert run().seconds == {}


def test_a_step_begins_when_all_tasks_of_the_one_before_have_ended():
    under_way, found = Gauge(), []

    def task() -> int:
        under_way.add(1)
        time.sleep(0.002)
        under_way.add(-1)
        return under_way.now

    def job() -> Steps[None]:
        for _ in range(5):
            yield Step("a", [task] * 4)
            found.append(under_way.now)

    run(job(), threads=4)
    assert found == [0] * 5


def test_tasks_of_a_step_overlap():
    meeting = threading.Barrier(2)
    run(collect([], Step("meet", [lambda: meeting.wait(PATIENCE_S)] * 2)))
    assert not meeting.broken


def test_tasks_of_two_jobs_overlap():
    meeting = threading.Barrier(2)
    run(*(collect([], Step("meet", [lambda: meeting.wait(PATIENCE_S)])) for _ in range(2)))
    assert not meeting.broken


def test_as_many_tasks_overlap_as_there_are_threads():
    under_way, meeting = Gauge(), threading.Barrier(3)

    def task() -> None:
        under_way.add(1)
        meeting.wait(PATIENCE_S)
        under_way.add(-1)

    run(*(collect([], Step("meet", [task] * 3)) for _ in range(4)), threads=3)
    assert under_way.most == 3


def test_the_capacity_bounds_what_is_under_way():
    rng = random.Random(0)
    under_way = Gauge()

    def job(weight: int) -> Steps[None]:
        under_way.add(weight)
        for _ in range(rng.randint(1, 3)):
            yield Step("a", [returns(None, 0.001)] * 2)
        under_way.add(-weight)

    executor = ThreadExecutor(4, 10)
    executor.run(Job(weight, job(weight)) for weight in (rng.randint(1, 6) for _ in range(100)))
    assert under_way.now == 0
    assert 6 < under_way.most <= 10


def test_the_capacity_can_be_used_up():
    """Two jobs of half the capacity meet, and a third waits outside."""
    meeting, under_way = threading.Barrier(2), Gauge()

    def job() -> Steps[None]:
        under_way.add(5)
        yield Step("meet", [lambda: meeting.wait(PATIENCE_S)])
        under_way.add(-5)

    run(*(job() for _ in range(6)), threads=4, capacity=10, weight=5)
    assert under_way.most == 10


def test_a_job_heavier_than_the_capacity_runs_by_itself():
    under_way, beside = Gauge(), []

    def job(is_heavy: bool) -> Steps[None]:
        under_way.add(1)
        for _ in range(3):
            yield Step("a", [returns(None, 0.002)] * 2)
            if is_heavy:
                beside.append(under_way.now - 1)
        under_way.add(-1)

    weights = [1, 1, 99, 1, 99, 99, 1, 1]
    executor = ThreadExecutor(4, 3)
    executor.run(Job(weight, job(weight > 3)) for weight in weights)
    assert beside == [0] * 9
    assert under_way.now == 0


def test_tasks_of_older_jobs_go_first():
    """With one thread, what an older job asks for later still comes before younger jobs."""
    order, all_there = [], threading.Event()

    def job(i: int) -> Steps[None]:
        if i == 0:
            yield Step("wait", [lambda: all_there.wait(PATIENCE_S)])
        for k in range(3):
            yield Step("a", [lambda k=k: order.append((i, k))] * 2)

    def list_jobs() -> Iterator[Job]:
        for i in range(4):
            yield Job(1, job(i))
        all_there.set()

    ThreadExecutor(1, 100).run(list_jobs())
    assert order == [(i, k) for i in range(4) for k in range(3) for _ in range(2)]


@pytest.mark.parametrize("place", ["first", "between", "last", "only", "many"])
def test_a_step_without_tasks_is_passed(place):
    empty, full = Step("empty", []), Step("full", [returns(1), returns(2)])
    steps = {
        "first": [empty, full],
        "between": [full, empty, full],
        "last": [full, empty],
        "only": [empty],
        "many": [empty] * 5 + [full] + [empty] * 5,
    }[place]
    found = []
    run(collect(found, *steps))
    assert found == [[1, 2] if step is full else [] for step in steps]


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


@pytest.mark.timeout(5, method="signal")
def test_an_executor_can_run_again():
    """Also after a run that failed."""
    executor, found = ThreadExecutor(2, 100), []
    executor.run([Job(1, collect(found, Step("a", [returns(1)])))])
    executor.run([Job(1, collect(found, Step("a", [returns(2)])))])
    with pytest.raises(LookupError, match="lost"):
        executor.run([Job(1, endless()), Job(1, collect(found, Step("a", [fails(LookupError("lost"))])))])
    executor.run([Job(1, collect(found, Step("a", [returns(3)])))])
    assert found == [[1], [2], [3]]


def test_jobs_are_taken_as_there_is_room():
    """One is in hand, waiting to be let in; it was made in the calling thread."""
    ended, ahead, threads = Gauge(), [], set()

    def job() -> Steps[None]:
        yield Step("a", [returns(None, 0.001)] * 2)
        ended.add(1)

    def list_jobs() -> Iterator[Job]:
        for taken in range(60):
            threads.add(threading.current_thread())
            # Those before it: as many as have room.
            ahead.append(taken - ended.now)
            yield Job(1, job())

    ThreadExecutor(4, 3).run(list_jobs())
    assert max(ahead) <= 3
    assert threads == {threading.current_thread()}


def test_seconds_are_counted_by_stage():
    error = LookupError("lost")

    def job() -> Steps[None]:
        yield Step("sleep", [returns(None, 0.01)] * 3)
        yield Step("nothing", [])
        with pytest.raises(LookupError):
            yield Step("fail", [fails(error)])
        yield Step("sleep", [returns(None, 0.01)])

    seconds = run(job(), job()).seconds
    assert set(seconds) == {"sleep", "fail", "schedule"}
    assert all(value > 0 for value in seconds.values())
    # Of a task that sleeps all seconds count: eight times a hundredth.
    assert seconds["sleep"] >= 0.08


def test_results_are_not_held_when_a_job_has_ended():
    """Neither by the thread that finished it nor by the executor, while others go on."""
    alive, left = Gauge(), []

    class Large:
        def __init__(self) -> None:
            alive.add(1)

        def __del__(self) -> None:
            alive.add(-1)

    def forget() -> Steps[None]:
        yield Step("a", [Large] * 3)

    def last() -> None:
        end = time.monotonic() + PATIENCE_S
        while (alive.most < 3 or alive.now) and time.monotonic() < end:
            time.sleep(0.001)
        left.append(alive.now)

    # The other thread has nothing more to do then.
    run(collect([], Step("b", [last])), forget(), threads=2)
    assert left == [0]


def random_job(seed: int, running: set[int] | None = None) -> Steps[int]:
    """Steps of all sizes, some with tasks that fail; returns a number that all results go into."""
    rng, total = random.Random(seed), seed
    for _ in range(rng.randint(0, 6)):
        # It is an error if another thread is in here.
        if running is not None:
            assert seed not in running
            running.add(seed)
            time.sleep(rng.choice([0, 0, 1e-4]))
            running.remove(seed)
        values = [rng.randint(0, 1000) for _ in range(rng.choice([0, 1, 2, 9]))]
        tasks = [returns(value, rng.choice([0, 0, 0, 1e-4])) for value in values]
        if values and rng.random() < 0.2:
            tasks[rng.randrange(len(tasks))] = fails(LookupError(str(values[0])))
            try:
                yield Step("fail", tasks)
            except LookupError as error:
                total = total * 31 + int(str(error))
        else:
            for result in (yield Step("work", tasks)):
                total = total * 31 + result
    return total


def random_total(seed: int) -> int:
    """What `random_job` returns, worked out without anything of the executor."""
    rng, total = random.Random(seed), seed
    for _ in range(rng.randint(0, 6)):
        rng.choice([0, 0, 1e-4])
        values = [rng.randint(0, 1000) for _ in range(rng.choice([0, 1, 2, 9]))]
        for _ in values:
            rng.choice([0, 0, 0, 1e-4])
        if values and rng.random() < 0.2:
            rng.randrange(len(values))
            values = values[:1]
        for value in values:
            total = total * 31 + value
    return total


def keep(found: dict[int, int], seed: int, running: set[int] | None = None) -> Steps[None]:
    found[seed] = yield from random_job(seed, running)


@pytest.mark.parametrize("capacity", [1, 7, 1000])
def test_hundreds_of_jobs_end_with_their_own_results(capacity):
    """No job is ever run by two threads at once."""
    rng, found, running = random.Random(capacity), {}, set()
    executor = ThreadExecutor(8, capacity)
    executor.run(Job(rng.randint(1, 5), keep(found, seed, running)) for seed in range(400))
    assert len(found) == 400
    assert found == {seed: random_total(seed) for seed in range(400)}


def test_one_job_in_this_thread_gives_the_same_results():
    steps = [Step("a", [returns(i) for i in range(n)]) for n in (3, 0, 1)]
    of_executor, of_thread = [], []
    run(collect(of_executor, *steps))
    run_steps(collect(of_thread, *steps))
    assert of_thread == of_executor == [[0, 1, 2], [], [0]]


def test_one_job_runs_in_this_thread_and_returns_its_result():
    def job() -> Steps[str]:
        (thread,) = yield Step("a", [threading.current_thread])
        return thread.name

    assert run_steps(job()) == threading.current_thread().name


def test_one_job_in_this_thread_may_catch_an_error_where_the_step_was_yielded():
    """As in an executor."""

    def job() -> Steps[list]:
        try:
            yield Step("a", [fails(LookupError("lost"))])
        except LookupError as error:
            return [str(error), *(yield Step("b", [returns("on")]))]

    assert run_steps(job()) == ["lost", "on"]


def test_random_jobs_in_this_thread_give_the_same_results_as_in_an_executor():
    found = {}
    ThreadExecutor(8, 10).run(Job(1, keep(found, seed)) for seed in range(100))
    for seed in range(100):
        assert run_steps(random_job(seed)) == found[seed]
