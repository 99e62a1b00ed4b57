"""Runs whose sheets go into tars: the sheets of a run without, and the same bytes however it goes."""

import json
import signal
import tarfile
from pathlib import Path

import pytest
import webdataset

from render.errors import ConfigError
from render.types.products import STAGED
from tests.helpers.folders import files_below, sheets_below
from tests.helpers.manifests import PEOPLE, counts, photo, repaint
from tests.helpers.processes import finish, start
from tests.helpers.runs import configure

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow
TARS = "output.tar=3"


def read_members(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            found |= {member.name: tar.extractfile(member).read() for member in tar}
    return found


def test_sheets_in_tars_are_those_of_a_run_without(draw, out, tmp_path):
    draw(into=tmp_path / "plain")
    assert counts(draw(TARS)) == (PEOPLE, 0, 0)
    names = [f"00000{number}{end}" for number in range(3) for end in (".idx", ".tar")]
    assert sorted(files_below(out)) == [*names, "manifest.jsonl"]
    assert read_members(out) == sheets_below(tmp_path / "plain")
    tars = [str(out / name) for name in names if name.endswith(".tar")]
    samples = list(webdataset.WebDataset(tars, shardshuffle=False, empty_check=False))
    assert [int(sample["__key__"].rpartition("_")[2]) for sample in samples] == list(range(PEOPLE))
    # Nothing is drawn again, and nothing touched.
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.*r")}
    assert counts(draw(TARS)) == (0, PEOPLE, 0)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    with pytest.raises(ConfigError, match=r"output\.tar: .* has tars of earlier runs"):
        draw()
    # What is there as files is packed, not drawn again.
    assert counts(draw(TARS, into=tmp_path / "plain")) == (0, PEOPLE, 0)
    assert files_below(tmp_path / "plain") == files_below(out)


def test_batches_and_threads_change_no_byte(draw, out, tmp_path):
    draw(TARS, "threads=1", "batch=1")
    draw(TARS, "threads=2", "batch=5", into=tmp_path / "other")
    assert files_below(out) == files_below(tmp_path / "other")


def test_a_sheet_that_fails_is_added_when_its_photo_comes(small, draw, out, tmp_path):
    hidden = photo(small, 1).rename(tmp_path / "hidden.jpg")
    assert counts(draw(TARS)) == (PEOPLE - 2, 0, 2)
    assert len(read_members(out)) == PEOPLE - 2
    hidden.rename(photo(small, 1))
    assert counts(draw(TARS)) == (2, PEOPLE - 2, 0)
    draw(TARS, into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_a_photo_that_changes_has_its_tars_packed_anew(small, draw, out, tmp_path):
    draw(TARS)
    before = files_below(out)
    repaint(photo(small, 2))
    assert counts(draw(TARS)) == (1, PEOPLE - 1, 0)
    found = files_below(out)
    # Row 4 is the only one on it.
    assert {name for name in found if found[name] != before[name]} >= {"000001.tar", "manifest.jsonl"}
    assert found["000000.tar"] == before["000000.tar"]
    draw(TARS, into=tmp_path / "fresh")
    assert found == files_below(tmp_path / "fresh")


def test_a_run_that_is_killed_ends_as_if_it_had_not_been(small, draw, out, tmp_path):
    settings = [*small.settings, f"output.dir={out}", TARS]
    for noted in (2, 5):
        process = start(*settings, log=tmp_path / "log", hold_at=noted)
        process.wait_until_held()
        process.kill()
        assert list((out / STAGED).rglob("*.jpg"))
    assert finish(*settings, log=tmp_path / "log") == 0
    draw(TARS, into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_run_that_is_stopped_goes_on(small, draw, out, tmp_path):
    settings = [*small.settings, f"output.dir={out}", "batch=1", TARS]
    process = start(*settings, log=tmp_path / "log", hold_at=2)
    process.wait_until_held()
    process.send(signal.SIGTERM)
    process.go.set()
    assert process.wait() == 128 + signal.SIGTERM
    assert (out / "manifest.jsonl").exists()
    assert 2 <= draw(TARS).kept < PEOPLE
    draw(TARS, into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_shards_have_tars_of_their_own(draw, out):
    for number in (1, 2):
        draw(TARS, f"shard={number}/2")
    assert {path.name[:4] for path in out.glob("*.tar")} == {"1of2", "2of2"}
    assert counts(draw(TARS)) == (0, PEOPLE, 0)
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    members = read_members(out)
    assert [file["name"] for line in lines for file in line["files"]] == sorted(
        members, key=lambda name: int(name.rpartition("_")[2].partition(".")[0])
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["output.tar=-1"], r"output\.tar: expected 0 to 100000, found -1"),
        (["output.tar=100001"], r"output\.tar: expected 0 to 100000, found 100001"),
        (
            ["job=video", "output.tar=5"],
            r"output\.tar: clips are files of their own; expected 0 .* found 5",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(words, message):
    with pytest.raises(ConfigError, match=message):
        configure(*words)
