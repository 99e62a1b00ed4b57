"""Products in tars: packed, packed anew, found whole or not, and the same bytes in any order."""

import errno
import json
import os
import random
import tarfile
import threading
import tracemalloc
from pathlib import Path

import pytest
import webdataset

from render.errors import ConfigError, OutputError
from render.files import output_dir as atomic
from render.files.output_dir import OutputDir
from render.record.ledger import Ledger
from render.record.merge import merge_shards
from render.record.records import Record
from render.record.tars.packer import Packer, open_packer
from render.types.products import STAGED
from render.write.products import ProductWriter
from tests.helpers.folders import files_below
from tests.helpers.kill_at_writes import PACKED, PACKED_SEVERAL, SEVERAL, make_product, write_part

TARS = ["000000.tar", "000001.tar", "000002.tar"]


@pytest.fixture
def folder(tmp_path) -> Path:
    """Seven products of several files in tars of three."""
    write_part(tmp_path / "out", PACKED_SEVERAL, "", range(7))
    return tmp_path / "out"


def read_lines(folder: Path, name: str = "manifest.jsonl") -> list[dict]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def read_members(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                assert member.name not in found
                found[member.name] = tar.extractfile(member).read()
    return found


class Run:
    """A run that is under way: products are made one by one."""

    def __init__(self, folder: Path, rows: range, tag: str = "", version: str = "new", kind=PACKED_SEVERAL):
        self._made = {row: make_product(row, version, kind) for row in rows}
        output = OutputDir(folder, tag)
        self.ledger = Ledger(output, tag)
        listed = [(row, record.product) for row, (_, _, record) in self._made.items()]
        packer = open_packer(output, self.ledger, tag, kind.per_tar, listed)
        assert packer is not None
        self.packer: Packer = packer
        self.writer = ProductWriter(output, self.ledger.begin, packer.find_tar)

    def make(self, row: int) -> None:
        key, contents, record = self._made[row]
        files = self.writer.write(key, contents)
        made = Record(record.product, record.rows, files, record.settings, record.people, None, None)
        self.ledger.add(made)
        self.packer.settle(row, made)

    def fail(self, row: int) -> None:
        self.packer.settle(row, None)

    def stop(self) -> None:
        """As a signal has it."""
        self.ledger.close(is_finished=False, takes_shards=False)

    def kill(self) -> None:
        self.ledger.abandon()

    def finish(self) -> None:
        self.packer.close()
        self.ledger.close(is_finished=True, takes_shards=True)


def test_members_are_the_files_of_a_run_without_tars(folder, tmp_path):
    write_part(tmp_path / "plain", SEVERAL, "", range(7))
    plain = {name: data for name, data in files_below(tmp_path / "plain").items() if "/" in name}
    assert read_members(folder) == plain
    others = {"failures.csv", "manifest.jsonl"}
    assert files_below(folder).keys() - others == {*TARS, "000000.idx", "000001.idx", "000002.idx"}
    assert not (folder / STAGED).exists()


def test_webdataset_iterates_over_the_products(folder):
    urls = [str(folder / name) for name in TARS]
    samples = list(webdataset.WebDataset(urls, shardshuffle=False, empty_check=False))
    assert [sample["__key__"] for sample in samples] == [f"sub{row % 2}/a_{row}" for row in range(7)]
    for row, sample in enumerate(samples):
        _, contents, _ = make_product(row, "new", SEVERAL)
        assert {end: sample[end.removeprefix(".")] for end in contents} == contents


def test_single_members_are_read_by_index_and_by_manifest(folder):
    members, by_index = read_members(folder), {}
    for tar in TARS:
        data = (folder / tar).read_bytes()
        head, *lines = (folder / tar).with_suffix(".idx").read_text().splitlines()
        assert head == f"v1.2 {len(lines)}"
        for line in lines:
            words = line.split(" ")
            for extension, offset, size, name in zip(*[iter(words)] * 4, strict=True):
                assert name.endswith(f".{extension}")
                by_index[name] = data[int(offset) : int(offset) + int(size)]
    assert by_index == members
    for line in read_lines(folder):
        for file in line["files"]:
            data = (folder / file["tar"]).read_bytes()
            assert data[file["offset"] : file["offset"] + file["bytes"]] == members[file["name"]]


def pack_pictures(folder: Path, keys: list[str]) -> None:
    """Products of one file that holds its key, of the rows from 0 on."""
    output = OutputDir(folder)
    with Ledger(output) as ledger:
        packer = open_packer(output, ledger, "", 5, [(row, f"{key}.jpg") for row, key in enumerate(keys)])
        assert packer is not None
        writer = ProductWriter(output, ledger.begin, packer.find_tar)
        for row, key in enumerate(keys):
            files = writer.write(key, {".jpg": key.encode()})
            record = Record(f"{key}.jpg", (row,), files, "s", "p", None, None)
            ledger.add(record)
            packer.settle(row, record)
        packer.close()
        ledger.close(is_finished=True, takes_shards=True)


def test_keys_with_dots_and_spaces_are_whole_to_readers(tmp_path):
    pack_pictures(tmp_path, ["a.b c_0", "a_b_c_1"])
    samples = list(webdataset.WebDataset(str(tmp_path / "000000.tar"), shardshuffle=False, empty_check=False))
    found = [(sample["__key__"], sample["jpg"]) for sample in samples]
    assert found == [("a_b_c_0", b"a.b c_0"), ("a_b_c_1", b"a_b_c_1")]
    assert [(line["product"], line["files"][0]["name"]) for line in read_lines(tmp_path)] == [
        ("a.b c_0.jpg", "a_b_c_0.jpg"),
        ("a_b_c_1.jpg", "a_b_c_1.jpg"),
    ]


def test_the_order_in_which_products_are_made_does_not_matter(folder, tmp_path):
    order = list(range(7))
    random.Random(3).shuffle(order)
    run = Run(tmp_path / "other", range(7))
    for row in order:
        run.make(row)
    run.finish()
    found, expected = files_below(tmp_path / "other"), files_below(folder)
    assert found == {name: data for name, data in expected.items() if name != "failures.csv"}


def test_many_threads_write_the_same(folder, tmp_path):
    run = Run(tmp_path / "other", range(7))
    threads = [threading.Thread(target=run.make, args=(row,)) for row in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish()
    expected = files_below(folder)
    assert files_below(tmp_path / "other") == {
        name: expected[name] for name in expected.keys() - {"failures.csv"}
    }


def test_a_tar_is_there_as_soon_as_all_of_its_products_are_settled(tmp_path):
    run = Run(tmp_path, range(7))
    run.make(1)
    run.fail(0)
    assert not list(tmp_path.glob("*.tar"))
    assert files_below(tmp_path / STAGED).keys() == {"000000/sub1/a_1.iuv.png", "000000/sub1/a_1.mask.png"}
    run.make(2)
    assert [path.name for path in tmp_path.glob("*.tar")] == ["000000.tar"]
    assert files_below(tmp_path / STAGED) == {}
    assert {name for name in read_members(tmp_path) if name.endswith(".mask.png")} == {
        "sub0/a_2.mask.png",
        "sub1/a_1.mask.png",
    }
    run.kill()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_run_that_comes_to_no_end_goes_on_with_what_is_staged(folder, tmp_path, end):
    other = tmp_path / "other"
    run = Run(other, range(7))
    for row in (0, 1, 2, 4):
        run.make(row)
    getattr(run, end)()
    before = (other / "000000.tar").stat()
    assert len(files_below(other / STAGED)) == 2
    write_part(other, PACKED_SEVERAL, "", range(7))
    assert files_below(other) == files_below(folder)
    after = (other / "000000.tar").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_another_selection_left_staged_is_packed_at_the_end(tmp_path):
    run = Run(tmp_path, range(3))
    run.make(1)
    run.stop()
    write_part(tmp_path, PACKED_SEVERAL, "", range(3, 7))
    assert not (tmp_path / STAGED).exists()
    assert len(read_members(tmp_path)) == 2 * 5
    assert all(file["offset"] for line in read_lines(tmp_path) for file in line["files"])


def test_parts_come_to_the_whole(folder, tmp_path):
    other = tmp_path / "other"
    for rows in (range(2), range(5), range(7)):
        write_part(other, PACKED_SEVERAL, "", rows)
    found, expected = files_below(other), files_below(folder)
    assert found == expected


def test_products_of_other_settings_are_packed_anew_with_the_others_of_their_tar(tmp_path):
    write_part(tmp_path, PACKED_SEVERAL, "", range(7), "old")
    before = {name: (tmp_path / name).read_bytes() for name in TARS}
    write_part(tmp_path, PACKED_SEVERAL, "", range(4, 6))
    assert (tmp_path / TARS[0]).read_bytes() == before[TARS[0]]
    assert (tmp_path / TARS[2]).read_bytes() == before[TARS[2]]
    expected = {}
    for row in range(7):
        key, contents, _ = make_product(row, "new" if row in (4, 5) else "old", SEVERAL)
        expected |= {key + end: content for end, content in contents.items()}
    assert read_members(tmp_path) == expected
    assert len(read_lines(tmp_path)) == 7


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "000001.tar").unlink(),
        lambda folder: (folder / "000001.tar").write_bytes(b""),
        lambda folder: (folder / "000001.tar").write_bytes((folder / "000001.tar").read_bytes()[:-600]),
        lambda folder: (folder / "000001.tar").write_bytes((folder / "000001.tar").read_bytes() + b"more"),
        # In a header, in a content, behind a content, in the end.
        lambda folder: flip(folder / "000001.tar", 3),
        lambda folder: flip(folder / "000001.tar", 520),
        lambda folder: flip(folder / "000001.tar", 512 + 500),
        lambda folder: flip(folder / "000001.tar", -1),
        lambda folder: (
            (folder / "000001.tar").rename(folder.parent / "x")
            and (folder / "000001.tar").symlink_to(folder.parent / "x")
        ),
        lambda folder: (folder / "000001.idx").unlink(),
        lambda folder: flip(folder / "000001.idx", 9),
        lambda folder: os.truncate(folder / "000001.idx", 1 << 40),
        lambda folder: (folder / "000001.idx").write_text("v1.2 1\njpg 99999999999 7 ../../x.jpg\n"),
    ],
)
def test_a_damaged_tar_or_index_is_made_anew(folder, harm):
    expected = files_below(folder)
    harm(folder)
    write_part(folder, PACKED_SEVERAL, "", range(7))
    assert files_below(folder) == expected
    assert not (folder / "000001.tar").is_symlink()


