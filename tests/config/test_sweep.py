"""Every key of the configuration with what it does not take: refused in one line that names it, or taken."""

import pickle
import re
from functools import cache
from unittest import mock

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from render.config.keys import GROUPS, list_settings
from render.config.load import REFUSED_BY, compose_settings, load_config
from render.config.refusals import refuse
from render.config.schema import Config
from render.config.words import read_words
from render.errors import ConfigError, RenderError
from tests.helpers.commands import call
from tests.helpers.runs import run

# Wrong types, nothing, extremes, and what is meant for other grammars.
# fmt: off
# Wrong types, nothing, extremes, foreign values: of every key.
VALUES = [
    *("", "null", "???", "true", "[1]", "[[a]]", "{a: 1}", "[a", ")", "0", "-1", "2.5", "1e999", "nan", "9" * 30, "9" * 5000),
    *("a,b", "~", "#ff8800", "'", "\0", "a\nb", "${nothing}", "${oc.env:NO_SUCH}", "${panels}", "choice(1,2)"),
]
# And of a key of each kind what else people and programs write.
MORE_VALUES = [
    *(" ", "None", "[]", "[null]", "{}", "a]", "{", "1", "inf", "-1e999", "0x10", "1_000", "1,5", "70%", "+3", "٣", "1e-400"),
    *("-" + "9" * 30, "x" * 5000, "[" * 300, "(" * 300, "[" + "a," * 300 + "a]", "a b", "a=b", "a:b", "a/b", "/", ".."),
    *("~root/x", "%s", "{0}", "$HOME", "`id`", "; id", '"', "''", "'a", "\\", "\\'", "a\\", "'a' 'b'", "\t", "\x1b[31m", "é"),
    *("\udcff", "漢" * 400, "${", "${}", "${oc.env:}", "${nothing:1}", "${dataset}", "${.}", "range(1,3)", "glob(*)", "int(3)"),
    *("str(3)", "json_str(1)", "../../etc/passwd", "http://x/y", "C:\\x", "camera/geo", "[camera/geo/photo/x]", "[camera]"),
    *("[nothing/geo]", "png", "JPG", "cuda:99999", "cuda:-1", "1/0", "1:2:0"),
]
KINDS = ("background", "panels", "opacity", "threads", "output.dir")
# fmt: on
# Files need not be there for their names to be settings.
EFT = ("dataset=eft", "dataset.fit_file=a.json", "dataset.image_dir=b")


def choose(key: str) -> tuple[str, ...]:
    """A dataset and an output that have the key."""
    if key in ("dataset.root", "dataset.count", "dataset.seed"):
        return ()
    return (*EFT, *(["output=gif"] if key == "output.fps" else []))


@cache
def compose_chosen(words: tuple[str, ...]) -> bytes:
    return pickle.dumps(compose_settings(list(words)))


def set_one(key: str, value: str) -> Config:
    """As Hydra sets it, which takes too long to be called for each."""
    composed = pickle.loads(compose_chosen(choose(key)))
    (word,) = read_words([f"{key}={value}"])
    try:
        (override,) = OverridesParser.create().parse_overrides([word])
        # Hydra's own message is looked at below.
        if override.is_sweep_override():
            raise ConfigError(f"{key}: a sweep")
        OmegaConf.update(composed, key, override.value(), merge=True)
    except (*REFUSED_BY, ValueError) as error:
        raise refuse(error, [word]) from error
    return load_config(composed)


def find_refusal(word: str) -> str:
    """What is said of a word by Hydra's own way; nothing where it is taken."""
    try:
        load_config(compose_settings([word]))
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("key", list_settings())
def test_every_value_is_taken_or_refused_in_one_line(key):
    # All values for a key of each kind; of the others each takes a fifth, its neighbours the rest.
    place = list(list_settings()).index(key)
    for value in VALUES + MORE_VALUES if key in KINDS else VALUES[place % 5 :: 5]:
        try:
            assert isinstance(set_one(key, value), Config)
            said = key
        except ConfigError as error:
            said = str(error)
        # Settings without a value come with the advice on where the photos are.
        assert "\n" not in said or said.startswith("settings without a value"), (value, said)
        assert len(said) < 5000, (value, said)
        # Formats and how many frames they hold are judged together.
        parts = (key.rpartition(".")[2], key.partition(".")[0], "output")
        # The panels of jobs are written with it.
        parts += ("job.panels",) if key in ("look", "crowd_look") else ()
        assert any(name in said for name in parts) or "4300 digits" in said, (value, said)


@pytest.mark.parametrize("value", ["[a", "9" * 5000, "${panels}", "1,2"])
@pytest.mark.parametrize("key", ["batch", "panels"])
def test_hydra_itself_says_no_more(key, value):
    """All the way, for some of each kind."""
    for sign in ("", "+", "++"):
        said = find_refusal(f"{sign}{key}={value}")
        assert "\n" not in said or said.startswith("settings without a value"), said
        assert len(said) < 1000, said


FORMS = ["~{}", "{}", "-{}", "--{}", "{}.x=1", "{}/x=1", "{}@x=1", "{}[0]=1", "+{}.x=1", "={}", "{}=="]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_word_is_taken_or_refused_in_one_line(form):
    for key in ("panels", "output.dir"):
        said = find_refusal(form.format(key))
        assert "\n" not in said or said.startswith("settings without a value"), said


# Those that a run opens, and so refuses later than the settings are read.
OPENED = ["dataset.fit_file", "dataset.image_dir", "body.path", "output.dir", "dataset.root"]


@pytest.mark.parametrize("key", OPENED)
def test_paths_of_no_use_are_refused_before_anything_is_drawn(key, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    drawn = mock.Mock(side_effect=AssertionError("a sheet was drawn"))
    monkeypatch.setattr("render.run.executor.ThreadExecutor.run", drawn)
    words = [*choose(key), *([] if key == "output.dir" else [f"output.dir={tmp_path}/sheets"])]
    for value in ("漢" * 400, "/dev/null/x"):
        with pytest.raises(RenderError):
            run(*words, f"{key}={value}")
    # By the command, whose own start takes longer than all this.
    done = call(*words, f"{key}=/proc/version")
    assert done.code == 1, done
    assert "Traceback" not in done.err
    assert re.search(r"^ERROR: ", done.err, re.MULTILINE), done.err
    assert not list(tmp_path.rglob("*.jsonl"))


NO_NAMES = ("", "null", "JPG", "9", "a,b", "../x", "x/y", "~", "${panels}", "[a]", "{a: 1}", "é", ".")


def test_groups_are_chosen_by_names_that_there_are():
    # Each group takes a third.
    for k, group in enumerate(GROUPS):
        for value in NO_NAMES[k % 3 :: 3]:
            said = find_refusal(f"{group}={value}")
            assert "\n" not in said
            assert len(said) < 1000
