"""Whole runs of job video: each frame as a sheet, whatever the batches, and nothing lost."""

import json

import imageio.v3 as iio
import numpy as np
import pytest

from render.errors import RenderError, SheetError
from render.record.command import main as merge
from render.write import webp_encoder
from tests.helpers.motion_set import make_motion_set
from tests.helpers.runs import ORIGINAL, files_below, run

# Exact, and small.
WEBP = ("job=video", "output=webp", "panels=[camera/geo, side/geo]")
SEQUENCES = {"walk": (6, range(1, 4)), "run": (3, range(3))}


@pytest.fixture
def small(demo_set, tmp_path):
    return make_motion_set(demo_set.fit_file, tmp_path / "set", SEQUENCES)


@pytest.fixture
def draw(small, tmp_path):
    def draw(*words, into="out"):
        return run(*small.settings, *WEBP, f"output.dir={tmp_path / into}", *words)

    return draw


def read_frames(path):
    return iio.imread(path, index=..., plugin="pillow")[..., :3]


def read_records(folder):
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def test_each_frame_is_the_sheet_of_its_photo(draw, small, tmp_path):
    report = draw(ORIGINAL)
    assert (report.rendered, report.failed, report.damaged) == (2, [], [])
    run(
        *small.settings,
        ORIGINAL,
        "output=png",
        "panels=[camera/geo, side/geo]",
        f"output.dir={tmp_path / 'sheets'}",
    )
    walk = read_frames(tmp_path / "out" / "walk.webp")
    assert len(walk) == 6
    for row, k in enumerate(range(1, 4)):
        sheet = iio.imread(tmp_path / "sheets" / "walk" / f"{k:04d}_{row}.png")
        np.testing.assert_array_equal(walk[k], sheet)
    for k in (0, 4, 5):
        photo = iio.imread(small.image_dir / "walk" / f"{k:04d}.png")
        np.testing.assert_array_equal(walk[k][:, : photo.shape[1]], photo)
        assert (walk[k][:, photo.shape[1] :] == 255).all()
    records = read_records(tmp_path / "out")
    assert [(record["sheet"], record["rows"]) for record in records] == [
        ("walk.webp", [0, 1, 2]),
        ("run.webp", [3, 4, 5]),
    ]


@pytest.mark.parametrize("words", [("threads=1",), ("batch=1",), ("threads=3", "batch=2")])
def test_bytes_are_the_same_for_any_batch_and_threads(draw, tmp_path, words):
    draw(into="one")
    draw(*words, into="other")
    one, other = files_below(tmp_path / "one"), files_below(tmp_path / "other")
    assert one == other


def test_shards_have_sequences_whole_and_merge_to_one_run(draw, tmp_path):
    draw(into="one")
    for shard in ("1/2", "2/2"):
        assert draw(f"shard={shard}", into="shards").rendered == 1
    assert merge([str(tmp_path / "shards")]) == 0
    assert files_below(tmp_path / "one") == files_below(tmp_path / "shards")


def test_what_is_there_is_kept_and_what_changes_is_made_again(draw, small, tmp_path):
    draw()
    before = files_below(tmp_path / "out")
    report = draw()
    assert (report.rendered, report.kept) == (0, 2)
    assert files_below(tmp_path / "out") == before
    # A frame that nobody is on is shown all the same.
    photo = small.image_dir / "walk" / "0005.png"
    iio.imwrite(photo, 255 - iio.imread(photo))
    report = draw()
    assert (report.rendered, report.kept) == (1, 1)
    assert draw("opacity=0.5").rendered == 2
    small.entries[0]["bbox_center"][0] += 1
    small.save()
    assert draw("opacity=0.5").rendered == 1


def test_a_frame_more_is_another_clip(draw, small, tmp_path):
    draw()
    iio.imwrite(small.image_dir / "walk" / "0006.png", iio.imread(small.image_dir / "walk" / "0005.png"))
    assert draw().rendered == 1
    assert len(read_frames(tmp_path / "out" / "walk.webp")) == 7


def test_a_photo_that_is_not_there_costs_its_background_and_is_told(draw, small, tmp_path):
    photo = small.image_dir / "walk" / "0002.png"
    content = photo.read_bytes()
    photo.unlink()
    report = draw()
    assert (report.rendered, report.failed) == (2, [])
    (problem,) = report.damaged
    assert problem.row == 1
    assert problem.reason.startswith("frame 2: ")
    assert "The clip shows grey there." in problem.reason
    walk = read_frames(tmp_path / "out" / "walk.webp")
    assert len(walk) == 6
    assert (walk[2][0, 0] == 96).all()
    # It is not drawn again for what cannot be better, and again once it can.
    assert draw().kept == 2
    photo.write_bytes(content)
    report = draw()
    assert (report.rendered, report.damaged) == (1, [])


def test_a_clip_that_cannot_be_encoded_costs_itself_and_leaves_nothing(draw, tmp_path, monkeypatch):
    encode = webp_encoder.WebpEncoder._encode

    def fail(self, frame, number):
        if self.clip.count == 6 and number == 3:
            raise SheetError("the encoder failed")
        return encode(self, frame, number)

    monkeypatch.setattr(webp_encoder.WebpEncoder, "_encode", fail)
    report = draw()
    assert report.rendered == 1
    assert [problem.row for problem in report.failed] == [0, 1, 2]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "failures.csv",
        "manifest.jsonl",
        "run.webp",
    ]


def test_on_error_stop_stops_at_a_frame(draw, small, tmp_path):
    (small.image_dir / "walk" / "0002.png").unlink()
    with pytest.raises(RenderError, match="on_error=stop"):
        draw("on_error=stop", "threads=1")
    assert not list((tmp_path / "out").glob("walk*"))


def test_samples_show_frames_from_the_first_to_the_last_of_them(draw, tmp_path):
    draw("samples=0:2")
    assert len(read_frames(tmp_path / "out" / "walk.webp")) == 2


def test_an_interrupted_run_leaves_no_half_clip_and_goes_on(draw, tmp_path, monkeypatch):
    encode = webp_encoder.WebpEncoder._encode

    def stop(self, frame, number):
        if self.clip.count == 6 and number == 3:
            raise KeyboardInterrupt
        return encode(self, frame, number)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(webp_encoder.WebpEncoder, "_encode", stop)
        draw()
    assert not (tmp_path / "out" / "walk.webp").exists()
    assert [path.name for path in (tmp_path / "out").rglob("*walk*")] == []
    assert draw().rendered >= 1
    assert len(read_frames(tmp_path / "out" / "walk.webp")) == 6