def test_files_of_their_own_are_packed_where_tars_are_asked_for(folder, tmp_path):
    other = tmp_path / "other"
    write_part(other, SEVERAL, "", range(7))
    write_part(other, PACKED_SEVERAL, "", range(7))
    assert files_below(other) == files_below(folder)
    write_part(tmp_path / "one", PACKED._replace(per_tar=0), "", range(7))
    write_part(tmp_path / "one", PACKED, "", range(7))
    write_part(tmp_path / "two", PACKED, "", range(7))
    assert files_below(tmp_path / "one") == files_below(tmp_path / "two")


def test_files_of_their_own_are_refused_beside_tars(folder):
    with pytest.raises(
        ConfigError, match=r"output\.tar: .*out has tars of earlier runs \(000000\.tar\), found 0"
    ):
        write_part(folder, SEVERAL, "", range(7))


def test_another_number_leaves_what_is_in_tars_where_it_is(folder):
    expected = files_below(folder)
    write_part(folder, PACKED_SEVERAL._replace(per_tar=2), "", range(7))
    assert files_below(folder) == expected


def test_shards_pack_their_own_and_merging_leaves_them(tmp_path):
    write_part(tmp_path, PACKED, "1of2", range(0, 8, 2))
    write_part(tmp_path, PACKED, "2of2", range(1, 8, 2))
    tars = {name: data for name, data in files_below(tmp_path).items() if name.endswith((".tar", ".idx"))}
    assert [name for name in sorted(tars) if name.endswith(".tar")] == [
        *("1of2-000000.tar", "1of2-000001.tar", "2of2-000000.tar", "2of2-000001.tar")
    ]
    merge_shards(tmp_path)
    found = files_below(tmp_path)
    assert {name: found[name] for name in tars} == tars
    assert [line["rows"] for line in read_lines(tmp_path)] == [[row] for row in range(8)]
    # A run of the whole finds all of it, and mends a tar of a shard.
    flip(tmp_path / "2of2-000001.tar", 600)
    write_part(tmp_path, PACKED, "", range(8))
    again = files_below(tmp_path)
    assert {name: again[name] for name in tars} == tars
    assert again["manifest.jsonl"] == found["manifest.jsonl"]


