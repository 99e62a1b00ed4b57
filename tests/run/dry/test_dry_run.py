"""dry_run=true: what it says is what a run then does, and nothing on the disk is another afterwards."""

import os
import re
from pathlib import Path

import pytest

from render.errors import ConfigError, OutputError
from render.files.output_dir import OutputDir
from render.record.ledger import Ledger
from render.resources import find_cache_dir
from render.run.dry.answer import Answer, answer
from render.run.engines.choose import find_engine
from render.run.engines.plan import count_shards
from tests.helpers.commands import call
from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE
from tests.helpers.runs import configure
from tests.helpers.small_set import SmallSet


@pytest.fixture
def ask(small, out):
    """Asks what a run would do; everything of the test's folder and of the cache must stay as it is."""

    def ask(*words: str) -> Answer:
        folders = (small.fit_file.parent.parent, find_cache_dir())
        before = [snapshot(folder) for folder in folders]
        found = answer(configure(*small.settings, f"output.dir={out}", *words, "dry_run=true"))
        assert [snapshot(folder) for folder in folders] == before
        return found

    return ask


def snapshot(folder: Path) -> dict[str, tuple]:
    """Of all that is below a folder what tells whether it was touched."""
    found = {}
    for path in [folder, *folder.rglob("*")] if folder.exists() else []:
        status = path.lstat()
        found[str(path)] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode)
    return found


def say(found: Answer, title: str) -> list[str]:
    return [text for name, text in found.lines if name == title]


def lose_photo(small: SmallSet) -> int:
    """Removes the first photo; how many people are on it."""
    name = small.entries[0]["imageName"]
    (small.image_dir / name).unlink()
    return sum(entry["imageName"] == name for entry in small.entries)


def name_others(small: SmallSet, count: int) -> None:
    """Adds people on so many further images, whose photos are not there."""
    small.entries.extend({**small.entries[0], "imageName": f"others/{k}.jpg"} for k in range(count))
    small.save()


def test_of_a_folder_that_is_not_there(ask, out):
    found = ask()
    assert say(found, "sheets") == [f"{PEOPLE}: {PEOPLE} to be made, 0 there already, 0 cannot be made"]
    assert say(found, "bytes") == [
        "not known before some sheets are there; smpl-render doctor draws a few to tell"
    ]
    assert re.fullmatch(rf"{out}, which would be made; [\d.,]+ .B free", say(found, "output")[0])
    assert not found.loses
    assert not out.exists()


def test_what_it_says_is_what_a_run_does(ask, draw, out, small):
    draw("samples=0:3")
    gone = lose_photo(small)
    found = ask()
    kept = sum(entry["imageName"] != small.entries[0]["imageName"] for entry in small.entries[:3])
    left = PEOPLE - kept - gone
    assert say(found, "sheets") == [
        f"{PEOPLE}: {left} to be made, {kept} there already, {gone} cannot be made"
    ]
    assert say(found, "photos") == ["1 are missing or empty"]
    assert len(say(found, "fails")) == gone
    assert small.entries[0]["imageName"] in say(found, "fails")[0]
    assert found.loses
    report = draw()
    assert (report.rendered, report.kept, len(report.failed)) == (left, kept, gone)


def test_sizes_and_bytes_are_those_of_the_pictures(ask, draw, out):
    import cv2

    draw()
    files = files_below(out)
    pictures = [cv2.imread(str(path)) for path in sorted(out.rglob("*.jpg"))]
    for path in list(out.rglob("*.jpg"))[1:]:
        path.unlink()
    sizes = dict.fromkeys([f"{picture.shape[1]}x{picture.shape[0]}" for picture in pictures])
    found = ask()
    listed = dict(reversed(part.split(" of ")) for part in say(found, "sizes")[0].split(", "))
    assert set(listed) <= set(sizes)
    assert sum(map(int, listed.values())) == PEOPLE - 1
    left = sum(len(data) for name, data in files.items() if name.endswith(".jpg"))
    said = say(found, "bytes")[0]
    told = float(said.removeprefix("about ").partition(" kB, by the mean of the one sheet that is there")[0])
    # Sheets of one set are alike.
    assert left / 2000 < told < left / 500


def test_while_another_run_writes_there(ask, draw, out):
    draw("samples=0:3")
    with Ledger(OutputDir(out)):
        found = ask()
    assert say(found, "sheets")[0].endswith("3 there already, 0 cannot be made")


def test_a_shard_is_asked_for_its_own(ask):
    counts = [int(say(ask(f"shard={k}/3"), "sheets")[0].partition(":")[0]) for k in (1, 2, 3)]
    assert sum(counts) == PEOPLE
    assert "in shard 3/3" in say(ask("shard=3/3"), "people")[0]


