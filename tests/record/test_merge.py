"""Merges of shards, and what they refuse."""

import json
import shutil
from pathlib import Path

import pytest

from render.errors import OutputError
from render.record.manifest import UNFINISHED
from render.record.merge import merge_shards
from tests.helpers.commands import call
from tests.helpers.folders import files_below
from tests.helpers.runs import run
from tests.helpers.small_set import make_small_set

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(demo_set, tmp_path_factory) -> Path:
    """A folder with three shards that are at their end, one of them with failures."""
    folder = tmp_path_factory.mktemp("finished")
    made = make_small_set(demo_set.fit_file, folder / "set", 8)
    (made.image_dir / "part0" / "demo_000001.jpg").unlink()
    for number in (1, 2, 3):
        run(*made.settings, f"output.dir={folder}/out", f"shard={number}/3")
    assert len(list((folder / "out").glob("failures.*"))) == 1
    return folder / "out"


@pytest.fixture
def parts(finished, out) -> Path:
    """A copy of it to be damaged."""
    shutil.copytree(finished, out)
    return out


def refuse(folder: Path, match: str) -> None:
    """A merge is refused and changes nothing."""
    before = files_below(folder) if folder.exists() else None
    with pytest.raises(OutputError, match=match):
        merge_shards(folder)
    assert (files_below(folder) if folder.exists() else None) == before


def test_a_missing_shard_is_named(parts):
    (parts / "manifest.2of3.jsonl").unlink()
    refuse(parts, r"expected 3 shards .* found that these have not: 2\. Run them again, such as shard=2/3")


def test_all_missing_shards_are_counted(parts):
    (parts / "manifest.1of3.jsonl").unlink()
    (parts / "manifest.3of3.jsonl").unlink()
    refuse(parts, r"these have not: 1, 3\. .*shard=1/3")


def test_an_unfinished_shard_is_named(parts):
    (parts / ".manifest.3of3.journal").write_bytes(b"")
    refuse(parts, r"these have not: 3\. .*shard=3/3")


def test_shards_of_two_numbers_are_refused(parts):
    shutil.copyfile(parts / "manifest.1of3.jsonl", parts / "manifest.1of4.jsonl")
    refuse(parts, r"expected the shards of one run, found shards of 3 and of 4\. Remove")


@pytest.mark.parametrize("harm", ["gone", "cut", "a folder", "a link"])
def test_sheets_that_are_not_there_are_counted_and_one_is_named(parts, harm):
    sheet = parts / "part0" / "demo_000003_6.jpg"
    content = sheet.read_bytes()
    sheet.unlink()
    if harm == "cut":
        sheet.write_bytes(content[:-1])
    elif harm == "a folder":
        sheet.mkdir()
    elif harm == "a link":
        (parts.parent / "elsewhere.jpg").write_bytes(content)
        sheet.symlink_to(parts.parent / "elsewhere.jpg")
    refuse(parts, r"found that 1 are missing or not whole; the first is part0/demo_000003_6\.jpg\. Copy them")


def test_sheets_that_no_shard_has_drawn_are_not_missed(parts):
    """Of a run before, whose sheets have been cleared away."""
    line = (parts / "manifest.1of3.jsonl").read_text().splitlines()[0]
    entry = json.loads(line) | {"sheet": "part0/demo_000000_99.jpg", "rows": [99]}
    (parts / "manifest.jsonl").write_text(json.dumps(entry) + "\n")
    assert merge_shards(parts) == 3
    assert "demo_000000_99" not in (parts / "manifest.jsonl").read_text()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"outcome,row,image\nfailed,1,a.jpg\n",
        b"outcome,row,image,reason\nfailed,1,a.jpg\n",
        b"outcome,row,image,reason\nfailed,one,a.jpg,gone\n",
        b"outcome,row,image,reason\nlost,1,a.jpg,gone\n",
        b"outcome,row,image,reason\nfailed,-1,a.jpg,gone\n",
        b"outcome,row,image,reason\n\n",
        b"\xff\xfe\n",
        b"\0" * 100,
        b'outcome,row,image,reason\nfailed,1,a.jpg,"gone',
        b'outcome,row,image,reason\nfailed,1,a.jpg,"gone\n',
        b"outcome,row,image,reason\nfailed,1,a.jpg,go",
    ],
)
def test_damaged_lists_of_failures_are_refused(parts, content):
    (damaged,) = parts.glob("failures.*")
    damaged.write_bytes(content)
    refuse(parts, rf"{damaged}: .*Run this shard again")


