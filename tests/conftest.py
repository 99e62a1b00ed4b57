from __future__ import annotations

import fcntl
import functools
import gc
import json
import logging
import os
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

# Before torch and NumPy are loaded: threads that wait for work beside the tests' own cost more than they do.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

from render.resources import DEMO_BODY_FILE
from tests.helpers.browser import browser, playwright, webgl_browser
from tests.helpers.http_server import Server

# What takes seconds to load is imported where it is used: the process that only hands out tests needs none.
if TYPE_CHECKING:
    from render.body.family.body import FamilyBody
    from render.body.model import BodyModel
    from tests.helpers.kept_runs import KeptRuns

# Fixtures of a file of their own.
__all__ = ["browser", "playwright", "webgl_browser"]

DEMO_CHARTS_FILE = DEMO_BODY_FILE.with_name("demo_charts.mat")

# With one of these a test reads what is said.
LISTENERS = {"caplog", "capsys", "capfd"}

# A busy machine is no fault of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Looks for no garbage while thousands of tests are found, nor among them and all modules later on."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Where nobody listens, runs say nothing of their fits: to look at them is a fifth of a small run."""
    listens = not LISTENERS.isdisjoint(getattr(item, "fixturenames", ()))
    logging.getLogger("render").setLevel(logging.NOTSET if listens else logging.ERROR)


class DemoSet(NamedTuple):
    """The demo set of 12 photos: the folder that `dataset.root` names, and what lies in it."""

    root: Path
    folder: Path
    fit_file: Path
    image_dir: Path
    body_file: Path
    charts_file: Path


@pytest.fixture(scope="session", autouse=True)
def kept_bodies() -> Iterator[None]:
    """Runs in this process read each body once: that takes as long as all else of a small run."""
    from render.library.bodies import load_body
    from render.run.opening import bodies, inputs

    @functools.cache
    def load_kept(path: Path, _modified_ns: int, *args: object, **kwargs: object) -> BodyModel:
        return load_body(path, *args, **kwargs)

    def load(path: Path, *args: object, **kwargs: object) -> BodyModel:
        modified_ns = path.stat().st_mtime_ns if path.exists() else 0
        return load_kept(path, modified_ns, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        for module in (inputs, bodies):
            patch.setattr(module, "load_body", load)
        yield


@pytest.fixture(scope="session", autouse=True)
def kept_interpolations() -> Iterator[None]:
    """Runs in this process parse each `${...}` of conf/ once."""
    from omegaconf import base

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "parse", functools.lru_cache(base.parse))
        yield


@pytest.fixture(scope="session", autouse=True)
def kept_settings() -> Iterator[None]:
    """Commands and runs in this process read the files of conf/ once for each choice among them."""
    from tests.helpers.kept_settings import keep_settings

    with keep_settings():
        yield


@pytest.fixture(scope="session", autouse=True)
def kept_references() -> Iterator[None]:
    """What a function of kernels refers to is looked for once, not for each kernel that calls it."""
    from warp._src.codegen import Adjoint

    kept = weakref.WeakKeyDictionary()
    find = Adjoint.get_references

    def get_references(adjoint: Adjoint) -> tuple[dict, dict, dict]:
        if adjoint not in kept:
            kept[adjoint] = find(adjoint)
        return kept[adjoint]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Adjoint, "get_references", get_references)
        yield


@pytest.fixture(scope="session")
def demo_body() -> FamilyBody:
    import torch

    from render.body.models.smpl import open_body

    return open_body(DEMO_BODY_FILE, "demo", torch.device("cpu"))


@pytest.fixture(scope="session")
def demo_set(tmp_path_factory, demo_body) -> DemoSet:
    """Made once, also where several processes share the tests."""
    from render.demo.dataset import make_demo_dataset

    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    root.mkdir(exist_ok=True)
    folder = root / "n12_seed0"
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fit_file = make_demo_dataset(folder, 12, 0, demo_body)
    return DemoSet(root, folder, fit_file, folder / "images", DEMO_BODY_FILE, DEMO_CHARTS_FILE)


@pytest.fixture(scope="session")
def kept_runs(demo_set, tmp_path_factory) -> KeptRuns:
    """Of the small set of eight people."""
    from tests.helpers.kept_runs import KeptRuns
    from tests.helpers.manifests import PEOPLE
    from tests.helpers.small_set import make_small_set

    folder = tmp_path_factory.mktemp("kept")
    return KeptRuns(folder, make_small_set(demo_set.fit_file, folder / "set", PEOPLE))


@pytest.fixture
def demo(demo_set, tmp_path) -> list[str]:
    """Settings that draw the demo set into this test's folder."""
    return [f"dataset.root={demo_set.root}", f"output.dir={tmp_path}/out"]


@pytest.fixture
def fit_set(demo_set, tmp_path) -> tuple[dict, Path, list[str]]:
    """A copy of the demo set to be damaged: its JSON, its folder, and the settings that draw it."""
    folder = tmp_path / "set"
    shutil.copytree(demo_set.folder, folder)
    settings = [
        "dataset=eft",
        f"dataset.fit_file={folder}/demo_EFT.json",
        f"dataset.image_dir={folder}/images",
        "body=demo",
        f"output.dir={tmp_path}/drawn",
        "panels=[camera/geo]",
    ]
    return json.loads((folder / "demo_EFT.json").read_text()), folder, settings


@pytest.fixture
def without_plots(monkeypatch) -> None:
    """Audits and comparisons end with their tables: plots take a second or two each."""
    monkeypatch.setattr("render.review.plots.can_plot", lambda: False)


@pytest.fixture
def hurried(monkeypatch) -> None:
    """Downloads are tried again at once, and ask this machine directly."""
    monkeypatch.setattr("render.download.fetch.WAITS_S", (0, 0, 0))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running