def test_shards_side_by_side_leave_each_other_alone(tmp_path):
    first, second = Run(tmp_path, range(0, 8, 2), "1of2"), Run(tmp_path, range(1, 8, 2), "2of2")
    for row in range(5):
        (second if row % 2 else first).make(row)
    first.make(6)
    first.packer.close()
    first.ledger.close(is_finished=True, takes_shards=False)
    assert files_below(tmp_path / STAGED).keys() == {
        f"2of2-000000/sub1/a_{row}{end}" for row in (1, 3) for end in (".iuv.png", ".mask.png")
    }
    second.make(5)
    second.make(7)
    second.packer.close()
    second.ledger.close(is_finished=True, takes_shards=False)
    assert not (tmp_path / STAGED).exists()
    assert len(read_members(tmp_path)) == 2 * 8


def test_a_shard_does_not_write_the_tars_of_others(tmp_path):
    write_part(tmp_path, PACKED, "", range(6), "old")
    before = files_below(tmp_path)
    with pytest.raises(
        OutputError, match=r"expected sub0/a_0 in no tar .* found it in 000000\.tar, where it is out"
    ):
        write_part(tmp_path, PACKED, "1of2", range(0, 6, 2))
    found = files_below(tmp_path)
    assert {name: found[name] for name in before} == before
    # What is up to date is counted in.
    (tmp_path / ".manifest.1of2.journal").unlink(missing_ok=True)
    write_part(tmp_path, PACKED, "2of2", range(1, 6, 2), "old")
    assert {
        file["tar"] for line in read_lines(tmp_path, "manifest.2of2.jsonl") for file in line["files"]
    } == {
        "000000.tar",
        "000001.tar",
    }


