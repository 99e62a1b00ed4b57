"""Products of several files: whole, or made again, or gone; what a killed run left half of is removed."""

import json
from pathlib import Path

import pytest

from render.errors import OutputError
from render.files.output_dir import OutputDir
from render.record.ledger import Ledger
from render.record.merge import merge_shards
from render.record.records import Record
from render.types.products import ProductFile
from render.write.products import ProductWriter
from tests.helpers.folders import files_below
from tests.helpers.kill_at_writes import SEVERAL, make_product, write_part
from tests.helpers.manifests import delete, empty, truncate

KEY = "sub1/a_1"
FILES = {f"{KEY}{suffix}" for suffix in SEVERAL.suffixes["new"]}


def flip_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def link_to_copy(path: Path) -> None:
    copy = path.parents[2] / path.name
    path.rename(copy)
    path.symlink_to(copy)


@pytest.fixture
def folder(tmp_path) -> Path:
    """Four products of several files, finished."""
    write_part(tmp_path / "out", SEVERAL, "", range(4))
    return tmp_path / "out"


def list_whole(folder: Path) -> set[str]:
    with Ledger(OutputDir(folder)) as ledger:
        _, _, (*records,) = zip(*(make_product(row, "new", SEVERAL) for row in range(4)), strict=True)
        return {record.product for record in records if ledger.is_whole(record)}


def kill_half_way(folder: Path, tag: str, version: str = "new") -> Record:
    """As a run that is killed when the first file of a product has its name, and no other has."""
    output = OutputDir(folder, tag)
    _, contents, record = make_product(1, version, SEVERAL)
    ledger = Ledger(output, tag)
    ledger.begin(KEY, [file.name for file in record.files])
    output.write(record.files[0].name, contents[SEVERAL.suffixes[version][0]])
    # A journal of nothing but an empty line would be withdrawn.
    ledger.abandon()
    return record


def test_the_manifest_lists_the_files_of_a_product(folder):
    lines = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    assert [line["product"] for line in lines] == ["sub0/a_0", "sub1/a_1", "sub0/a_2", "sub1/a_3"]
    for line in lines:
        assert list(line) == ["product", "rows", "files", "settings", "people", "photo", "damage"]
        assert [file["name"] for file in line["files"]] == [
            line["product"] + end for end in SEVERAL.suffixes["new"]
        ]
        assert {file["bytes"] for file in line["files"]} == {
            (folder / file["name"]).stat().st_size for file in line["files"]
        }


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("harm", [delete, truncate, empty, flip_bit, link_to_copy])
def test_a_product_with_one_file_that_is_not_whole_is_made_again(folder, harm, name):
    expected = files_below(folder)
    harm(folder / name)
    assert list_whole(folder) == {"sub0/a_0", "sub0/a_2", "sub1/a_3"}
    write_part(folder, SEVERAL, "", range(4))
    assert files_below(folder) == expected
    assert not (folder / name).is_symlink()


def test_products_of_which_no_run_asks_any_more_stay_in_the_manifest_while_they_are_whole(folder):
    truncate(folder / "sub1/a_1.mask.png")
    write_part(folder, SEVERAL, "", range(3, 4))
    lines = (folder / "manifest.jsonl").read_text().splitlines()
    assert [json.loads(line)["product"] for line in lines] == ["sub0/a_0", "sub0/a_2", "sub1/a_3"]


def test_what_a_killed_run_left_half_of_is_gone_though_nobody_makes_it_again(tmp_path):
    folder = tmp_path / "out"
    kill_half_way(folder, "")
    assert f"{KEY}.iuv.png" in files_below(folder)
    write_part(folder, SEVERAL, "", range(2, 4))
    assert not FILES & files_below(folder).keys()
    assert len((folder / "manifest.jsonl").read_text().splitlines()) == 2


def test_half_a_product_takes_all_files_of_the_one_that_it_was_to_replace_with_it(tmp_path):
    folder = tmp_path / "out"
    write_part(folder, SEVERAL, "", range(4), "old")
    assert (folder / f"{KEY}.depth.png").exists()
    kill_half_way(folder, "")
    write_part(folder, SEVERAL, "", range(2, 4))
    assert not [name for name in files_below(folder) if name.startswith(KEY)]


def test_a_product_made_anew_with_fewer_layers_has_no_files_of_the_old_one(tmp_path):
    write_part(tmp_path, SEVERAL, "", range(4), "old")
    write_part(tmp_path, SEVERAL, "", range(4))
    assert not list(tmp_path.glob("sub*/*.depth.png"))
    assert len(list(tmp_path.glob("sub*/*"))) == 8


def test_a_shard_leaves_alone_what_another_one_is_writing(tmp_path):
    folder = tmp_path / "out"
    kill_half_way(folder, "1of2")
    # It may be under way: a journal that is there tells no more.
    write_part(folder, SEVERAL, "2of2", range(2, 4))
    assert f"{KEY}.iuv.png" in files_below(folder)
    write_part(folder, SEVERAL, "1of2", range(1))
    assert not FILES & files_below(folder).keys()


