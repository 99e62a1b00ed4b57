"""Whole runs in mode error: what they show, what draws them anew, and whom they cannot compare."""

import json

import cv2
import numpy as np
import pytest

from render.errors import ConfigError, FitFileError
from render.shade.colour_maps import ERRORS_RGB
from tests.helpers.runs import configure, sheets_below
from tests.helpers.small_runs import bent, draw, out, save_others, small

__all__ = ["bent", "draw", "out", "small"]

SHOWN = ["panels=[camera/error/white]", "output=png", "samples=2:5"]


def read(path) -> np.ndarray:
    return cv2.imread(str(path))[:, :, ::-1] / 255


def test_bent_knees_are_red_and_all_else_is_light(draw, out, bent):
    assert draw(*SHOWN, f"reference={bent}").rendered == 3
    for sheet in sheets_below(out):
        picture = read(out / sheet)
        is_red = (picture[:, :, 0] > picture[:, :, 2] + 0.3).sum()
        assert 10 < is_red < (picture.min(2) < 0.95).sum() / 2


def test_fits_against_themselves_have_the_colour_of_zero(draw, out, small):
    draw(*SHOWN, "edges=hard", f"reference={small.fit_file}")
    for sheet in sheets_below(out):
        picture = read(out / sheet).reshape(-1, 3)
        body = picture[picture.min(1) < 0.99]
        # The form takes up to a tenth of the light, and nothing of the hue.
        share = body / np.array(ERRORS_RGB[0])
        assert share.max() <= 1 + 0.5 / 255 / min(ERRORS_RGB[0])
        assert share.min() >= 0.9 - 0.5 / 255 / min(ERRORS_RGB[0])
        assert np.ptp(share, 1).max() <= 2 / 255


def test_together_and_alone_in_any_batch_are_the_same(draw, out, bent, tmp_path):
    words = [*SHOWN[:2], "samples=0:8", f"reference={bent}", "align=procrustes"]
    draw(*words, "batch=1")
    draw(*words, "batch=8", into=tmp_path / "batch")
    assert sheets_below(out) == sheets_below(tmp_path / "batch")
    for sheet in sheets_below(out):
        assert (out / sheet).read_bytes() == (tmp_path / "batch" / sheet).read_bytes()


def test_a_changed_reference_and_other_settings_draw_anew(draw, small, bent):
    words = [*SHOWN, f"reference={bent}"]
    assert draw(*words).rendered == 3
    assert draw(*words).kept == 3
    # The same content in another file is the same.
    entries = json.loads(bent.read_text())["data"]
    copied = save_others(small, entries, "copied.json")
    assert draw(*SHOWN, f"reference={copied}").kept == 3
    entries[3]["parm_shape"][0] += 0.5
    save_others(small, entries)
    report = draw(*words)
    assert (report.rendered, report.kept) == (1, 2)
    assert draw(*words, "error_mm=50").rendered == 3
    assert draw(*words, "align=none").rendered == 3


def test_who_is_not_in_the_reference_costs_his_sheet_alone(draw, out, small, bent):
    entries = json.loads(bent.read_text())["data"]
    del entries[3]
    report = draw(*SHOWN, f"reference={save_others(small, entries)}")
    assert (report.rendered, [problem.row for problem in report.failed]) == (2, [3])
    assert "found 1 person on this image" in (out / "failures.csv").read_text()


def test_what_cannot_be_compared_is_refused(draw, small, bent, tmp_path):
    with pytest.raises(ConfigError, match="reference: error shows how far the fits are"):
        configure("panels=[camera/error]")
    with pytest.raises(ConfigError, match="align: expected one of none, root, procrustes, found 'pa'"):
        configure("align=pa")
    with pytest.raises(ConfigError, match="error_mm: expected above 0 and up to 10000, found nan"):
        configure("error_mm=nan")
    with pytest.raises(ConfigError, match=r"reference: .*gone\.json: there is no such file"):
        draw(*SHOWN, f"reference={tmp_path}/gone.json")
    stranger = json.loads(bent.read_text())["data"][0] | {"imageName": "x.jpg", "annotId": 0}
    with pytest.raises(FitFileError, match="reference: none of the 8 people"):
        draw(*SHOWN, f"reference={save_others(small, [stranger])}")
    strange = small.fit_file.with_name("strange.json")
    strange.write_text("[1, 2]")
    with pytest.raises(FitFileError, match=r"reference: .*strange\.json"):
        draw(*SHOWN, f"reference={strange}")
