"""Where the package's own files are, and where what can be made again is kept."""

import os
import stat
import tempfile

import pytest

from render.resources import ROOT, find_cache_dir, find_file


@pytest.fixture
def no_home(monkeypatch, tmp_path):
    """As for a user without an entry and without HOME, whose temporary files are in `tmp_path`."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    # What `os.path.expanduser` makes of `~` where there is no home.
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path / f"smpl-render-{os.getuid()}"


@pytest.mark.parametrize(
    ("home", "cache", "folder"),
    [
        ("/home/me", None, "/home/me/.cache/smpl-render"),
        ("/home/me", "", "/home/me/.cache/smpl-render"),
        ("/home/me", "/fast", "/fast/smpl-render"),
        ("/home/me", "~/fast", "/home/me/fast/smpl-render"),
        ("/home/me", "relative", "/home/me/.cache/smpl-render"),
    ],
)
def test_the_cache_is_where_the_standard_has_it(monkeypatch, home, cache, folder):
    monkeypatch.setenv("HOME", home)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if cache is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", cache)
    assert str(find_cache_dir()) == folder


def test_who_has_no_home_has_a_folder_of_ones_own(no_home):
    assert find_cache_dir() == find_cache_dir() == no_home
    assert stat.S_IMODE(no_home.stat().st_mode) == 0o700
    assert [path.name for path in no_home.parent.iterdir()] == [no_home.name]


@pytest.mark.parametrize("what", ["a link", "a file", "a folder of all"])
def test_what_others_may_have_put_there_is_not_trusted(no_home, what):
    if what == "a link":
        (no_home.parent / "elsewhere").mkdir()
        no_home.symlink_to("elsewhere")
    elif what == "a file":
        no_home.touch()
    else:
        no_home.mkdir()
        no_home.chmod(0o777)
    with pytest.raises(OSError, match=no_home.name):
        find_cache_dir()


def test_names_that_no_file_system_takes_are_looked_for_all_the_same():
    for path in ("x" * 5000, "a\0b"):
        assert str(find_file(path)) == path
    assert find_file("conf/config.yaml") in (ROOT / "conf/config.yaml", find_file("./conf/config.yaml"))
