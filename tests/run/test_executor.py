"""Jobs side by side: order, overlap and bounds."""

import random
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from render.compute.steps import Step, Steps, Turn
from render.run.executor import MOST_TASKS, Job, ThreadExecutor
from tests.helpers.jobs import PATIENCE_S, Gauge, collect, endless, fails, keep, returns, run


@pytest.fixture(autouse=True)
def no_thread_stays():
    before = set(threading.enumerate())
    yield
    assert [thread for thread in threading.enumerate() if thread not in before] == []


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(threads):
    """Although the first task ends last."""
    found = []
    tasks = [returns(i, 0.002 * (6 - i)) for i in range(6)]
    run(collect(found, Step("a", tasks), Step("b", tasks[::-1])), threads=threads)
    assert found == [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [MOST_TASKS - 1, 2 * MOST_TASKS, 200])
def test_each_of_many_small_tasks_is_done_once(threads, count):
    found, done = [], []
    tasks = [partial(done.append, i) for i in range(count)]
    run(collect(found, Step("a", [*tasks])), threads=threads)
    assert sorted(done) == list(range(count))


def test_what_one_of_many_small_tasks_raises_reaches_the_job_when_all_are_done():
    done = []

    def job() -> Steps[None]:
        tasks = [partial(done.append, i) for i in range(99)]
        with pytest.raises(ValueError, match="on purpose"):
            yield Step("a", [*tasks[:50], fails(ValueError("on purpose")), *tasks[50:]])
        done.append("went on")

    run(job(), threads=2)
    assert done[-1] == "went on"
    assert sorted(done[:-1]) == list(range(99))


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


def test_the_number_of_jobs_bounds_what_is_under_way():
    """However little they weigh: each is to have a queue of a GPU's to itself."""
    under_way, meeting = Gauge(), threading.Barrier(3)

    def job() -> Steps[None]:
        under_way.add(1)
        yield Step("meet", [lambda: meeting.wait(PATIENCE_S)])
        under_way.add(-1)

    ThreadExecutor(8, 1000, most_jobs=3).run(Job(1, job()) for _ in range(9))
    assert under_way.most == 3


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


@pytest.mark.parametrize("capacity", [1, 7, 1000])
def test_hundreds_of_jobs_end_with_their_own_results(capacity):
    """No job is ever run by two threads at once."""
    rng, found, running = random.Random(capacity), {}, set()
    executor = ThreadExecutor(8, capacity)
    executor.run(Job(rng.randint(1, 5), keep(found, seed, running)) for seed in range(400))
    assert len(found) == 400
    assert found == {seed: random_total(seed) for seed in range(400)}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_steps_that_wait_for_their_turn_follow_the_order_of_the_jobs_of_their_line(threads):
    """Although the first jobs take longest to come there."""
    told = {0: [], 1: []}

    def job(line: int, number: int) -> Steps[None]:
        yield Step("draw", [returns(0, 0.002 * (6 - number))])
        for k in range(2):
            yield Step("encode", [partial(told[line].append, (number, k))], Turn(line, number))

    jobs = [Job(1, job(line, number), Turn(line, number)) for number in range(6) for line in range(2)]
    ThreadExecutor(threads, capacity=12).run(jobs)
    expected = [(number, k) for number in range(6) for k in range(2)]
    assert told == {0: expected, 1: expected}


def test_a_job_that_never_comes_to_its_turn_does_not_hold_up_its_line():
    told = []

    def job(number: int) -> Steps[None]:
        yield Step("draw", [returns(0)])
        if number != 1:
            yield Step("encode", [lambda: told.append(number)], Turn(0, number))

    ThreadExecutor(2, capacity=9).run([Job(1, job(number), Turn(0, number)) for number in range(4)])
    assert told == [0, 2, 3]


def test_what_waits_for_its_turn_is_closed_when_another_job_fails():
    closed = []

    def first() -> Steps[None]:
        yield Step("draw", [fails(RuntimeError())])

    def second() -> Steps[None]:
        try:
            yield Step("encode", [returns(0)], Turn(0, 1))
            yield Step("encode", [returns(0)], Turn(0, 1))
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError):
        ThreadExecutor(2, capacity=9).run([Job(1, first(), Turn(0, 0)), Job(1, second(), Turn(0, 1))])
    assert closed == [True]


def test_several_jobs_wait_for_the_end_of_a_line():
    told = []

    def measure(number: int) -> Steps[None]:
        yield Step("measure", [returns(0, 0.002 * (3 - number))])
        told.append("measured")

    def draw() -> Steps[None]:
        yield Step("draw", [lambda: told.append("drawn")], Turn(0, 3))

    jobs = [Job(1, measure(number), Turn(0, number)) for number in range(3)]
    ThreadExecutor(3, capacity=9).run([*jobs, Job(1, draw()), Job(1, draw())])
    assert told == ["measured"] * 3 + ["drawn"] * 2
