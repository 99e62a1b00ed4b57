"""Where what is fetched goes."""

import pytest

from render.download.place import disk_errors, find_place
from render.errors import DownloadError
from render.resources import DATA_DIR


def test_relative_places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_place("nowhere/x.json") == DATA_DIR / "nowhere" / "x.json"
    (tmp_path / "nowhere").mkdir()
    assert find_place("nowhere/x.json").resolve() == tmp_path / "nowhere" / "x.json"
    assert find_place(f"{tmp_path}/a/b.json") == tmp_path / "a" / "b.json"


def test_what_is_there_already_is_found_where_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_place("conf/config.yaml") == DATA_DIR / "conf" / "config.yaml"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device"), r"x\.json: cannot be written: .*disk or the quota is full"),
        (ValueError("embedded null byte"), r"x\.json: cannot be written: "),
    ],
)
def test_errors_of_the_disk_say_what_to_do(tmp_path, error, message):
    with pytest.raises(DownloadError, match=message), disk_errors(tmp_path / "x.json"):
        raise error