def test_a_folder_for_a_list_of_failures_is_refused(parts):
    (damaged,) = parts.glob("failures.*")
    damaged.unlink()
    damaged.mkdir()
    refuse(parts, rf"{damaged}: .*cannot be read")


def test_a_folder_for_the_list_of_all_failures_is_refused(parts):
    (parts / "failures.csv").mkdir()
    refuse(parts, r"failures\.csv: .*folder of that name is in the way")


@pytest.mark.parametrize("name", ["manifest.2of3.jsonl", "manifest.jsonl"])
def test_a_folder_for_a_manifest_is_refused(parts, name):
    (parts / name).unlink(missing_ok=True)
    (parts / name).mkdir()
    refuse(parts, rf"{name}: .*folder of that name is in the way")


def test_a_folder_without_shards_is_left_as_it_is(out):
    out.mkdir()
    (out / "manifest.jsonl").write_bytes(b"")
    refuse(out, r"expected the manifests of shards \(manifest\.1of64\.jsonl, \.\.\.\), found none")


def test_a_folder_that_is_not_there_is_not_made(out):
    refuse(out, "expected the manifests of shards")
    assert not out.exists()


def test_a_file_is_no_folder_of_shards(out):
    out.write_bytes(b"")
    with pytest.raises(OutputError, match="expected the manifests of shards"):
        merge_shards(out)


@pytest.mark.parametrize(
    "name",
    ["manifest.1of99999999999.jsonl", "manifest.0of3.jsonl", "manifest.01of3.jsonl", "manifest.x.jsonl"],
)
def test_files_with_names_that_are_no_shards_are_left_alone(parts, name):
    (parts / name).write_bytes(b"mine")
    assert merge_shards(parts) == 3
    assert (parts / name).read_bytes() == b"mine"


def test_a_second_merge_changes_nothing(parts):
    assert merge_shards(parts) == 3
    before = files_below(parts)
    assert merge_shards(parts) == 0
    assert files_below(parts) == before


def test_a_run_that_did_not_come_to_its_end_is_no_merge(parts):
    merge_shards(parts)
    with (parts / "manifest.jsonl").open("a") as file:
        file.write(UNFINISHED)
    refuse(parts, "found none")


def test_the_command_that_merges_says_what_is_wrong(parts):
    (parts / "manifest.2of3.jsonl").unlink()
    done = call("merge", parts)
    assert done.code == 1
    assert "shard=2/3" in done.err
    assert "Traceback" not in done.err


def test_a_stopped_shard_says_so_without_its_hidden_files(draw_shard, out, tmp_path):
    """They are easily left behind when files are copied."""
    draw_shard("2/2")
    with pytest.raises(Exception, match="on_error=stop"):
        draw_shard("1/2", "on_error=stop")
    shutil.copytree(out, tmp_path / "copy", ignore=shutil.ignore_patterns(".*"))
    refuse(tmp_path / "copy", r"these have not: 1\. ")


def test_what_a_killed_merge_has_left_to_do_is_not_done_to_later_shards(draw_shard, out):
    """A journal says that all is written; then shards are run again, and one of them is missing."""
    draw_shard("1/1")
    (out / ".manifest.journal").write_bytes(b'\n"written"\n')
    draw_shard("1/2")
    refuse(out, r"these have not: 2\. ")


def test_shards_of_different_settings_are_merged_with_a_warning(draw_shard, out, caplog):
    draw_shard("1/2")
    draw_shard("2/2", "opacity=0.5")
    assert merge_shards(out) == 2
    assert "the sheets are of different settings: their shards were not of one run" in caplog.text


def test_many_missing_shards_are_named_in_ranges(parts):
    for number in (1, 2, 3):
        (parts / f"manifest.{number}of3.jsonl").rename(parts / f"manifest.{number}of9.jsonl")
    (parts / "manifest.3of9.jsonl").rename(parts / "manifest.6of9.jsonl")
    refuse(parts, r"these have not: 3 to 5, 7 to 9\. ")


def test_an_interrupted_merge_says_how_to_go_on(parts, monkeypatch):
    def interrupt(folder):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("render.record.command.merge_shards", interrupt)
        done = call("merge", parts)
    assert done.code == 130
    assert "interrupted; the same command goes on from here" in done.err
    assert call("merge", parts).code == 0