@pytest.mark.parametrize(
    ("words", "title", "said"),
    [
        (["job=labels"], "label sets", f"{PEOPLE}: {PEOPLE} to be made, "),
        (["job=labels", "layers=[depth]"], None, "depth needs the focal length"),
        (["job=meshes", "output=obj"], "mesh files", f"{PEOPLE}: {PEOPLE} to be made, "),
        (["job=audit"], "images", "to be measured, 0 there already, 0 cannot be measured"),
        (["job=turntable", "output=mp4", "frames=9"], "sheets", f"{PEOPLE} to be made ({PEOPLE * 9} frames)"),
        (["panels=[camera/densepose, side/studio]", "edges=smooth"], "sheets", f"{PEOPLE} to be made"),
        (["output.tar=3"], "tars", "3 of up to 3 sheets"),
        (["executor=threads", "threads=3"], "work", "one process with 3 threads"),
        (["shard=2/3", "threads=3"], "work", "one process with 3 threads, for shard 2 of 3"),
        (
            ["executor=ray", "device=cpu"],
            "work",
            "ray: as many workers as there is room for, which take 2 shards",
        ),
        (["samples=999"], None, "selects none"),
    ],
)
def test_of_each_job(ask, words, title, said):
    if title is None:
        with pytest.raises(ConfigError, match=said):
            ask(*words)
        return
    assert said in say(ask(*words), title)[0]


@pytest.mark.parametrize(
    "words", [["executor=processes", "workers=4"], ["workers=3"], ["output.tar=2", "workers=2"]]
)
def test_shards_are_as_many_as_a_run_would_have(ask, small, words, tmp_path):
    name_others(small, 100)
    work = say(ask(*words, "device=cpu"), "work")[0]
    engine = find_engine(configure(*small.settings, f"output.dir={tmp_path / 'none'}", *words, "device=cpu"))
    workers = words[-1].removeprefix("workers=")
    assert f": {workers} workers, which take {engine.plan.shards} shards one after the other" in work


def test_a_cluster_may_have_gpus(ask, small):
    name_others(small, 600)
    work = say(ask("executor=ray", "workers=4", "executor.address=auto", "device=auto"), "work")[0]
    images = len({entry["imageName"] for entry in small.entries})
    cpu, gpu = (count_shards(images, 4, on_gpu) for on_gpu in (False, True))
    assert cpu > gpu
    said = f"4 workers, which take {cpu} or, on GPUs, {gpu} shards one after the other"
    assert work == f"executor=ray at auto: {said}"


def test_gpus_that_this_machine_lacks_are_not_missed(ask, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    work = say(ask("executor=processes", "devices=[0,1]", "device=auto"), "work")[0]
    assert "processes: 2 workers, which take 2 shards" in work


def test_tars_that_only_one_process_goes_on_with(ask, draw):
    draw("output.tar=3")
    with pytest.raises(ConfigError, match="has tars of one process, which only one process goes on with"):
        ask("output.tar=3", "workers=2", "device=cpu")


def test_of_clips(ask, draw, out, small):
    words = ("motion=sequence", "people=together", "output=mp4", "panels=[camera/geo]")
    images = len({entry["imageName"] for entry in small.entries})
    found = ask(*words)
    assert say(found, "clips") == [
        "1: 1 to be made" + f" ({images} frames), 0 there already, 0 cannot be made"
    ]
    assert draw(*words).frames == images
    assert say(ask(*words), "clips") == ["1: 0 to be made, 1 there already, 0 cannot be made"]


def test_of_a_comparison(ask, bent):
    found = ask("job=compare", f"reference={bent}")
    assert say(found, "sheets")[0].startswith(f"{PEOPLE}: {PEOPLE} to be made")


def test_of_a_figure(ask, small):
    found = ask("job=figure", "figure.rows=[0]", "figure.columns=[image, camera/geo]")
    assert say(found, "figure") == ["figure: 1 rows, 2 columns"]
    lose_photo(small)
    found = ask("job=figure", "figure.rows=[0]", "figure.columns=[image, camera/geo]")
    assert say(found, "photos") == [f"1 are missing or empty, the first is {small.entries[0]['imageName']}"]
    assert found.stops


def test_of_a_demo_set_that_was_not_made(tmp_path):
    words = ["dataset=demo", f"dataset.root={tmp_path}/demo", f"output.dir={tmp_path}/out", "dry_run=true"]
    found = answer(configure(*words))
    assert "a run makes its 12 photos" in say(found, "dataset")[0]
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_made_in_the_cache(ask, draw, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # A large file would be kept for the next start.
    monkeypatch.setattr("render.fits.kept.cache.LEAST_BYTES", 1)
    ask()
    assert not (tmp_path / "cache").exists()
    # Nor is what is there touched.
    draw("samples=0")
    assert list((tmp_path / "cache" / "smpl-render" / "fits").iterdir())
    ask()


def test_no_body_is_drawn_and_no_kernel_made(ask, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be drawn")

    for name in ("init", "launch", "load_module", "force_load"):
        monkeypatch.setattr(f"warp.{name}", refuse)
    ask("panels=[camera/studio, side/densepose]")


def test_a_folder_that_takes_nothing_is_refused(ask, out, monkeypatch):
    out.write_text("a file")
    with pytest.raises(OutputError, match="is a file where a folder is needed"):
        ask()
    out.unlink()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="nothing can be written there: no permission"):
        ask()


def test_exit_codes_are_those_of_the_run(small, out):
    words = [*small.settings, f"output.dir={out}", "dry_run=true"]
    assert call(*words).code == 0
    lose_photo(small)
    assert call(*words).code == 2
    stopped = call(*words, "on_error=stop")
    assert stopped.code == 1
    assert "the run would stop at the first of them" in stopped.out
    refused = call(*words, "samples=999")
    assert (refused.code, refused.out) == (1, "")
    assert "Traceback" not in refused.err
    assert not out.exists()
