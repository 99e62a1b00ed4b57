"""What is wrong with a product is said once, and listed of each of its rows."""

import numpy as np

from tests.helpers.manifests import photo, read_failures
from tests.helpers.motion_files import make_codec, save_npz
from tests.helpers.runs import run


def test_a_clip_that_its_format_cannot_hold(tmp_path, caplog):
    """Thirty rows of one clip leave room for what is said of the next one."""
    for name, frames in (("walk", 30), ("wave", 8)):
        held = make_codec(0, frames) | {"frameRate": np.float32(60)}
        del held["expressionParameters"]
        save_npz(tmp_path / f"{name}.smpl", held)
    files = (f"dataset.fit_file={tmp_path / 'walk.smpl'}", f"dataset.also=[{tmp_path / 'wave.smpl'}]")
    words = ("job=video", "output=gif", "panels=[camera/geo]", "size=32x32", f"output.dir={tmp_path / 'out'}")
    report = run("dataset=smpl", *files, "body=demo", "device=cpu", *words)
    said = sorted(line for line in caplog.messages if line.startswith("failed"))
    reason = (
        "clip: expected at most 50 frames per second, the most that players show of this format, found 60. "
    )
    assert len(said) == 2
    assert said[0].startswith(f"failed row 0 (walk/000000) and 29 other rows: walk: {reason}")
    assert said[1].startswith(f"failed row 30 (wave/000000) and 7 other rows: wave: {reason}")
    assert sorted(problem.row for problem in report.failed) == list(range(38))
    assert "listed in" not in caplog.text


def test_a_photo_of_several_people(small, draw, out, caplog):
    photo(small, 3).write_bytes(b"no picture")
    draw("people=together", "samples=image:part0/demo_000003.jpg")
    (said,) = [line for line in caplog.messages if line.startswith("failed")]
    assert said.startswith("failed row 5 (part0/demo_000003.jpg) and 2 other rows: ")
    assert [failure["row"] for failure in read_failures(out)] == ["5", "6", "7"]
