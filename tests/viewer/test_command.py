"""smpl-render view: what it says, what it writes, and what it refuses."""

import json
import socket
import sys

import pytest

from render.viewer.live_page import serve
from tests.helpers.commands import call
from tests.helpers.folders import files_below


def export(demo, *words):
    return call("view", "view=export", *demo, "device=cpu", *words)


def test_help_has_its_words_and_the_settings_of_a_run():
    done = call("view", "--help")
    assert done.code == 0
    assert all(word in done.out for word in ("view=export", "port=", "samples", "output.dir"))


def test_a_page_a_person_named_as_the_sheets_are(demo, tmp_path):
    done = export(demo, "samples=0:3")
    assert done.code == 0
    assert "3 pages in" in done.err
    assert sorted(files_below(tmp_path / "out")) == [
        f"demo_{name}.html" for name in ("000000_0", "000000_1", "000001_2")
    ]


def test_pages_have_the_same_bytes_alone_and_in_any_shard(demo, tmp_path):
    export(demo, "samples=0:4", "people=together")
    whole = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    for shard in ("1/2", "2/2"):
        export(demo, "samples=0:4", "people=together", f"shard={shard}", f"output.dir={tmp_path}/shards")
    assert {path.name: path.read_bytes() for path in (tmp_path / "shards").iterdir()} == whole
    assert len(whole) == 2


def test_a_photo_that_is_missing_costs_its_own_page(fit_set, tmp_path):
    data, folder, settings = fit_set
    (folder / "images" / data["data"][0]["imageName"]).unlink()
    done = call(
        "view", "view=export", *settings[:4], f"output.dir={tmp_path}/out", "samples=0:3", "device=cpu"
    )
    assert done.code == 2
    assert "demo_000000_0: " in done.err
    assert "1 page in" in done.err
    assert "2 could not be made" in done.err


def test_a_body_that_is_nowhere_costs_its_own_page(fit_set, tmp_path):
    data, folder, settings = fit_set
    data["data"][0]["parm_cam"][0] = 1e-300
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    done = call(
        "view", "view=export", *settings[:4], f"output.dir={tmp_path}/out", "samples=0:3", "device=cpu"
    )
    assert done.code == 2
    assert "demo_000000_0: row 0: its body is far beside the photo" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["samples=900"], "samples"),
        (["view=all"], "view: expected live or export"),
        (["job=labels"], "job: the viewer shows what sheets show"),
        (["nothing=1"], "nothing: no such setting"),
    ],
)
def test_what_cannot_be_shown_is_said(demo, words, said):
    done = call("view", "view=export", *demo, *words)
    assert done.code == 1
    assert said in done.err


@pytest.mark.parametrize("view", ["live", "export"])
def test_who_has_no_viser_is_told_what_to_install(demo, monkeypatch, view):
    monkeypatch.setitem(sys.modules, "viser", None)
    done = call("view", f"view={view}", *demo)
    assert done.code == 1
    assert "pip install 'smpl-render[view]'" in done.err


def test_a_port_that_is_taken_is_said_at_once(demo):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = call("view", *demo, f"port={port}", "device=cpu", "samples=0")
    assert done.code == 1
    assert f"port: {port} of 127.0.0.1 cannot be used" in done.err
    assert f"port={port + 1}" in done.err


def test_a_page_that_is_served_until_ctrl_c(demo, monkeypatch):
    """Its address is said, with the way there from another machine; without a screen nothing is opened."""
    opened = []
    monkeypatch.setattr(serve.webbrowser, "open", opened.append)
    monkeypatch.setattr(serve, "has_screen", lambda: False)

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(serve.LiveViewer, "wait", interrupt)
    done = call("view", *demo, "port=0", "device=cpu", "samples=0:2")
    assert done.code == 0
    assert "3D view of 2 pictures: http://127.0.0.1:" in done.err
    assert "ssh -L " in done.err
    assert opened == []


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "1"}, False),
    ],
)
def test_where_a_browser_would_be_seen(monkeypatch, environment, expected):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    assert serve.has_screen() is expected
