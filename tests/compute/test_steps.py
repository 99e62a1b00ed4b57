"""One job in the calling thread, and that it does as in an executor."""

import threading

from render.compute.steps import Step, Steps, run_steps
from render.run.executor import Job, ThreadExecutor
from tests.helpers.jobs import collect, fails, keep, random_job, returns, run


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
