"""Whole runs of job video: each frame as a sheet, whatever the batches, and nothing lost."""

import json

import imageio.v3 as iio
import numpy as np
import pytest

from render.errors import RenderError, SheetError
from render.record.command import main as merge
from render.run.clips.pipeline import ClipPipeline
from render.write import webp_encoder
from tests.helpers.runs import ORIGINAL, files_below, run


def read_frames(path):
    return iio.imread(path, index=..., plugin="pillow")[..., :3]


def read_records(folder):
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def fail_in_walk(monkeypatch, error):
    """Frame 3 of the longer clip is not encoded."""
    encode = webp_encoder.WebpEncoder._encode

    def fail(self, frame, number):
        if self.clip.count == 5 and number == 3:
            raise error
        return encode(self, frame, number)

    monkeypatch.setattr(webp_encoder.WebpEncoder, "_encode", fail)


def test_each_frame_is_the_sheet_of_its_photo(draw, drawn_clips, tmp_path):
    report = draw(ORIGINAL, "samples=:3")
    assert (report.rendered, report.failed, report.damaged) == (1, [], [])
    made = drawn_clips.made
    words = (ORIGINAL, "output=png", "panels=[camera/geo, side/geo]", "samples=:3")
    run(*made.settings, *words, f"output.dir={tmp_path / 'sheets'}")
    walk = read_frames(tmp_path / "out" / "walk.webp")
    sheets = [
        iio.imread(tmp_path / "sheets" / "walk" / f"{k:04d}_{row}.png") for row, k in enumerate((1, 2, 3))
    ]
    np.testing.assert_array_equal(walk, sheets)


def test_frames_that_nobody_is_on_show_their_photo(drawn_clips):
    assert (drawn_clips.report.rendered, drawn_clips.report.failed, drawn_clips.report.damaged) == (2, [], [])
    assert drawn_clips.report.frames == 7
    walk = read_frames(drawn_clips.out / "walk.webp")
    assert len(walk) == 5
    for k in (0, 4):
        photo = iio.imread(drawn_clips.made.image_dir / "walk" / f"{k:04d}.png")
        np.testing.assert_array_equal(walk[k][:, : photo.shape[1]], photo)
    assert [(record["sheet"], record["rows"]) for record in read_records(drawn_clips.out)] == [
        ("walk.webp", [0, 1, 2]),
        ("run.webp", [3, 4]),
    ]


@pytest.mark.parametrize("words", [("threads=1", "batch=1"), ("threads=3", "batch=2")])
def test_bytes_are_the_same_for_any_batch_and_threads(draw, drawn_clips, tmp_path, words):
    draw(*words)
    assert files_below(tmp_path / "out") == files_below(drawn_clips.out)


def test_shards_have_sequences_whole_and_merge_to_one_run(draw, drawn_clips, tmp_path):
    for shard in ("1/2", "2/2"):
        assert draw(f"shard={shard}").rendered == 1
    assert merge([str(tmp_path / "out")]) == 0
    assert files_below(tmp_path / "out") == files_below(drawn_clips.out)


def test_what_is_there_is_kept_and_what_changes_is_made_again(draw, again, small, tmp_path):
    before = files_below(tmp_path / "out")
    report = draw()
    assert (report.rendered, report.kept) == (0, 2)
    assert files_below(tmp_path / "out") == before
    # A frame that nobody is on is shown all the same.
    photo = small.image_dir / "walk" / "0004.png"
    iio.imwrite(photo, 255 - iio.imread(photo))
    report = draw()
    assert (report.rendered, report.kept) == (1, 1)
    small.entries[-1]["bbox_center"][0] += 1
    small.save()
    report = draw()
    assert (report.rendered, report.kept) == (1, 1)


def test_a_frame_more_is_another_clip(draw, again, small, tmp_path):
    iio.imwrite(small.image_dir / "run" / "0002.png", iio.imread(small.image_dir / "run" / "0001.png"))
    assert draw().rendered == 1
    assert len(read_frames(tmp_path / "out" / "run.webp")) == 3


def test_a_photo_that_is_not_there_costs_its_background_and_is_told(draw, again, small, tmp_path):
    photo = small.image_dir / "run" / "0001.png"
    content = photo.read_bytes()
    photo.unlink()
    report = draw()
    assert (report.rendered, report.kept, report.failed) == (1, 1, [])
    (problem,) = report.damaged
    assert problem.row == 4
    assert problem.reason.startswith("frame 1: ")
    assert "The clip shows grey there." in problem.reason
    clip = read_frames(tmp_path / "out" / "run.webp")
    assert len(clip) == 2
    assert (clip[1][0, 0] == 96).all()
    # It is not drawn again for what cannot be better, and again once it can.
    assert draw().kept == 2
    photo.write_bytes(content)
    report = draw()
    assert (report.rendered, report.damaged) == (1, [])


@pytest.mark.parametrize("error", [SheetError("the encoder failed"), MemoryError()])
def test_a_clip_that_cannot_be_encoded_costs_itself_and_leaves_nothing(draw, tmp_path, monkeypatch, error):
    fail_in_walk(monkeypatch, error)
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


def test_an_interrupted_run_leaves_no_half_clip_and_goes_on(draw, drawn_clips, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        fail_in_walk(patch, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            draw()
    assert [path.name for path in (tmp_path / "out").rglob("*walk*")] == []
    assert draw().rendered >= 1
    assert files_below(tmp_path / "out") == files_below(drawn_clips.out)


@pytest.mark.slow
def test_frames_that_do_not_fit_beside_others_are_measured_and_drawn_later(
    draw, drawn_clips, tmp_path, monkeypatch
):
    """One by one; views that are fitted without some frames would look at less."""
    failed = set()

    def fail_at_first(name):
        method = getattr(ClipPipeline, name)

        def make(self, batch, *args):
            key = (name, *(str(sheet.photo) for sheet in batch.sheets))
            if key not in failed:
                failed.add(key)
                raise MemoryError
            return method(self, batch, *args)

        monkeypatch.setattr(ClipPipeline, name, make)

    fail_at_first("measure")
    fail_at_first("make")
    draw("batch=2")
    assert files_below(tmp_path / "out") == files_below(drawn_clips.out)
