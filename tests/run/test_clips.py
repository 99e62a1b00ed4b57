"""Clips in runs: rates, clips in which nothing moves, sides that are filled up."""

import pytest

from render.config.schema import Config
from render.errors import ConfigError
from render.record.fingerprint import Fingerprint
from render.resources import DEMO_BODY_FILE
from render.run.opening.inputs import find_body_mismatch, find_still
from render.write.format import FORMATS
from tests.helpers.runs import configure

TURN = ("job=turntable", "size=64x64")


@pytest.mark.parametrize(
    ("output", "fps"),
    [("mp4", 50.01), ("mp4", 60), ("mp4", 240), ("webp", 60), ("webp", 90), ("gif", 50), ("gif", 0.5)],
)
def test_each_format_takes_its_own_rates(output, fps):
    assert configure(*TURN, f"output={output}", f"output.fps={fps}").output.options() == {"fps": fps}


@pytest.mark.parametrize(
    ("output", "fps", "most"), [("gif", 50.01, 50), ("gif", 60, 50), ("webp", 91, 90), ("mp4", 241, 240)]
)
def test_rates_beyond_a_format_are_refused_with_its_range(output, fps, most):
    with pytest.raises(ConfigError, match=rf"output\.fps: expected 0 or 0\.01 to {most}, found {fps}"):
        configure(*TURN, f"output={output}", f"output.fps={fps}")


@pytest.mark.parametrize("output", ["gif", "mp4", "webp"])
def test_a_clip_of_one_frame_is_still(output):
    one = (*TURN, f"output={output}", "frames=1")
    said = f"{output}: a clip of one frame is a still picture; "
    assert find_still(configure(*one)).startswith(f"{said}set frames=90 for a turn")
    # What lies over the photo does not turn, however many frames there are.
    flat = find_still(configure(*one, "panels=[camera/geo, crop/normal]"))
    assert flat.startswith(f"{said}add a panel such as orbit/geo and set frames=90 for a turn")


@pytest.mark.parametrize("panels", ["[camera/geo]", "[camera/geo, crop:2/normal]", "[crop/mask]"])
def test_a_clip_over_the_photo_is_still(panels):
    config = configure(*TURN, "output=webp", f"panels={panels}")
    assert "nothing moves in these clips of 90 frames" in find_still(config)


@pytest.mark.parametrize(
    "words", [("job=turntable",), ("job=turntable", "panels=[camera/geo, side/geo]"), ()]
)
def test_what_moves_and_what_is_no_clip_is_not_still(words):
    assert find_still(configure(*words)) is None


def hash_settings(config: Config) -> str:
    return Fingerprint(config, "warp", [DEMO_BODY_FILE], None, {}).settings


def test_a_format_that_makes_other_bytes_is_drawn_anew_and_others_are_kept(monkeypatch):
    configs = [configure(*TURN, f"output={name}") for name in ("mp4", "webp")]
    before = [hash_settings(config) for config in configs]
    monkeypatch.setitem(vars(FORMATS.load("mp4")), "version", 3)
    after = [hash_settings(config) for config in configs]
    assert after[0] != before[0]
    assert after[1] == before[1]


@pytest.mark.parametrize(
    ("size", "filled"), [("63x64", "64 x 64"), ("64x33", "64 x 34"), ("63x33", "64 x 34")]
)
def test_that_sides_of_mp4_are_filled_up_is_said_once(draw, caplog, size, filled):
    caplog.set_level("INFO")
    draw("job=turntable", "output=mp4", "frames=2", f"size={size}", "samples=0:3")
    said = [line for line in caplog.messages if "filled up" in line]
    assert len(said) == 1
    assert f"{size.replace('x', ' x ')} is filled up to {filled} by repeating" in said[0]


@pytest.mark.parametrize(("output", "size"), [("mp4", "64x32"), ("gif", "63x33"), ("webp", "63x33")])
def test_sides_that_are_kept_are_not_spoken_of(draw, caplog, output, size):
    caplog.set_level("INFO")
    draw("job=turntable", f"output={output}", "frames=2", f"size={size}", "samples=0:1")
    assert "filled up" not in caplog.text


def test_the_demo_body_fits_the_demo_set_as_a_file_and_no_other(demo_set, tmp_path):
    other = tmp_path / "demo_EFT.json"
    other.write_text(demo_set.fit_file.read_text())

    def find(fit_file, body: str) -> str | None:
        words = ("dataset=eft", f"dataset.fit_file={fit_file}", "dataset.image_dir=x", f"body={body}")
        config = configure(*words)
        return find_body_mismatch(config.body, config.dataset)

    assert find(demo_set.fit_file, "demo") is None
    assert "was not the one" in find(demo_set.fit_file, "smpl")
    assert "was not the one" in find(other, "demo")
    assert find(other, "smpl") is None
