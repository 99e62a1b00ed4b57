"""Journals on object stores: lines come back in their order, whoever is killed, and one run has them."""

import threading
import time
from dataclasses import replace

import pytest
from obstore.store import MemoryStore

from render.errors import OutputError
from render.files.stores.outputs import journal as journals
from render.files.stores.outputs import lease as leases
from render.files.stores.outputs.lease import Lease
from render.files.stores.outputs.objects import Objects
from render.files.stores.outputs.owner import describe_process, format_owner, parse_owner
from tests.helpers.stores import URL, objects_in, open_in_memory

NAME = ".manifest.3of64.journal"
LOCK = f"{NAME}/lock"


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def output(store):
    return open_in_memory(store)


@pytest.fixture
def clock(monkeypatch):
    """Time that goes on when somebody sleeps, and when it is told to."""

    class Clock:
        now = 1000.0
        slept = 0.0

        def sleep(self, seconds):
            self.now += seconds
            self.slept += seconds

    clock = Clock()
    monkeypatch.setattr(leases, "_read_clock", lambda: clock.now)
    monkeypatch.setattr(leases.time, "sleep", clock.sleep)
    # Nobody renews by himself.
    monkeypatch.setattr(Lease, "_keep", lambda self: None)
    return clock


def wait_until(holds):
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it never is"
        time.sleep(0.001)


def read(output):
    return b"".join(output.read_lines(NAME, 1000))


def lock_of_another(store, **changes):
    """A lock that a process has taken which is not this one."""
    owner = replace(describe_process("other"), **changes)
    store.put(LOCK, format_owner(owner, 0))


def test_lines_are_there_when_it_is_flushed(store, output):
    journal = output.open_journal(NAME)
    assert not journal.was_there
    journal.append(b"\n")
    journal.append(b"first\n")
    assert set(objects_in(store)) == {LOCK}
    journal.flush()
    journal.flush()
    journal.append(b"second\nthird\n")
    journal.flush()
    assert objects_in(store).keys() - {LOCK} == {f"{NAME}/000001.jsonl", f"{NAME}/000002.jsonl"}
    assert list(output.read_lines(NAME, 1000)) == [b"\n", b"first\n", b"second\n", b"third\n"]
    assert list(output.read_lines(NAME, 3))[:3] == [b"\n", b"fir", b"st\n"]
    assert [output.read_end(NAME, n) for n in (3, 14, 99)] == [
        b"rd\n",
        b"\nsecond\nthird\n",
        b"\nfirst\nsecond\nthird\n",
    ]
    assert output.list_names(".manifest") == [NAME]
    journal.remove()
    journal.close()
    assert objects_in(store) == {}


def test_many_lines_go_by_themselves(store, output, monkeypatch):
    monkeypatch.setattr(journals, "FLUSH_BYTES", 10)
    written = threading.Event()
    create = Objects.create

    def create_and_tell(self, name, content):
        found = create(self, name, content)
        written.set()
        return found

    journal = output.open_journal(NAME)
    monkeypatch.setattr(Objects, "create", create_and_tell)
    journal.append(b"x" * 9 + b"\n")
    assert written.wait(20)
    journal.close()
    assert read(output) == b"x" * 9 + b"\n"


def test_what_a_killed_run_left_is_gone_on_from(store, output, clock):
    journal = output.open_journal(NAME)
    journal.append(b"\nfirst\n")
    journal.flush()
    journal.append(b"lost\n")
    # It is killed here; its lock says another process of this machine.
    lock_of_another(store, started="0")
    again = open_in_memory(store).open_journal(NAME)
    assert again.was_there
    assert clock.slept == 0
    again.append(b"\nsecond\n")
    again.withdraw()
    assert read(output) == b"\nfirst\n\nsecond\n"
    # Whoever stopped in good order says that he did not come to his end.
    assert parse_owner(objects_in(store)[LOCK]) is None
    third = open_in_memory(store).open_journal(NAME)
    assert third.was_there
    third.empty()
    third.close()
    assert set(objects_in(store)) == {LOCK}
    assert output.list_names(".manifest") == [NAME]
    assert list(output.read_lines(NAME, 1000)) == []


def test_a_run_that_noted_nothing_leaves_nothing(store, output):
    journal = output.open_journal(NAME)
    journal.append(b"\n")
    journal.withdraw()
    assert objects_in(store) == {}


