"""A plugin of pytest that lists the tests and files that take most processor time: `make dearest`.

A busy machine makes tests wait, which says nothing of them; what they and their processes compute stays
nearly the same. What a fixture of a session takes is the first test's that asks for it, and what a process
takes is of the test at which it ends.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest

SHOWN = 30
_KEY = "processor_s"
_STARTED = pytest.StashKey[float]()
_of_tests: Counter[str] = Counter()


def _read_processor_s() -> float:
    """Of this process and of those it has waited for, of its own and of the system."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    item.stash[_STARTED] = _read_processor_s()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    if call.when == "teardown":
        # These go from workers to the process that hands out the tests.
        report.user_properties.append((_KEY, _read_processor_s() - item.stash[_STARTED]))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":
        _of_tests[report.nodeid] += dict(report.user_properties).get(_KEY, 0.0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    of_files: Counter[str] = Counter()
    for name, seconds in _of_tests.items():
        of_files[name.partition("::")[0]] += seconds
    for what, counted in (("files", of_files), ("tests", _of_tests)):
        terminalreporter.section(f"dearest {what}, of {_of_tests.total():.1f} s of processor time in tests")
        for name, seconds in counted.most_common(SHOWN):
            terminalreporter.line(f"{seconds:8.2f} s  {name}")