def test_what_another_shard_has_made_whole_since_is_kept(tmp_path):
    """The product was half of a shard of three, and is whole of one of two."""
    folder = tmp_path / "out"
    kill_half_way(folder, "1of3")
    write_part(folder, SEVERAL, "1of2", range(2))
    write_part(folder, SEVERAL, "2of2", range(2, 4))
    expected = files_below(folder)
    # It has the journal of the shard of three too.
    assert merge_shards(folder) == 2
    found = files_below(folder)
    assert {name for name in found if "/" in name} == {name for name in expected if "/" in name}
    assert len(found["manifest.jsonl"].splitlines()) == 4


def test_shards_merge_to_what_one_run_writes(folder, tmp_path):
    write_part(tmp_path / "shards", SEVERAL, "1of2", range(0, 4, 2))
    write_part(tmp_path / "shards", SEVERAL, "2of2", range(1, 4, 2))
    assert merge_shards(tmp_path / "shards") == 2
    merged, expected = files_below(tmp_path / "shards"), files_below(folder)
    # Failures are in the order of the rows either way.
    assert merged == expected


@pytest.mark.parametrize("name", sorted(FILES))
def test_shards_with_a_file_missing_are_not_merged(tmp_path, name):
    write_part(tmp_path, SEVERAL, "1of2", range(0, 4, 2))
    write_part(tmp_path, SEVERAL, "2of2", range(1, 4, 2))
    (tmp_path / name).unlink()
    with pytest.raises(OutputError, match=rf"1 are missing or not whole; the first is {KEY}"):
        merge_shards(tmp_path)


def test_a_product_whose_file_is_now_one_of_another_is_not_in_the_manifest(tmp_path):
    """An OBJ file alone, then one with a file beside it, as long as before."""
    for contents in ({".obj": b"old"}, {".obj": b"new", ".json": b"{}"}):
        output = OutputDir(tmp_path)
        with Ledger(output) as ledger:
            files = ProductWriter(output, ledger.begin).write("a_1", contents)
            product = files[0].name if len(files) == 1 else "a_1"
            ledger.add(Record(product, (1,), files, "s", "p", None, None))
            assert ledger.close(is_finished=True, takes_shards=True) == 0
    assert len((tmp_path / "manifest.jsonl").read_text().splitlines()) == 1


def test_files_in_a_folder_that_leads_elsewhere_are_not_removed(tmp_path):
    folder, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    kill_half_way(folder, "")
    (folder / "sub1").rename(elsewhere)
    (folder / "sub1").symlink_to(elsewhere)
    with pytest.raises(OutputError, match=r"expected a place below .*out, found .*elsewhere"):
        write_part(folder, SEVERAL, "", range(2, 4))
    assert [path.name for path in elsewhere.iterdir()] == ["a_1.iuv.png"]


def test_a_hostile_journal_has_no_other_files_removed(tmp_path):
    (tmp_path / "mine.txt").write_bytes(b"")
    (tmp_path / "a_1.note").mkdir()
    (tmp_path / "a_1.note" / "x").write_bytes(b"")
    begun = [
        {"begun": "a_1", "files": ["mine.txt"]},
        {"begun": "", "files": ["mine.txt"]},
        {"begun": "mine", "files": ["mine.txt", "../mine.txt"]},
        {"begun": "a_1", "files": ["a_1.note/x"]},
        {"begun": "a_1", "files": []},
        {"begun": "a_1", "files": [f"a_1.{number}" for number in range(2000)]},
        {"begun": ["a_1"], "files": {"a": 1}},
    ]
    journal = "".join(json.dumps(line) + "\n" for line in begun)
    (tmp_path / ".manifest.journal").write_text(journal)
    write_part(tmp_path, SEVERAL, "", range(1))
    assert (tmp_path / "mine.txt").exists()
    assert (tmp_path / "a_1.note" / "x").exists()


def test_names_of_files_are_those_of_their_product(tmp_path):
    record = Record("a_1", (1,), (ProductFile("a_1.b.png", 1, "0"),), "s", "p", None, None)
    with Ledger(OutputDir(tmp_path)) as ledger:
        ledger.add(record)
        ledger.close(is_finished=True, takes_shards=True)
    line = (tmp_path / "manifest.jsonl").read_text()
    (tmp_path / "mine.b.png").write_bytes(b"x")
    for name in ("mine.b.png", "a_1", "a_1b.png", "a_1./b.png", "../a_1.b.png", "/a_1.b.png", "a_1.\0"):
        (tmp_path / "manifest.jsonl").write_text(line.replace('"a_1.b.png"', json.dumps(name)))
        with Ledger(OutputDir(tmp_path)) as ledger:
            assert ledger.is_new, name
