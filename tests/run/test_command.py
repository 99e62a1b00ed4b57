"""The command line of a run: exit codes, and what is said."""

import pytest

from tests.helpers.commands import call, call_child


@pytest.mark.slow
def test_a_run_in_a_process_of_its_own(demo, tmp_path):
    done = call_child(*demo, "samples=0:2")
    assert (done.code, done.out) == (0, "")
    assert "2 rendered, 0 skipped, 0 failed" in done.err
    assert "Traceback" not in done.err
    assert len(list((tmp_path / "out").glob("*.jpg"))) == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 0, "2 rendered, 0 skipped, 0 failed"),
        (["dataset.count=0"], 1, "dataset.count: expected 1 to"),
        (["batch=none"], 1, "batch"),
        (["body=smpl"], 1, "smpl.is.tue.mpg.de"),
    ],
)
def test_what_a_run_says_last(demo, words, code, said):
    done = call(*demo, "samples=0:2", *words)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def test_sheets_that_failed_have_an_exit_code_of_their_own(fit_set):
    data, folder, settings = fit_set
    (folder / "images" / data["data"][0]["imageName"]).unlink()
    done = call(*settings, "samples=0:3")
    assert done.code == 2
    assert "failed row 0" in done.err
    assert "Traceback" not in done.err


def test_settings_with_another_name_now_are_refused_with_it(demo, tmp_path):
    done = call(*demo, "draw=[bbox]")
    assert done.code == 1
    assert "write annotate=[bbox]" in done.err
    assert not (tmp_path / "out").exists()


def test_help_says_what_there_is_and_what_the_call_would_run_with():
    done = call("--help", "opacity=0.25")
    assert done.code == 0
    assert "opacity: 0.25" in done.out
    assert "smpl-render merge FOLDER" in done.out
