"""What a run does when memory runs out, how often it decodes a photo, and that its stages are timed."""

import csv
import weakref
from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from render.compute.memory import MB, MemoryPlan
from render.containers.npz_rows import NpzRows
from render.fits.build import assemble
from render.fits.cameras import pinhole
from render.library.renderer import BatchRenderer
from render.photos import decode
from render.photos.decode import _decode_jpeg, decode_photo
from render.run.schedule import Schedule
from render.types.sources import Meshes
from render.write.writer import SheetWriter
from tests.helpers.faults import raise_cv2_out_of_memory
from tests.helpers.runs import files_below, run, sheets_below
from tests.helpers.small_set import SmallSet, make_small_set

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

GB = 1000 * MB
PANELS = "panels=[camera/geo, side/normal]"
PEOPLE = 12


@pytest.fixture(scope="module")
def small_set(demo_set, tmp_path_factory) -> SmallSet:
    """People of the demo set, on small photos."""
    return make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("small") / "set", PEOPLE)


@pytest.fixture
def small(small_set, tmp_path) -> list[str]:
    """Settings that draw the small set into this test's folder."""
    return [*small_set.settings, f"output.dir={tmp_path}/out"]


@pytest.fixture(scope="module")
def roomy(small_set, tmp_path_factory) -> dict[str, bytes]:
    """The files of a run with memory enough, on one thread."""
    out = tmp_path_factory.mktemp("roomy")
    report = run(*small_set.settings, f"output.dir={out}", "threads=1", PANELS)
    assert report.failed == []
    return files_below(out)


@pytest.fixture(scope="module")
def people(small_set) -> list[str]:
    """The image of each row."""
    return [entry["imageName"] for entry in small_set.entries]


def cramp(monkeypatch, fits: Callable[[list[int]], bool]) -> list[list[int]]:
    """Lets drawing fail for batches whose rows do not fit; returns the rows of each batch that is tried."""
    prepare, tried = BatchRenderer._prepare, []

    def prepare_or_fail(self, batch, *args):
        tried.append(batch.fits.row.tolist())
        if not fits(tried[-1]):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return prepare(self, batch, *args)

    monkeypatch.setattr("render.library.renderer.BatchRenderer._prepare", prepare_or_fail)
    return tried


