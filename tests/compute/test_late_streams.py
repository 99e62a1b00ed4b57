"""What the late device of `tests/helpers/late_device.py` promises: no less than CUDA does, and no more."""

from collections.abc import Iterator

import pytest
import torch

from tests.helpers.late_device import late_device
from tests.helpers.late_tensors import LateTensors

CUDA = torch.device("cuda:0")
SEEDS = range(20)


@pytest.fixture(scope="module")
def late() -> Iterator[LateTensors]:
    with late_device() as late:
        yield late


def note_orders(late: LateTensors, give) -> set[str]:
    """The orders in which seeds do what `give` gives to two streams."""
    orders = set()
    for seed in SEEDS:
        late.streams.reseed(seed)
        done: list[str] = []
        streams = torch.cuda.Stream(), torch.cuda.Stream()
        give(*streams, lambda stream, name, done=done: late.streams.give(stream, lambda: done.append(name)))
        streams[1].synchronize()
        torch.cuda.synchronize()
        orders.add("".join(done))
    return orders


def test_streams_keep_their_own_order_only(late):
    def give(a, b, note):
        for stream, name in ((a, "1"), (a, "2"), (b, "x"), (b, "y")):
            note(stream, name)

    orders = note_orders(late, give)
    assert {"xy12", "12xy"} < orders
    assert all(order.index("1") < order.index("2") for order in orders)
    assert all(order.index("x") < order.index("y") for order in orders)


def test_events_order_streams(late):
    def give(a, b, note):
        note(a, "1")
        event = a.record_event()
        note(a, "2")
        note(b, "x")
        b.wait_event(event)
        note(b, "y")

    orders = note_orders(late, give)
    assert {"x1y2", "1x2y"} <= orders
    assert all(order.index("1") < order.index("y") for order in orders)


def test_an_event_that_nobody_recorded_keeps_nothing_waiting(late):
    late.streams.reseed(0)
    stream = torch.cuda.Stream()
    stream.wait_event(torch.cuda.Event())
    stream.synchronize()
    assert not stream.work


def test_nothing_is_there_before_somebody_waits(late):
    late.streams.reseed(0)
    ones = torch.ones(1000, device=CUDA)
    pinned = torch.empty(1000, pin_memory=True).copy_(ones, non_blocking=True)
    assert pinned.isnan().all()
    torch.cuda.current_stream().synchronize()
    assert (pinned == 1).all()


def test_pinned_memory_is_read_late_and_other_memory_at_once(late):
    late.streams.reseed(0)
    plain, pinned = torch.zeros(10), torch.zeros(10).pin_memory()
    copies = [source.to(CUDA, non_blocking=True) for source in (pinned, plain)]
    # The copy out of memory that is not pinned has waited for what was before it.
    late_copy = pinned.to(CUDA, non_blocking=True)
    for source in (plain, pinned):
        source += 1
    assert [int(copy.sum()) for copy in (*copies, late_copy)] == [0, 0, 10]


def test_copies_keep_pinned_memory(late):
    late.streams.reseed(0)
    copy = torch.ones(1000).pin_memory().to(CUDA, non_blocking=True)
    assert (copy == 1).all()


@pytest.mark.parametrize("waits", [False, True])
def test_memory_that_was_let_go_of_is_safe_in_its_own_stream_only(late, waits):
    """Whoever reads it in another stream must be waited for before it is let go of."""
    late.streams.reseed(0)
    one, other = torch.cuda.Stream(), torch.cuda.Stream()
    with torch.cuda.stream(one):
        source = torch.ones(1000, device=CUDA)
        same = source * 2
    other.wait_stream(one)
    with torch.cuda.stream(other):
        copy = source * 3
    if waits:
        other.synchronize()
    place = source.memory.data_ptr()
    del source
    with torch.cuda.stream(one):
        after = torch.full((1000,), 7.0, device=CUDA)
    assert after.memory.data_ptr() == place
    # All of one stream, then the other.
    one.synchronize()
    other.synchronize()
    assert (same.memory == 2).all()
    assert (copy.memory == 3).all() == waits


def test_numbers_that_the_host_asks_for_are_waited_for(late):
    late.streams.reseed(0)
    numbers = torch.arange(10, device=CUDA)
    assert len(numbers[numbers > 5]) == 4
    assert int(numbers.sum()) == 45
    assert torch.tensor([1, 2], device=CUDA).tolist() == [1, 2]


def test_memory_runs_out_as_torch_says_it(late, monkeypatch):
    monkeypatch.setattr(late.memory, "runs_out", lambda asked, total: True)
    with pytest.raises(torch.OutOfMemoryError):
        torch.empty(3, device=CUDA)
    with pytest.raises(RuntimeError, match="CUDA error: out of memory"):
        torch.empty(3, pin_memory=True)
