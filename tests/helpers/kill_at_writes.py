"""The part of a run that writes, without drawing anything, killed before each of its writes.

`python -m tests.helpers.kill_at_writes FOLDER` does so in all scenarios. It is a process of its
own, which has neither threads nor torch and may be forked often.
"""

import io
import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from render.errors import OutputError
from render.files import output_dir as atomic
from render.files.digest import identify
from render.files.growing_file import GrowingFile
from render.files.held_lines import HeldLines
from render.files.output_dir import OutputDir
from render.record.failures import failures_name, write_failures
from render.record.ledger import Ledger
from render.record.merge import merge_shards
from render.record.records import Record
from render.record.tars.packer import open_packer
from render.types.products import ProductFile
from render.write.products import ProductWriter
from tests.helpers.folders import files_below

ROWS = 4


class Kind(NamedTuple):
    """Of products. suffixes: what the names of their files end with. per_tar: how many go into one tar."""

    suffixes: dict[str, list[str]]
    per_tar: int = 0


ONE = Kind({"new": [".jpg"], "old": [".jpg"]})
# The old ones have a layer that the new ones lack.
SEVERAL = Kind({"new": [".iuv.png", ".mask.png"], "old": [".depth.png", ".iuv.png", ".mask.png"]})
PACKED, PACKED_SEVERAL = ONE._replace(per_tar=3), SEVERAL._replace(per_tar=3)


class Scenario(NamedTuple):
    """prepare: makes what is in a folder before. act: what is killed, and called once more.

    Both take the folder and the kind of products.
    """

    prepare: Callable[[Path, Kind], None]
    act: Callable[[Path, Kind], None]


def make_product(row: int, version: str, kind: Kind) -> tuple[str, dict[str, bytes], Record]:
    """Key, contents and record of a product whose files are no pictures."""
    key, ends = f"sub{row % 2}/a_{row}", kind.suffixes[version]
    contents = {end: f"{version} {end} of {row} ".encode() * 20 for end in ends}
    known = {key + end: identify(content) for end, content in contents.items()}
    files = tuple(ProductFile(name, one.bytes, one.sha256) for name, one in known.items())
    name = files[0].name if len(files) == 1 else key
    return key, contents, Record(name, (row,), files, version, "p", None, None)


def is_same(found: Record, record: Record) -> bool:
    """Whether a record is of the same product, wherever that is."""
    known = [[(file.bytes, file.sha256) for file in one.files] for one in (found, record)]
    return known[0] == known[1] and found.settings == record.settings


def write_part(folder: Path, kind: Kind, tag: str, rows: range, version: str = "new") -> None:
    """What a run does to its folder."""
    output = OutputDir(folder, tag)
    ledger = Ledger(output, tag)
    made = [make_product(row, version, kind) for row in rows]
    listed = [(record.rows[0], record.product) for _, _, record in made]
    packer = open_packer(output, ledger, tag, kind.per_tar, listed)
    products = ProductWriter(output, ledger.begin, None if packer is None else packer.find_tar)
    for key, contents, record in made:
        earlier = ledger.list_records(record.product)
        kept = next((one for one in earlier if is_same(one, record) and ledger.is_whole(one)), None)
        if kept is not None:
            ledger.keep(kept)
        else:
            kept = replace(record, files=products.write(key, contents))
            assert is_same(kept, record)
            ledger.add(kept)
        if packer is not None:
            packer.settle(record.rows[0], kept)
    if packer is not None:
        packer.close()
    failed = [("failed", row + 100, f"{row}.jpg", "there is no such photo") for row in rows]
    write_failures(output, failures_name(tag), failed)
    ledger.close(is_finished=True, takes_shards=not tag)


def write_shards(folder: Path, kind: Kind) -> None:
    write_part(folder, kind, "1of2", range(0, ROWS, 2))
    write_part(folder, kind, "2of2", range(1, ROWS, 2))


def merge(folder: Path, _: Kind) -> None:
    """As often as one likes."""
    try:
        merge_shards(folder)
    except OutputError:
        if not (folder / "manifest.jsonl").exists():
            raise


def write_shards_half(folder: Path, kind: Kind) -> None:
    """The first shard is finished, the second one killed in the middle of a line."""
    write_part(folder, kind, "1of2", range(0, ROWS, 2))
    write_part(folder, kind, "2of2", range(1, 2))
    (folder / "manifest.2of2.jsonl").rename(folder / ".manifest.2of2.journal")
    with (folder / ".manifest.2of2.journal").open("ab") as file:
        file.write(b'{"sheet": "sub1/a_3')
    half = folder / "sub1" / ".2of2.0123456789abcdef.tmp"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half a")


def write_shards_and_a_killed_one(folder: Path, kind: Kind) -> None:
    write_shards(folder, kind)
    write_part(folder, kind, "1of3", range(1), "old")
    (folder / "manifest.1of3.jsonl").rename(folder / ".manifest.1of3.journal")
    (folder / "failures.1of3.csv").unlink()
    write_part(folder, kind, "1of2", range(0, ROWS, 2))


def do_nothing(folder: Path, _: Kind) -> None:
    pass


def write_whole(folder: Path, kind: Kind) -> None:
    write_part(folder, kind, "", range(ROWS))


def write_old(folder: Path, kind: Kind) -> None:
    write_part(folder, kind, "", range(ROWS), "old")


def write_others(folder: Path, kind: Kind) -> None:
    write_part(folder, kind, "", range(2, 8))


def write_and_merge_shards(folder: Path, kind: Kind) -> None:
    write_shards(folder, kind)
    merge(folder, kind)