def read_failures(folder: Path) -> list[dict[str, str]]:
    with (folder / "failures.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("threads", [1, 3])
def test_batches_that_do_not_fit_are_drawn_in_parts(
    small, roomy, people, tmp_path, monkeypatch, caplog, threads
):
    tried = cramp(monkeypatch, lambda rows: len(rows) <= 3)
    report = run(*small, PANELS, f"threads={threads}")
    assert max(map(len, tried)) > 3
    assert (report.rendered, report.failed) == (len(people), [])
    assert files_below(tmp_path / "out") == roomy
    assert "did not fit into memory" in caplog.text


def test_runs_with_memory_enough_do_not_speak_of_it(small, caplog):
    run(*small, PANELS)
    assert "memory" not in caplog.text


def test_batches_are_smaller_once_one_did_not_fit(small, roomy, people, tmp_path, monkeypatch):
    """But for those that had been planned by then: the one behind it."""
    monkeypatch.setattr("render.run.share.plan_memory", lambda *_, **__: MemoryPlan(GB, 1))
    tried = cramp(monkeypatch, lambda rows: len(rows) <= 3)
    assert run(*small, PANELS, "batch=5").rendered == len(people)
    assert 1 <= sum(len(rows) > 3 for rows in tried) <= 2
    assert files_below(tmp_path / "out") == roomy


def test_a_sheet_that_never_fits_costs_no_other(small, roomy, people, tmp_path, monkeypatch):
    tried = cramp(monkeypatch, lambda rows: 5 not in rows)
    report = run(*small, PANELS)
    assert [5] in tried
    assert report.rendered == len(people) - 1
    assert [(problem.row, problem.image_name) for problem in report.failed] == [(5, people[5])]
    assert "not enough memory" in report.failed[0].reason
    (failure,) = read_failures(tmp_path / "out")
    assert (failure["outcome"], failure["row"], failure["image"]) == ("failed", "5", people[5])
    assert "not enough memory" in failure["reason"]
    files = sheets_below(tmp_path / "out")
    assert files.items() < roomy.items()
    assert len(files) == len(people) - 1


def test_all_people_of_a_sheet_that_never_fits_are_named(small, people, tmp_path, monkeypatch):
    image = next(image for image, count in Counter(people).items() if count > 1)
    rows = [row for row, other in enumerate(people) if other == image]
    cramp(monkeypatch, lambda tried: rows[0] not in tried)
    report = run(*small, PANELS, "people=together")
    assert sorted(problem.row for problem in report.failed) == rows
    assert report.rendered == len(set(people)) - 1
    assert [failure["row"] for failure in read_failures(tmp_path / "out")] == list(map(str, rows))


def test_nothing_fits(small, people, tmp_path, monkeypatch):
    cramp(monkeypatch, lambda _: False)
    report = run(*small, PANELS)
    assert report.rendered == 0
    assert sorted(problem.row for problem in report.failed) == list(range(len(people)))
    assert sheets_below(tmp_path / "out") == {}


def test_other_errors_of_drawing_end_the_run(small, monkeypatch):
    def fail(*_):
        raise RuntimeError("an illegal memory access was encountered")

    monkeypatch.setattr("render.library.renderer.BatchRenderer._prepare", fail)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        run(*small, PANELS)


def fail_once(function: Callable, fails: Callable[..., bool], raise_error: Callable) -> Callable:
    """`function`, but that its first call with arguments that `fails` fails."""
    failed = []

    def call(*args, **kwargs):
        if not failed and fails(*args, **kwargs):
            failed.append(True)
            raise_error()
        return function(*args, **kwargs)

    return call


def raise_memory_error(*_) -> None:
    raise MemoryError


@pytest.mark.parametrize("raise_error", [raise_memory_error, raise_cv2_out_of_memory])
def test_a_photo_that_does_not_fit_is_tried_again(small, roomy, people, tmp_path, monkeypatch, raise_error):
    once = fail_once(decode_photo, lambda file: file.path.match(people[4]), raise_error)
    monkeypatch.setattr("render.photos.folder.decode_photo", once)
    report = run(*small, PANELS)
    assert (report.rendered, report.failed) == (len(people), [])
    assert files_below(tmp_path / "out") == roomy


def raise_turbojpeg_out_of_memory(*_) -> None:
    raise ValueError("Insufficient memory (case 4)")


@pytest.mark.parametrize(
    ("decoder", "raise_error"),
    [
        ("render.photos.decode.simplejpeg.decode_jpeg", raise_turbojpeg_out_of_memory),
        ("render.photos.decode.cv2.imdecode", raise_cv2_out_of_memory),
    ],
)
def test_a_photo_for_which_the_decoder_has_no_memory_is_not_called_damaged(
    small, roomy, people, tmp_path, monkeypatch, decoder, raise_error
):
    if "cv2" in decoder:
        monkeypatch.setattr("render.photos.decode._decode_jpeg", lambda content: (None, None))
    function = attrgetter(decoder.removeprefix("render.photos.decode."))(decode)
    once = fail_once(function, lambda *_, **__: True, raise_error)
    monkeypatch.setattr(decoder, once)
    report = run(*small, PANELS)
    assert (report.rendered, report.failed) == (len(people), [])
    assert files_below(tmp_path / "out") == roomy


def test_sheets_are_counted_once_when_one_could_not_be_encoded(small, roomy, people, tmp_path, monkeypatch):
    """It may fail or be tried again; those beside it are made, and are no more for it."""
    once = fail_once(SheetWriter.write, lambda _, sheet, __: sheet.name.endswith("_2"), raise_memory_error)
    monkeypatch.setattr(SheetWriter, "write", once)
    report = run(*small, PANELS, "threads=1")
    assert {problem.row for problem in report.failed} <= {2}
    assert report.rendered + len(report.failed) == len(people)
    files = sheets_below(tmp_path / "out")
    assert len(files) == report.rendered
    assert files.items() <= roomy.items()


def test_failures_are_listed_once_when_a_sheet_could_not_be_encoded(
    small, small_set, people, tmp_path, monkeypatch
):
    """Those of a photo that cannot be decoded, in the batch of that sheet."""
    once = fail_once(SheetWriter.write, lambda _, sheet, __: sheet.name.endswith("_2"), raise_memory_error)
    monkeypatch.setattr(SheetWriter, "write", once)
    damaged = (small_set.image_dir / people[0]).read_bytes()
    monkeypatch.setattr(
        "render.photos.decode._decode_jpeg",
        lambda content: (None, None) if content == damaged else _decode_jpeg(content),
    )
    monkeypatch.setattr("render.photos.decode.cv2.imdecode", lambda *_: None)
    report = run(*small, PANELS, "threads=1")
    rows = [problem.row for problem in report.failed]
    assert len(rows) == len(set(rows))
    assert {row for row, image in enumerate(people) if image == people[0]} <= set(rows)
    assert report.rendered + len(rows) == len(people)
    assert [int(failure["row"]) for failure in read_failures(tmp_path / "out")] == rows


def test_what_did_not_fit_is_let_go_before_going_on(small, monkeypatch):
    """What torch keeps can only be given back when nothing of the batch is held any more: at once, for the
    collector comes when it likes.
    """
    held, seen = [], []

    def fail(self, batch, groups, canvas):
        held.append(weakref.ref(groups[0].bodies))
        raise torch.OutOfMemoryError("CUDA out of memory")

    def look(_):
        seen.append(held[-1]() is None)

    monkeypatch.setattr("render.library.renderer.BatchRenderer._prepare", fail)
    monkeypatch.setattr("render.run.schedule.release_cached", look)
    run(*small, PANELS, "samples=0", "threads=1")
    assert seen == [True]


def test_stages_are_timed(small):
    report = run(*small, PANELS, "samples=0:4")
    assert {"decode", "pose", "project", "draw", "encode"} <= set(report.stage_seconds)
    assert all(seconds > 0 for seconds in report.stage_seconds.values())


def test_stages_are_timed_although_the_run_failed(small, monkeypatch):
    reports = []
    monkeypatch.setattr("render.run.report.Report.write_failures", lambda report: reports.append(report))
    monkeypatch.setattr("render.library.renderer.BatchRenderer._prepare", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(*small, PANELS, "samples=0:4")
    assert {"decode", "pose", "project"} <= set(reports[0].stage_seconds)


def count_photos(monkeypatch) -> Counter:
    """How often each photo is decoded."""
    counts = Counter()

    def decode_and_count(file):
        counts[f"{file.path.parent.name}/{file.path.name}"] += 1
        return decode_photo(file)

    monkeypatch.setattr("render.photos.folder.decode_photo", decode_and_count)
    return counts


@pytest.mark.parametrize("batch", [1000, 4])
def test_a_photo_is_decoded_once(small, people, monkeypatch, batch):
    """Whoever is in it: its sheets come into one batch."""
    counts = count_photos(monkeypatch)
    report = run(*small, PANELS, "people=alone", f"batch={batch}")
    assert report.rendered == PEOPLE > len(set(people))
    assert counts == dict.fromkeys(people, 1)


def test_a_photo_is_decoded_once_for_several_panels(small, people, monkeypatch):
    counts = count_photos(monkeypatch)
    run(*small, "panels=[camera/geo, camera/normal, crop/geo, side/geo]", "people=together")
    assert counts == dict.fromkeys(people, 1)


@pytest.mark.parametrize("panels", ["[side/geo]", "[camera/geo/white, top/normal]", "[camera/mask]"])
def test_panels_without_photos_decode_none(small, monkeypatch, panels):
    counts = count_photos(monkeypatch)
    assert run(*small, f"panels={panels}", "output=png").rendered == PEOPLE
    assert counts == {}


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_bytes_for_any_number_of_threads(small, roomy, people, tmp_path, threads):
    report = run(*small, PANELS, f"threads={threads}", "batch=4")
    assert (report.rendered, report.failed) == (len(people), [])
    assert files_below(tmp_path / "out") == roomy


@pytest.mark.parametrize("together", ["alone", "together"])
def test_a_file_of_vertices_that_vanishes_costs_its_own_sheet(tmp_path, monkeypatch, together):
    """Of files that are read when their bodies are drawn."""
    for k in range(4):
        cv2.imwrite(str(tmp_path / f"p{k}.png"), np.full((40, 60, 3), 90, np.uint8))
        verts = np.array([[0, 0, 2], [0.5, 0, 2], [0, 0.5, 2]], np.float32)
        np.savez(tmp_path / f"p{k}.npz", verts=verts)
    rows = NpzRows([tmp_path / f"p{k}.npz" for k in range(4)], "verts", (3, 3))
    names = [f"p{k}.png" for k in range(4)]
    cameras = pinhole(np.full(4, 50.0), np.tile([30.0, 20.0], (4, 1)), np.zeros((4, 3)), is_metric=True)
    fits = assemble("meshes", names, Meshes("", np.array([[0, 2, 1]], np.int32), rows), cameras)
    monkeypatch.setattr("render.run.opening.inputs.read_fits", lambda *_, **__: (fits, []))
    list_jobs = Schedule.list_jobs

    def remove_one(self):
        (tmp_path / "p2.npz").unlink()
        yield from list_jobs(self)

    monkeypatch.setattr(Schedule, "list_jobs", remove_one)
    report = run(
        *("dataset=meshes", f"dataset.fit_file={tmp_path}", f"dataset.image_dir={tmp_path}", "threads=2"),
        *(f"output.dir={tmp_path}-out", f"people={together}", "device=cpu"),
    )
    assert report.rendered == 3
    (failed,) = report.failed
    assert (failed.row, failed.image_name) == (2, "p2.png")
    assert failed.reason.startswith(f"{tmp_path / 'p2.npz'}: expected numbers in verts; No such file")
