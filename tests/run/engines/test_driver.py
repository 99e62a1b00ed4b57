"""What the driver does with what its workers say."""

import logging
import signal
from collections import Counter
from dataclasses import dataclass

import pytest

from render.errors import RenderError
from render.fits.rows.shards import Shard
from render.run.engines.crew import Advanced, Ended, Lost, Ready, Refused, Said
from render.run.engines.driver import MOST_LOSSES, Driver
from render.run.engines.tally import Tally
from tests.run.engines.fake_crew import PRODUCTS, FakeCrew, draw_all

SHARDS = [Shard(number, 7) for number in range(1, 8)]


@dataclass
class Wish:
    number: int = 0


class Counted:
    """Progress that is counted."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.total = self.closed = 0

    def open(self, total: int, unit: str) -> "Counted":
        self.total = total
        return self

    def advance(self, outcome: str = "done") -> None:
        self.outcomes[outcome] += 1

    def expect(self, more: int) -> None:
        self.total += more

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def shown() -> Counted:
    return Counted()


@pytest.fixture
def tally(shown) -> Tally:
    return Tally(shown.open, len(SHARDS) * PRODUCTS, "sheet")


def drive(crew, tally, stop=None, noted=None, **options) -> Driver:
    """Runs a driver to its end. noted: what journals of shards have, one after the other."""
    values = iter(noted or [])
    driver = Driver(crew, SHARDS, stop or Wish(), tally, lambda _: next(values, 0), **options)
    driver.run()
    return driver


@pytest.mark.parametrize("size", [1, 2, 5, 20])
def test_each_shard_is_drawn_once_whatever_the_workers(tally, shown, size):
    crew = FakeCrew(size)
    driver = drive(crew, tally)
    assert driver.is_finished
    assert driver.settings == "settings"
    assert sorted(shard.number for _, shard in crew.drawn) == [shard.number for shard in SHARDS]
    # Nobody is hired to do nothing.
    assert len(crew.hired) == min(size, len(SHARDS))
    assert shown.outcomes == {"done": len(SHARDS) * PRODUCTS}
    assert (tally.rendered, tally.kept, tally.frames) == (len(SHARDS) * PRODUCTS, 0, None)
    assert crew.told == []


def lose_once(numbers: set[int], after: int):
    """A course in which the first workers of some shards are lost after so many products."""
    lost: set[Shard] = set()

    def draw(worker, shard):
        if shard.number in numbers and shard not in lost:
            lost.add(shard)
            for _ in range(after):
                yield Advanced(worker, done=1)
            yield Lost(worker, "signal 9")
            return
        kept = after if shard in lost else 0
        yield Advanced(worker, kept=kept, done=PRODUCTS - kept)
        yield Ended(worker, shard, PRODUCTS - kept, kept, None, True)

    return draw


def test_the_shard_of_a_lost_worker_goes_on_and_is_counted_once(tally, shown, caplog):
    crew = FakeCrew(1, lose_once({2, 3, 5}, after=3))
    with caplog.at_level(logging.WARNING):
        assert drive(crew, tally, noted=[3, 3, 3]).is_finished
    assert Counter(shard.number for _, shard in crew.drawn) == {1: 1, 2: 2, 3: 2, 4: 1, 5: 2, 6: 1, 7: 1}
    assert len(crew.hired) == 1 + 3
    assert shown.outcomes == {"done": len(SHARDS) * PRODUCTS}
    # What this run has made is not said to have been there.
    assert (tally.rendered, tally.kept) == (len(SHARDS) * PRODUCTS, 0)
    assert "is lost: signal 9; shard 2/7 goes on from its 3 products with another" in caplog.text


def test_what_is_expected_beyond_what_was_known_is_counted_once(shown):
    tally = Tally(shown.open, 100, "frame")
    lost = []

    def draw(worker, shard):
        yield Advanced(worker, done=2, more=5)
        if shard.number == 1 and not lost:
            lost.append(worker)
            yield Lost(worker, "signal 9")
            return
        yield Advanced(worker, done=3)
        yield Ended(worker, shard, rendered=1, kept=0, frames=5, is_finished=True)

    drive(FakeCrew(1, draw), tally)
    assert shown.total == 100 + 5 * len(SHARDS)
    assert shown.outcomes == {"done": 5 * len(SHARDS)}
    assert (tally.rendered, tally.frames) == (len(SHARDS), 5 * len(SHARDS))


def test_a_shard_that_ends_its_workers_is_given_up_in_words_and_all_others_are_drawn(tally, caplog):
    def draw(worker, shard):
        if shard.number == 3:
            yield Lost(worker, "signal 11 (SIGSEGV); its last lines: boom")
        else:
            yield from draw_all(worker, shard)

    crew = FakeCrew(2, draw)
    with pytest.raises(RenderError, match=r"shard 3/7 lost its worker 5 times in a row.*SIGSEGV.*boom"):
        drive(crew, tally)
    counts = Counter(shard.number for _, shard in crew.drawn)
    assert counts.pop(3) == MOST_LOSSES
    assert set(counts.values()) == {1}
    assert len(counts) == len(SHARDS) - 1


def test_a_shard_that_gets_further_each_time_is_not_given_up(tally):
    times = iter(range(20))

    def draw(worker, shard):
        if shard.number == 3 and next(times) < 12:
            yield Lost(worker, "the machine was taken away")
        else:
            yield from draw_all(worker, shard)

    assert drive(FakeCrew(2, draw), tally, noted=range(1, 20)).is_finished


def test_with_on_error_stop_the_first_shard_that_is_given_up_ends_the_run(tally):
    def draw(worker, shard):
        yield Lost(worker, "signal 9")

    crew = FakeCrew(1, draw)
    with pytest.raises(RenderError, match="shard 1/7"):
        drive(crew, tally, stops_on_error=True)
    assert {shard.number for _, shard in crew.drawn} == {1}


def test_what_a_worker_refuses_lets_others_finish_and_is_raised(tally):
    def draw(worker, shard):
        if shard.number == 2:
            yield Refused(worker, "row 5: no body")
        else:
            yield from draw_all(worker, shard)

    crew = FakeCrew(2, draw)
    with pytest.raises(RenderError, match=r"^row 5: no body$"):
        drive(crew, tally)
    assert [shard.number for _, shard in crew.drawn] == [1, 2]
    # As by a signal; what is under way comes to its end.
    assert crew.told == [signal.SIGTERM]
    assert tally.rendered == PRODUCTS


def test_what_cannot_be_opened_is_said_once(tally):
    crew = FakeCrew(3, open=lambda worker: [Refused(worker, f"no body, says {worker}")])
    with pytest.raises(RenderError, match=r"^no body, says 1$"):
        drive(crew, tally)
    assert crew.drawn == []


def test_a_signal_lets_workers_finish_and_begins_nothing(tally):
    stop = Wish()

    def draw(worker, shard):
        yield Advanced(worker, done=1)
        stop.number = 15
        yield Advanced(worker, done=1)
        yield Ended(worker, shard, 2, 0, None, is_finished=False)

    crew = FakeCrew(2, draw)
    driver = drive(crew, tally, stop)
    assert not driver.is_finished
    assert crew.told == [15]
    assert len(crew.drawn) == 2
    assert tally.rendered == 4


def test_a_worker_that_is_lost_while_it_finishes_is_not_replaced(tally):
    stop = Wish()

    def draw(worker, shard):
        stop.number = 2
        yield Advanced(worker, done=1)
        yield Lost(worker, "signal 9")

    crew = FakeCrew(1, draw)
    assert not drive(crew, tally, stop).is_finished
    assert len(crew.hired) == len(crew.drawn) == 1
    assert tally.rendered == 1


def test_a_signal_before_anybody_is_ready_ends_at_once(tally, shown):
    crew = FakeCrew(2)
    assert not drive(crew, tally, Wish(2)).is_finished
    assert crew.hired == []
    assert shown.total == 0


def test_workers_that_never_open_end_the_run_in_words(tally):
    crew = FakeCrew(2, open=lambda worker: [Lost(worker, "signal 9 (SIGKILL)")])
    with pytest.raises(RenderError, match=r"5 workers in a row ended before .* signal 9.*workers="):
        drive(crew, tally)
    assert MOST_LOSSES <= len(crew.hired) <= MOST_LOSSES + 1


def test_those_that_could_be_started_go_on_without_the_others(tally):
    """There is memory for one."""
    crew = FakeCrew(3, open=lambda worker: [Ready(worker, "s") if worker == 1 else Lost(worker, "no memory")])
    assert drive(crew, tally).is_finished
    assert {worker for worker, _ in crew.drawn} == {1}
    # Each end of a shard is a reason to try once more.
    assert len(crew.hired) <= 1 + MOST_LOSSES + 2 + len(SHARDS)


def test_an_idle_worker_that_is_lost_is_replaced_only_if_there_is_work(tally):
    def draw(worker, shard):
        yield from draw_all(worker, shard)

    ready = {1: [Ready(1, "s")], 2: [Ready(2, "s"), Lost(2, "gone")]}
    crew = FakeCrew(2, draw, lambda worker: ready.get(worker, [Ready(worker, "s")]))
    assert drive(crew, tally).is_finished


def test_workers_that_open_different_things_are_refused(tally):
    crew = FakeCrew(2, open=lambda worker: [Ready(worker, f"hash {worker}")])
    with pytest.raises(RenderError, match="different things by the same settings"):
        drive(crew, tally)


def test_lines_of_workers_are_said_once_and_rows_as_in_one_process(tally, caplog):
    def draw(worker, shard):
        yield Said(worker, logging.WARNING, "the lens is odd")
        for row in range(10):
            yield Said(worker, logging.WARNING, f"failed row {row}", "failed")
        yield Advanced(worker, failed=10)
        yield Ended(worker, shard, 0, 0, None, True)

    with caplog.at_level(logging.INFO):
        drive(FakeCrew(2, draw), tally)
    assert caplog.text.count("the lens is odd") == 1
    assert caplog.text.count("failed row") == 20
    assert caplog.text.count("rows failed from here on are listed in failures.csv only") == 1


def test_too_many_different_lines_are_left_out(tally, caplog):
    def draw(worker, shard):
        for number in range(60):
            yield Said(worker, logging.WARNING, f"line {number} of shard {shard.number}")
        yield Ended(worker, shard, 0, 0, None, True)

    with caplog.at_level(logging.INFO):
        drive(FakeCrew(1, draw), tally)
    assert caplog.text.count("of shard") == 100
    assert caplog.text.count("left out from here on") == 1
