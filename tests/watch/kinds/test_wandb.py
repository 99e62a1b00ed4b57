"""Weights & Biases by a module that stands in for it: wandb itself has 20 MB and a process of its own."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from render.errors import ConfigError
from render.watch.watcher import WATCHERS
from tests.helpers.watched import BEGUN, HALF, make_run


class StandIn(ModuleType):
    """Notes what it is told, as far as the watcher calls it."""

    def __init__(self) -> None:
        super().__init__("wandb")
        self.is_logged_in = False
        self.given: dict = {}
        self.logged: list[dict] = []
        self.summary: dict = {}
        self.is_finished = False

    def login(self, *, prompt: bool, verify: bool) -> bool:
        assert not prompt
        assert not verify
        return self.is_logged_in

    def init(self, **given: object) -> SimpleNamespace:
        self.given = given
        return SimpleNamespace(log=self.logged.append, summary=self.summary, finish=self._finish)

    def _finish(self) -> None:
        self.is_finished = True


@pytest.fixture
def stand_in(monkeypatch) -> StandIn:
    made = StandIn()
    monkeypatch.setitem(sys.modules, "wandb", made)
    for name in ("MODE", "DIR", "PROJECT", "CONSOLE"):
        monkeypatch.delenv(f"WANDB_{name}", raising=False)
    return made


def test_points_are_logged_and_the_run_is_ended(tmp_path, stand_in):
    stand_in.is_logged_in = True
    watcher = WATCHERS.load("wandb")(make_run(tmp_path, "1of2"))
    assert stand_in.given == {}
    watcher.begin()
    watcher.tell(BEGUN)
    watcher.tell(HALF)
    assert not stand_in.is_finished
    watcher.close()
    assert stand_in.is_finished
    assert stand_in.given == {
        "job_type": "overlay",
        "dir": str(tmp_path),
        "project": "smpl-render",
        "settings": {"console": "off"},
        "config": {"job": "overlay", "dataset": "demo", "shard": "1of2"},
    }
    assert stand_in.logged[0] == {"settled": 0, "total": 40, "done": 0, "kept": 0, "failed": 0}
    assert stand_in.logged[1]["left_s"] == pytest.approx(20 / 1.50004)
    assert stand_in.summary == {"state": "running"}


def test_the_environment_goes_before(tmp_path, stand_in, monkeypatch):
    """W&B reads it itself, unless it is told otherwise."""
    for name, value in {"MODE": "offline", "DIR": "/x", "PROJECT": "mine", "CONSOLE": "wrap"}.items():
        monkeypatch.setenv(f"WANDB_{name}", value)
    WATCHERS.load("wandb")(make_run(tmp_path)).begin()
    assert stand_in.given.keys() == {"job_type", "config"}


def test_who_is_not_logged_in_is_told_before_anything_is_drawn(tmp_path, stand_in):
    with pytest.raises(ConfigError, match="wandb login, set WANDB_API_KEY, or set WANDB_MODE=offline"):
        WATCHERS.load("wandb")(make_run(tmp_path))


def test_what_it_raises_is_told(tmp_path, stand_in, monkeypatch):
    def refuse(**_: object) -> bool:
        raise ValueError("the key has 39 letters")

    monkeypatch.setattr(stand_in, "login", refuse)
    with pytest.raises(ConfigError, match="W&B cannot be used: ValueError: the key has 39 letters"):
        WATCHERS.load("wandb")(make_run(tmp_path))


def test_without_the_package_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ConfigError, match="pip install wandb"):
        WATCHERS.load("wandb")(make_run(tmp_path))