def test_a_tar_that_cannot_take_its_name_costs_nothing(folder, tmp_path, monkeypatch):
    other = tmp_path / "other"
    write_part(other, PACKED_SEVERAL, "", range(7), "old")
    before = (other / "000001.tar").read_bytes()
    run = Run(other, range(7))
    take = os.replace

    def refuse(source: str, target: str) -> None:
        if str(target).endswith("000001.tar"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        take(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, "replace", refuse)
        for row in range(5):
            run.make(row)
        with pytest.raises(OutputError, match=r"000001\.tar: cannot be written: the disk or"):
            run.make(5)
    run.stop()
    assert (other / "000001.tar").read_bytes() == before
    # The manifest tells of what is there: packed, staged, or in the tar of before.
    with Ledger(OutputDir(other)) as ledger:
        records = [ledger.list_records(line["product"]) for line in read_lines(other)[:-1]]
        assert all(ledger.is_whole(record) for (record,) in records)
        assert len(records) == 7
    write_part(other, PACKED_SEVERAL, "", range(7))
    assert files_below(other) == files_below(folder)


def test_members_of_other_runs_that_are_damaged_are_left_out(folder):
    (_, second, *_) = read_lines(folder)
    flip(folder / "000000.tar", second["files"][0]["offset"])
    write_part(folder, PACKED_SEVERAL, "", range(2, 3), "old")
    lines = read_lines(folder)
    assert [line["rows"][0] for line in lines] == [0, 2, 3, 4, 5, 6]
    assert not any(name.startswith("sub1/a_1.") for name in read_members(folder))


def test_names_that_come_to_the_same_are_of_the_later_run(tmp_path):
    for key in ("a.b_0", "a_b_0"):
        pack_pictures(tmp_path, [key])
    assert read_members(tmp_path) == {"a_b_0.jpg": b"a_b_0"}
    assert [line["product"] for line in read_lines(tmp_path)] == ["a_b_0.jpg"]


def test_a_tar_is_never_held_in_memory(tmp_path):
    contents, run = bytes(3 << 20), Run(tmp_path, range(12), kind=PACKED._replace(per_tar=12))
    for row in range(12):
        files = run.writer.write(f"sub{row % 2}/a_{row}", {".jpg": contents})
        record = Record(f"sub{row % 2}/a_{row}.jpg", (row,), files, "s", "p", None, None)
        run.ledger.add(record)
        if row == 11:
            tracemalloc.start()
        run.packer.settle(row, record)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "000000.tar").stat().st_size > 12 * len(contents)
    # Pieces of a megabyte, a few of them at a time.
    assert peak < 6 << 20
    run.kill()