def write_whole_and_shards(folder: Path, kind: Kind) -> None:
    write_whole(folder, kind)
    write_shards(folder, kind)


SCENARIOS = {
    "a new folder": Scenario(do_nothing, write_whole),
    "other settings": Scenario(write_old, write_whole),
    "another selection": Scenario(write_others, write_whole),
    "shards and merge": Scenario(do_nothing, write_and_merge_shards),
    "merge": Scenario(write_shards, merge),
    "merge over the whole": Scenario(write_whole_and_shards, merge),
    "merge beside a killed shard of another number": Scenario(write_shards_and_a_killed_one, merge),
    "the whole over shards": Scenario(write_shards, write_whole),
    "the whole over a killed shard": Scenario(write_shards_half, write_whole),
}
CASES = (
    {name: (scenario, ONE) for name, scenario in SCENARIOS.items()}
    # Those that write products; each kind of what may be left behind is in one of them.
    | {
        f"{name}, several files": (SCENARIOS[name], SEVERAL)
        for name in ("other settings", "the whole over a killed shard")
    }
    | {
        f"{name}, tars": (SCENARIOS[name], kind)
        for name, kind in (
            ("other settings", PACKED_SEVERAL),
            ("another selection", PACKED),
            ("the whole over a killed shard", PACKED),
        )
    }
)


def first_part(data) -> int:
    """How much of it is written at once: a longer piece takes several writes."""
    return len(data) if len(data) < 80 else len(data) // 2


def act_until(act: Callable[[], None], folder: Path, last: int) -> bool:
    """Calls `act` in a process of its own, which is killed before its write number `last`. Whether it was."""

    def die(count: int) -> None:
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    status = call_child(act, folder, die)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert status == 0, f"it failed when it was to be killed at write {last}"
    return False


def copy_at_writes(act: Callable[[], None], folder: Path, copies: Path) -> list[Path]:
    """Calls `act` in a process of its own, and copies the folder before each of its writes.

    A process that is killed leaves its folder as it is: each copy is what a kill at that write leaves behind.
    """

    def copy(count: int) -> None:
        made = copies / f"{count:04d}"
        # There may be no folder yet.
        if folder.exists():
            shutil.copytree(folder, made)
        else:
            made.mkdir(parents=True)

    assert call_child(act, folder, copy) == 0
    return sorted(copies.iterdir())


def call_child(act: Callable[[], None], folder: Path, step: Callable[[int], None]) -> int:
    """Calls `act` in a process of its own, and before each of its writes `step` with the write's number."""
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            watch_writes(folder, step)
            act()
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1]


def watch_writes(folder: Path, step: Callable[[int], None]) -> None:
    """From now on, whatever changes a file counts."""
    count, is_watched, write, place = 0, True, os.write, str(folder)

    def note() -> None:
        nonlocal count, is_watched
        # What a step writes is not of the run.
        if is_watched:
            count += 1
            is_watched = False
            step(count)
            is_watched = True

    def watch(event: str, args: tuple) -> None:
        if event == "open":
            opens_to_write = args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if opens_to_write and str(args[0]).startswith(place):
                note()
        elif event in ("os.remove", "os.rename", "os.truncate", "os.mkdir", "os.rmdir"):
            note()

    def write_some(fd: int, data) -> int:
        note()
        return write(fd, data[: first_part(data)])

    class File(io.FileIO):
        def write(self, data) -> int:
            note()
            return super().write(data[: first_part(data)])

    grow = GrowingFile.write

    def grow_some(file: GrowingFile, data) -> int:
        note()
        grow(file, data[: len(data) // 2])
        note()
        return grow(file, data[len(data) // 2 :])

    sys.addaudithook(watch)
    GrowingFile.write = grow_some
    os.write = write_some
    atomic.open = lambda path, mode, **_: File(path, mode)


def look_into(folder: Path) -> dict[str, bytes]:
    folders = (path.relative_to(folder) for path in folder.rglob("*") if path.is_dir())
    return files_below(folder) | {f"{path}/": b"" for path in folders}


def kill_everywhere(scenario: Scenario, kind: Kind, folder: Path) -> int:
    """Kills at each write in turn, then at two writes drawn by chance. Returns how many writes there are."""
    place, copies = folder / "place", folder / "copies"

    def begin() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        scenario.prepare(place, kind)

    def act() -> None:
        scenario.act(place, kind)

    def check(left: Path, *kills: int) -> None:
        scenario.act(left, kind)
        found = look_into(left)
        wrong = [name for name in sorted(found | expected) if found.get(name) != expected.get(name)]
        assert not wrong, f"killed at {kills}: {wrong}"

    begin()
    act()
    expected = look_into(place)
    begin()
    left = copy_at_writes(act, place, copies)
    assert look_into(place) == expected
    rng = random.Random(len(left))
    for _ in range(3):
        first, second = rng.randint(1, len(left)), rng.randint(1, len(left))
        shutil.rmtree(place)
        shutil.copytree(left[first - 1], place)
        # This one may be over before.
        act_until(act, place, second)
        check(place, first, second)
    for write, copied in enumerate(left, 1):
        check(copied, write)
    return len(left)


def write_at_once(held: HeldLines, lines: bytes) -> None:
    held._lines += lines
    held.flush()


def main(folder: str) -> None:
    # What a killed process has written is there: only a machine that stops loses more, and this takes long.
    os.fsync = lambda _: None
    # All that is noted is a write of its own, at a moment of its own.
    HeldLines.add = write_at_once
    found: dict[str, int | str] = {}
    for name, (scenario, kind) in CASES.items():
        try:
            found[name] = kill_everywhere(scenario, kind, Path(folder))
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
