"""Runs whose turntables begin and end at the photo."""

import cv2
import numpy as np
import pytest

from render.config.schema import Config
from render.errors import ConfigError
from render.record.fingerprint import Fingerprint
from render.resources import DEMO_BODY_FILE
from tests.helpers.clips import decode_pillow
from tests.helpers.runs import configure

TURN = ("job=turntable", "output=webp", "frames=2", "samples=0:2", "people=together", "background=ground")


def read_frames(folder) -> np.ndarray:
    (path,) = folder.rglob("*.webp")
    return decode_pillow(path.read_bytes())[0][..., :3]


def test_a_clip_leaves_its_photo_turns_and_comes_back(draw, tmp_path):
    report = draw(*TURN, "transition=3", into=tmp_path / "clip")
    assert (report.rendered, report.failed) == (1, [])
    draw(*TURN, "size=photo", into=tmp_path / "turn")
    draw("panels=[camera/clay]", "samples=0:2", "people=together", "output=png", into=tmp_path / "still")
    clip, turn = read_frames(tmp_path / "clip"), read_frames(tmp_path / "turn")
    (still,) = (tmp_path / "still").rglob("*.png")
    assert len(clip) == 2 + 2 * 3
    assert (clip[0] == cv2.imread(str(still))[:, :, ::-1]).all()
    assert (clip[3] == turn[0]).all()
    # Half of the way the photo is gone: the page is white above the bodies.
    assert (clip[2, 0] == 255).all()
    assert not (clip[1, 0] == 255).all()


def test_a_clip_is_made_anew_where_its_photo_changes_and_fails_where_that_is_missing(draw, small):
    words = ("job=turntable", "output=webp", "frames=2", "samples=0:1", "transition=1", "size=48x48")
    assert draw(*words).rendered == 1
    assert draw(*words).rendered == 0
    photo = small.image_dir / small.entries[0]["imageName"]
    cv2.imwrite(str(photo), 255 - cv2.imread(str(photo)))
    assert draw(*words).rendered == 1
    photo.unlink()
    (missing,) = draw(*words).failed
    assert "there is no such photo" in missing.reason


def test_a_photo_that_is_too_large_is_fitted_into_a_size(draw, small):
    photo = small.image_dir / small.entries[0]["imageName"]
    cv2.imwrite(str(photo), np.zeros((3000, 3000, 3), np.uint8))
    words = ("job=turntable", "output=webp", "samples=0:1", "transition=24", "frames=90")
    (refused,) = draw(*words).failed
    assert "138 frame(s) of 3000 x 3000 pixels" in refused.reason
    assert refused.reason.endswith("or set size=, such as size=960x720")
    assert draw(*words, "transition=1", "frames=2", "size=48x48").rendered == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["transition=-1"], "transition: expected 0 to 600, found -1$"),
        (["transition=601"], "transition: expected 0 to 600, found 601$"),
        (["frames=1"], "transition: it leads .* and this makes a still picture; .* job=turntable, found 24$"),
        (["job=overlay"], "transition: .* a still picture; expected 0 but with job=turntable, found 24$"),
        (["job=video"], "transition: .* and this makes a sequence; expected 0 but with"),
        (["job=labels"], "transition: label sets are of still pictures .*; expected 0, found 24$"),
        (["job=meshes"], "transition: job=meshes draws nothing; expected 0, found 24$"),
        (["panels=[camera/geo]"], "transition: all panels stay over the photo; add one that turns, such as"),
        (["panels=[orbit/mask]", "output=webp"], "transition: mask holds labels, .* choose another mode"),
        (["background=transparent"], "output: gif has no half transparent pixels, .*; use webp$"),
        (
            ["dataset=eft", "dataset.fit_file=a.json", "dataset.image_dir=null"],
            "transition: it begins at the photo, and there are none; set dataset.image_dir, or leave it out",
        ),
    ],
)
def test_what_has_no_photo_or_no_turn_has_no_transition(words, message):
    job = [] if words[0].startswith("job=") else ["job=turntable"]
    with pytest.raises(ConfigError, match=message) as refused:
        configure(*job, "transition=24", *words)
    assert "\n" not in str(refused.value)


def hash_settings(config: Config) -> str:
    return Fingerprint(config, "warp", [DEMO_BODY_FILE], None, {}).settings


def test_each_transition_makes_other_clips():
    hashes = {hash_settings(configure("job=turntable", "output=webp", f"transition={n}")) for n in (0, 1, 2)}
    assert len(hashes) == 3
