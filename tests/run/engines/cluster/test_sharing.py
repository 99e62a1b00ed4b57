"""Folders that have the same name on two machines."""

import pytest

from render.errors import ConfigError
from render.run.engines.cluster.sharing import check_mark, mark_output


def test_the_folder_of_the_driver_is_known_again_and_left_as_it_was(tmp_path):
    with mark_output(str(tmp_path)) as mark:
        check_mark(str(tmp_path), mark)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("render.run.engines.cluster.sharing.PATIENCE_S", 0)


@pytest.mark.parametrize("name", ["old", "none"])
def test_another_folder_is_refused_and_not_made(tmp_path, name):
    # The old one is of a driver that was killed there.
    old, out = tmp_path / "old", tmp_path / "out"
    with mark_output(str(old)), mark_output(str(out)) as mark:
        with pytest.raises(ConfigError, match=f"output.dir: .*{name} is another folder here"):
            check_mark(str(tmp_path / name), mark)
        check_mark(str(out), mark)
    assert not (tmp_path / "none").exists()
