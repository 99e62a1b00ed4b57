"""The ledger on an object store: killed at any request, a run goes on to what one that was not killed has."""

import random

import pytest
from obstore.store import MemoryStore

from render.files.stores.outputs.objects import Objects
from render.files.stores.outputs.output import StoreOutput
from render.record.ledger import Ledger
from render.record.records import Record
from render.record.stored import read_contents
from render.types.products import ProductFile
from render.write.products import ProductWriter
from tests.helpers.stores import URL, objects_in, open_in_memory

SHEETS = [f"a/{number}" for number in range(4)]
# All contents are as long: only what they are tells them apart.
OLD, NEW = b"old.", b"new!"


class Killed(BaseException):
    """No handler of errors may catch it."""


class Dying(Objects):
    """Objects of a process that is killed before, or right after, it writes for so many times.

    left: how often it still writes.
    """

    def __init__(self, store, left):
        super().__init__(store, URL)
        self.left, self.is_after = left // 2, left % 2

    def _count(self, write):
        if self.left <= 0 and not self.is_after:
            self.left = 0
            raise Killed
        self.left -= 1
        found = write() if self.left >= 0 else None
        if self.left < 0 or (self.left == 0 and self.is_after):
            self.left = -1
            raise Killed
        return found

    def put(self, *args):
        return self._count(lambda: super(Dying, self).put(*args))

    def create(self, *args):
        return self._count(lambda: super(Dying, self).create(*args))

    def swap(self, *args):
        return self._count(lambda: super(Dying, self).swap(*args))

    def delete(self, *args):
        return self._count(lambda: super(Dying, self).delete(*args))


def draw(output, settings, suffixes):
    """Makes all products that are not there of these settings; returns how many it made."""
    content = OLD if settings == "old" else NEW
    made = 0
    with Ledger(output) as ledger:
        writer = ProductWriter(output, ledger.begin)
        for row, key in enumerate(SHEETS):
            product = key if len(suffixes) > 1 else key + suffixes[0]
            for record in ledger.list_records(product):
                if record.settings == settings and ledger.is_whole(record):
                    ledger.keep(record)
                    break
            else:
                files = writer.write(key, {suffix: content + key.encode() for suffix in suffixes})
                ledger.add(Record(product, (row,), files, settings, "people", None, None))
                made += 1
        ledger.close(is_finished=True, takes_shards=True)
    return made


@pytest.mark.parametrize("suffixes", [[".jpg"], [".png", ".json"]], ids=["one file", "sets"])
@pytest.mark.parametrize("flushes", [False, True])
def test_killed_at_any_request_it_goes_on(suffixes, flushes, monkeypatch):
    whole = MemoryStore()
    draw(open_in_memory(whole), "new", suffixes)
    # A dead process of this machine.
    monkeypatch.setattr("render.files.stores.outputs.owner.Owner.find_state", lambda self: False)
    kills = 0
    for left in range(200):
        store = MemoryStore()
        draw(open_in_memory(store), "old", suffixes)
        dying = Dying(store, left)
        with monkeypatch.context() as patch:
            if flushes:
                add = Ledger.add

                def add_and_flush(self, record, add=add):
                    add(self, record)
                    self._journals.own.flush()

                patch.setattr(Ledger, "add", add_and_flush)
            # A process that is killed puts nothing in order.
            patch.setattr(Ledger, "abandon", lambda self: None)
            try:
                draw(StoreOutput(dying), "new", suffixes)
                break
            except Killed:
                kills += 1
        # Another run of the old settings must not take new files for its own, nor the other way round.
        for settings in random.Random(left).choice([["new"], ["old", "new"]]):
            draw(open_in_memory(store), settings, suffixes)
            expected = OLD if settings == "old" else NEW
            found = {name: data for name, data in objects_in(store).items() if name.startswith("a/")}
            assert {data[:4] for data in found.values()} == {expected}
            assert len(found) == len(SHEETS) * len(suffixes)
        assert objects_in(store) == objects_in(whole)
    assert kills > 20


def test_a_run_that_goes_on_reads_no_file(monkeypatch):
    store = MemoryStore()
    draw(open_in_memory(store), "new", [".jpg"])

    def refuse(*_):
        raise AssertionError

    output = open_in_memory(store)
    parts = []
    get_part = Objects.get_part
    monkeypatch.setattr(Objects, "measure", refuse)
    monkeypatch.setattr(Objects, "get_part", lambda *args: parts.append(args[1]) or get_part(*args))
    assert draw(output, "new", [".jpg"]) == 0
    assert set(parts) == {"manifest.jsonl"}


def test_files_are_read_side_by_side_in_their_order():
    output = open_in_memory(MemoryStore())
    files = [ProductFile(f"{number}.json", 2, "") for number in range(10, 60)]
    for file in files:
        output.write(file.name, file.name[:2].encode())
    assert list(read_contents(output, files)) == [file.name[:2].encode() for file in files]
    output.remove("30.json")
    contents = read_contents(output, files)
    assert [next(contents) for _ in range(20)] == [str(number).encode() for number in range(10, 30)]
    with pytest.raises(FileNotFoundError):
        next(contents)