def test_a_staged_file_that_changes_meanwhile_stops_with_advice(tmp_path):
    run = Run(tmp_path, range(2))
    run.make(0)
    (tmp_path / STAGED / "000000/sub0/a_0.mask.png").write_bytes(b"other")
    with pytest.raises(
        OutputError, match=r"a_0\.mask\.png: expected what was written there, .* Run the same command"
    ):
        run.make(1)
    assert not list(tmp_path.glob("*.tar"))
    run.stop()
    write_part(tmp_path, PACKED_SEVERAL, "", range(2))
    assert len(read_members(tmp_path)) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"tar": "../000000.tar"},
        {"tar": "/etc/passwd"},
        {"tar": "mine.txt"},
        {"tar": 7},
        {"tar": None},
        {"offset": -1},
        {"offset": True},
        {"offset": "512"},
        {"offset": 512.0},
        {"offset": 10**30},
        {"offset": 10**9},
        {"offset": 513},
        {"bytes": -1},
        {"bytes": 10**18},
        {"name": "../x.json"},
        {"tar": "000002.tar"},
    ],
    ids=str,
)
def test_whatever_a_manifest_says_of_a_tar_costs_its_own_product(folder, tmp_path, change):
    expected = files_below(folder)
    (tmp_path / "000000.tar").write_bytes(expected["000000.tar"])
    (folder / "mine.txt").write_bytes(b"mine")
    lines = read_lines(folder)
    for file in lines[0]["files"]:
        file |= change
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    write_part(folder, PACKED_SEVERAL, "", range(7))
    found = files_below(folder)
    assert found.pop("mine.txt") == b"mine"
    assert (tmp_path / "000000.tar").read_bytes() == expected["000000.tar"]
    # It was made anew, and where it was said to be in another tar it is in that one.
    assert sorted(read_members(folder)) == sorted(
        {name: 0 for line in lines for name in map(str, _names(line))}
    )


def _names(line: dict) -> list[str]:
    return [f"{line['product']}{end}" for end in SEVERAL.suffixes["new"]]


def test_links_below_the_staged_folder_lead_nowhere(tmp_path):
    folder, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    (elsewhere / "000000").mkdir(parents=True)
    (elsewhere / "000000" / "mine").write_bytes(b"")
    folder.mkdir()
    (folder / STAGED).symlink_to(elsewhere)
    with pytest.raises(OutputError, match="expected a place below"):
        write_part(folder, PACKED, "", range(2))
    assert files_below(elsewhere) == {"000000/mine": b""}
