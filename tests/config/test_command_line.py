"""What every command with settings does with its words before the command itself begins."""

import io
import signal
import sys
from importlib.metadata import version

import pytest

from render.__main__ import main
from tests.helpers.commands import call


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_shows_what_the_call_would_run_with(word):
    done = call("batch=17", word, "output=png")
    assert done.code == 0
    assert done.err == ""
    assert "Exit code: 0 if no sheet failed" in done.out
    assert "batch: 17" in done.out
    assert "format: png" in done.out


@pytest.mark.parametrize("words", [["--help", "draw=[bbox]"], ["draw=[bbox]"]])
def test_a_setting_with_another_name_now_is_refused_by_its_new_name(words):
    done = call(*words)
    assert (done.code, done.out) == (1, "")
    assert done.err == "draw: this setting is called annotate; write annotate=[bbox]\n"


def test_help_for_settings_that_cannot_be_is_an_error():
    done = call("--help", "batch=many")
    assert (done.code, done.out) == (1, "")
    assert done.err == "batch: expected a whole number, found 'many'\n"
    assert "Traceback" not in done.err


@pytest.mark.parametrize("code", [0, 2, 130])
def test_the_exit_code_is_that_of_the_command(monkeypatch, code):
    seen = []

    def task(composed):
        seen.append(composed)
        return code

    monkeypatch.setattr("render.run.command._render", task)
    assert call("batch=3", "panels=[side/geo]").code == code
    assert (seen[0].batch, seen[0].panels) == (3, ["side/geo"])


def test_what_only_hydra_answers_is_no_failure(monkeypatch):
    monkeypatch.setattr("render.run.command._render", lambda _: pytest.fail("it was called"))
    done = call("--cfg", "job", "batch=3")
    assert done.code == 0
    assert "batch: 3" in done.out


@pytest.mark.parametrize("words", [["--version"], ["doctor", "--version"]])
def test_the_version_is_ours(words):
    done = call(*words)
    assert (done.code, done.out) == (0, f"smpl-render {version('smpl-render')}\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_the_terminal_cannot_show_is_escaped(monkeypatch, encoding):
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding, write_through=True))
    monkeypatch.setattr(sys, "argv", ["smpl-render", "--help", "dataset.root=\u6f22\udcc3"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    # YAML has an escape for half a character, and none for a whole one.
    monkeypatch.setattr("render.config.help._print_values", lambda settings: settings.dataset.root)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    shown = "\u6f22" if encoding == "utf-8" else "\\u6f22"
    assert f"\n{shown}\\udcc3\n".encode() in out.getvalue()
