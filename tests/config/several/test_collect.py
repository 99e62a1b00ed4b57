"""Several runs from one command line: nothing of Hydra's is left behind, and the exit code tells of all."""

import importlib
import signal
import textwrap

import pytest
from hydra.core.plugins import Plugins

from render.config.several.collect import worst
from tests.helpers.commands import call

# A launcher as those of clusters are: each job in a process of its own, its result pickled.
LAUNCHER = """
import os, pickle
from pathlib import Path
from hydra.core.config_store import ConfigStore
from hydra.core.utils import run_job
from hydra.plugins.launcher import Launcher

class ForkLauncher(Launcher):
    def setup(self, *, hydra_context, task_function, config):
        self.context, self.task, self.config = hydra_context, task_function, config

    def launch(self, job_overrides, initial_job_idx):
        folder = Path(self.config.hydra.sweep.dir)
        (folder / ".forked").mkdir(parents=True, exist_ok=True)
        returns = []
        for number, overrides in enumerate(job_overrides):
            read, write = os.pipe()
            child = os.fork()
            if not child:
              try:
                job = self.context.config_loader.load_sweep_config(self.config, list(overrides))
                done = run_job(task_function=self.task, config=job, job_dir_key="hydra.sweep.dir",
                               job_subdir_key="hydra.sweep.subdir", hydra_context=self.context,
                               configure_logging=False)
                with os.fdopen(write, "wb") as file:
                    file.write(pickle.dumps(done))
              finally:
                os._exit(0)
            os.close(write)
            with os.fdopen(read, "rb") as file:
                returns.append(pickle.loads(file.read()))
            os.waitpid(child, 0)
        return returns

ConfigStore.instance().store(
    group="hydra/launcher", name="fork", node={"_target_": "hydra_plugins.fork.ForkLauncher"}, provider="test"
)
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where the cache is, and a current folder beside it."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "it's a cache"))
    return tmp_path


def answer(monkeypatch, codes: dict[int, int]) -> list[int]:
    """Lets runs return what `codes` has for their batch; gives the batches that ran here."""
    seen = []

    def task(composed):
        seen.append(composed.batch)
        return codes[composed.batch]

    monkeypatch.setattr("render.run.command._render", task)
    return seen


@pytest.mark.parametrize(
    ("words", "batches"),
    [
        (["--multirun", "batch=1,2,3"], [1, 2, 3]),
        (["hydra.mode=MULTIRUN", "batch=2"], [2]),
        (["batch=2", "gap=1", "-m"], [2]),
    ],
)
def test_nothing_of_hydras_own_is_left_in_the_current_folder(home, monkeypatch, words, batches):
    seen = answer(monkeypatch, {1: 0, 2: 2, 3: 0})
    done = call(*words)
    assert (done.code, seen) == (2, batches)
    assert list((home / "work").iterdir()) == []
    assert (home / "it's a cache" / "smpl-render" / "multirun" / "multirun.yaml").is_file()


def test_who_names_another_folder_has_the_notes_there(home, monkeypatch):
    answer(monkeypatch, {1: 0, 2: 0})
    assert call("-m", "batch=1,2", "hydra.sweep.dir=notes").code == 0
    assert (home / "work" / "notes" / "multirun.yaml").is_file()


def test_jobs_of_another_process_tell_the_exit_code(home, monkeypatch):
    plugins = home / "plugins" / "hydra_plugins"
    plugins.mkdir(parents=True)
    (plugins / "fork.py").write_text(textwrap.dedent(LAUNCHER))
    monkeypatch.syspath_prepend(str(plugins.parent))
    # Hydra has looked for its plugins before.
    Plugins.instance().register(importlib.import_module("hydra_plugins.fork").ForkLauncher)
    # What is worst comes first or last; that all went well is told like any other code.
    for codes, code in (({1: 0, 2: 2}, 2), ({1: 1, 2: 2}, 1)):
        seen = answer(monkeypatch, codes)
        done = call("-m", "batch=1,2", "hydra/launcher=fork")
        assert (done.code, seen) == (code, [])
        assert "Traceback" not in done.err
    assert list((home / "work").iterdir()) == []


def test_a_signal_ends_all_of_them(home, monkeypatch):
    seen = answer(monkeypatch, {1: 0, 2: 128 + signal.SIGINT, 3: 0})
    assert call("-m", "batch=1,2,3").code == 130
    assert seen == [1, 2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-m", "opacity=0.5,half"], "opacity: expected a number"),
        (["-m", "panel=camera/geo,side/geo"], "panel: no such setting; did you mean panels?"),
        (["-m", "batch=1", "hydra/launcher=nowhere"], "hydra/launcher: there is no 'nowhere'"),
    ],
)
def test_what_is_refused_is_refused_in_one_line_before_any_run(home, monkeypatch, words, message):
    seen = answer(monkeypatch, {})
    done = call(*words)
    assert (done.code, seen) == (1, [])
    assert done.err.startswith(message)
    assert "Traceback" not in done.err


def test_the_worst_tells():
    assert worst([]) == worst([0, 0]) == 0
    assert worst([0, 2, 0]) == 2
    assert worst([2, 1, 2]) == 1
    assert worst([1, 130, 2]) == 130
    assert worst([130, 143, 1]) == 143
