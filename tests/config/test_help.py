"""The help names all that there is to choose."""

import re
from dataclasses import fields

import pytest

from render.annotate.annotation import ANNOTATIONS
from render.config.help import GROUPS, build_help
from render.config.schema import Config
from render.rasterize.rasterizer import RASTERIZERS
from render.resources import CONF_DIR
from render.shade.mode import MODES
from render.sheet.backgrounds import BACKGROUNDS
from render.sheet.view import VIEWS


@pytest.fixture(scope="module")
def text() -> str:
    return build_help("batch: 17\n")


@pytest.mark.parametrize(
    "names",
    [VIEWS.names, MODES.names, BACKGROUNDS, ANNOTATIONS.names, RASTERIZERS.names],
    ids=["views", "modes", "backgrounds", "annotations", "rasterizers"],
)
def test_it_names_everything_that_is_found_by_name(text, names):
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("group", GROUPS)
def test_it_names_the_files_of_conf(text, group):
    listed = re.search(rf"^  {group} +(.*)$", text, re.MULTILINE)[1].split(", ")
    assert listed == sorted(path.stem for path in (CONF_DIR / group).glob("*.yaml"))


def test_it_explains_every_setting(text):
    settings = {f.name for f in fields(Config)} - {"dataset", "body", "job", "output"}
    assert [name for name in settings if not re.search(rf"^  {name} |{name}=", text, re.MULTILINE)] == []


def test_it_says_what_each_view_mode_and_annotation_is(text):
    """In the words of its own module."""
    for registry in (VIEWS, MODES, ANNOTATIONS):
        for name in registry.names:
            assert registry.describe(name)
            assert registry.describe(name) in text


def test_it_spells_the_arguments_of_views(text):
    assert re.search(r"^  camera  ", text, re.MULTILINE)
    assert "orbit[:azimuth][:elevation][:ortho]" in text
    assert "crop[:magnification]" in text


def test_it_ends_with_the_settings_of_the_call_and_the_exit_codes(text):
    assert text.index("Settings:") < text.index("batch: 17") < text.index("Exit code: 0")