def test_a_second_run_is_refused_at_once_on_the_same_machine(store, output, clock):
    journal = output.open_journal(NAME)
    with pytest.raises(OutputError, match=r"s3://bucket/some/prefix: another run is writing the same sheets"):
        open_in_memory(store).open_journal(NAME)
    with pytest.raises(OutputError, match="another run"):
        open_in_memory(store).make_sure_nobody_has(NAME)
    assert clock.slept == 0
    journal.close()
    open_in_memory(store).make_sure_nobody_has(NAME)


def test_a_run_of_another_machine_that_answers_is_refused(store, output, clock, monkeypatch):
    lock_of_another(store, machine="elsewhere")
    beats = iter(range(1, 100))

    def sleep(seconds):
        clock.now += seconds
        store.put(LOCK, format_owner(replace(describe_process("other"), machine="elsewhere"), next(beats)))

    monkeypatch.setattr(leases.time, "sleep", sleep)
    with pytest.raises(OutputError, match="another run"):
        output.open_journal(NAME)
    assert clock.now - 1000 <= 2 * leases.LOOK_S


def test_locks_of_many_dead_machines_cost_the_time_of_one(store, output, clock):
    names = [f".manifest.{n}of5.journal" for n in range(1, 6)]
    for name in names:
        owner = replace(describe_process(name), boot="another start of this machine")
        store.put(f"{name}/lock", format_owner(owner, 3))
    journals = [output.open_journal(name) for name in names]
    assert leases.STALE_S <= clock.slept <= leases.STALE_S + 2 * leases.LOOK_S
    assert all(journal.was_there for journal in journals)


def test_who_was_taken_for_dead_stops(store, output, clock):
    journal = output.open_journal(NAME)
    journal.append(b"first\n")
    output.write("a.jpg", b"1")
    # It sleeps; others look long enough.
    lock_of_another(store, machine="elsewhere")
    clock.now += leases.HOLD_S + 1
    for write in (
        lambda: output.write("a.jpg", b"2"),
        lambda: output.remove("a.jpg"),
        lambda: output.write_together({"a.jpg": b"2"}),
        lambda: journal.append(b"second\n"),
        journal.flush,
        journal.empty,
        journal.remove,
    ):
        with pytest.raises(OutputError, match="another run has taken over"):
            write()
    other = objects_in(store)
    journal.withdraw()
    assert objects_in(store) == other == {"a.jpg": b"1", LOCK: other[LOCK]}


def test_who_slept_and_was_not_missed_goes_on(store, output, clock):
    journal = output.open_journal(NAME)
    clock.now += leases.STALE_S * 10
    output.write("a.jpg", b"1")
    assert journal.lease._renewed == clock.now
    journal.close()


def test_another_runs_lines_are_never_replaced(store, output):
    journal = output.open_journal(NAME)
    store.put(f"{NAME}/000001.jsonl", b"of another\n")
    journal.append(b"mine\n")
    with pytest.raises(OutputError, match="another run is writing"):
        journal.flush()
    # Its own, of which the answer was lost, are taken for what they are.
    store.put(f"{NAME}/000001.jsonl", b"mine\n")
    journal.flush()
    assert read(output) == b"mine\n"
    journal.close()


def test_what_the_thread_could_not_write_is_told(store, output, monkeypatch):
    monkeypatch.setattr(journals, "FLUSH_S", 0.01)
    journal = output.open_journal(NAME)
    store.put(f"{NAME}/000001.jsonl", b"of another\n")
    journal.append(b"mine\n")
    wait_until(lambda: journal._held.fault is not None)
    with pytest.raises(OutputError, match="another run is writing"):
        journal.append(b"more\n")
    journal.close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'{"owner": 3}',
        b'{"owner": {"machine": 1}}',
        b"[" * 100_000,
        b'{"owner": null}',
    ],
)
def test_a_lock_that_is_of_no_run_is_free(store, output, content):
    store.put(LOCK, content)
    journal = output.open_journal(NAME)
    assert journal.was_there
    journal.close()


def test_of_two_that_wait_one_has_it(store, output, clock):
    lock_of_another(store, started="0")
    version = Objects(store, URL).get(LOCK)[1]
    taken = [Objects(store, URL).swap(LOCK, content, version) for content in (b"one", b"two")]
    assert taken[0] is not None
    assert taken[1] is None
    # Who did not hear of his success is told.
    assert Objects(store, URL).swap(LOCK, b"one", version) == taken[0]
    assert Objects(store, URL).create(LOCK, b"one") == taken[0]
    assert Objects(store, URL).create(LOCK, b"two") is None
