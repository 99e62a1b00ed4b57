"""The help names all that there is to choose."""

import re

import pytest

from render.annotate.annotation import ANNOTATIONS
from render.config.help import build_help
from render.config.keys import GROUPS, list_settings
from render.config.load import compose_settings
from render.fits.reader import READERS
from render.labels.layer import LAYERS, SPECIAL
from render.rasterize.rasterizer import RASTERIZERS
from render.resources import CONF_DIR
from render.shade.mode import MODES
from render.sheet.backgrounds import BACKGROUNDS
from render.sheet.view import VIEWS


@pytest.fixture(scope="module")
def text() -> str:
    return build_help(compose_settings(["batch=17", "look=geo"]))


@pytest.mark.parametrize(
    "names",
    [VIEWS.names, MODES.names, BACKGROUNDS, ANNOTATIONS.names, (*LAYERS.names, *SPECIAL), RASTERIZERS.names],
    ids=["views", "modes", "backgrounds", "annotations", "layers", "rasterizers"],
)
def test_it_names_everything_that_is_found_by_name(text, names):
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("group", GROUPS)
def test_it_names_the_files_of_conf(text, group):
    listed = re.search(rf"^  {group} +(.*)$", text, re.MULTILINE)[1].split(", ")
    assert listed == sorted(path.stem for path in (CONF_DIR / group).glob("*.yaml"))


def test_every_setting_that_a_person_may_change_is_described(text):
    for one in list_settings().values():
        assert one.about, one.key
        # A job may have the name of a setting, and jobs come first.
        shown = re.findall(rf"^  {one.key} +(.*)$", text, re.MULTILINE)[-1:]
        # What files of conf/ tell is no business of who asks for help.
        assert (not shown) == one.is_told
        assert one.is_told or one.about.startswith(shown[0])


def test_no_value_of_what_conf_only_tells_is_shown(text):
    assert "image_source" not in text
    assert "charts_url" not in text


def test_values_are_shown_as_they_will_be(text):
    assert "dir: outputs/demo/overlay" in text
    assert "- camera/geo" in text
    assert "output.fps " in text
    assert "Frames a second (0: the sequence's own, else 25), 0.01 to 50 with output=gif" in text


def test_interpolations_that_lead_nowhere_are_shown_as_written():
    assert "dir: ${oc.env:NO_SUCH_VARIABLE}" in build_help(
        compose_settings(["output.dir=${oc.env:NO_SUCH_VARIABLE}"])
    )


def test_it_says_what_each_view_mode_and_annotation_is(text):
    """In the words of its own module."""
    for registry in (VIEWS, MODES, ANNOTATIONS, LAYERS):
        for name in registry.names:
            assert registry.describe(name)
            assert registry.describe(name) in text


def test_it_spells_the_arguments_of_views(text):
    assert re.search(r"^  camera  ", text, re.MULTILINE)
    assert "orbit[:azimuth][:elevation][:ortho]" in text
    assert "crop[:magnification]" in text


def test_it_spells_the_types_of_layers(text):
    assert re.search(r"^  depth:16\|half\|float +Distance from the camera's plane", text, re.MULTILINE)
    assert re.search(r"^  keypoints +The joints", text, re.MULTILINE)


def test_it_ends_with_the_settings_of_the_call_and_the_exit_codes(text):
    assert text.index("Settings, key=value:") < text.index("batch: 17") < text.index("Exit code: 0")


def test_each_format_is_in_the_help_and_in_the_documentation_with_its_command(text):
    """By the datasets whose fit file is the user's own; each format of ours has one."""
    page, formats = (CONF_DIR.parent / "docs" / "data" / "formats.md").read_text(), set()
    texts = {path.stem: path.read_text() for path in (CONF_DIR / "dataset").glob("*.yaml")}
    for name, said in texts.items():
        # Presets of meshes are those with options of their own.
        own = texts["meshes"] if "\n  - meshes\n" in said else said
        # The demo set has no fit file, and those of EFT's releases have theirs.
        if "\nfit_file: ???\n" not in own:
            continue
        formats.add(re.search(r"^format: (\w+)$", own, re.MULTILINE)[1])
        assert re.search(rf"^  {name} +\w", text, re.MULTILINE), name
        assert re.search(rf"`dataset={name}[ `]|`{name}`", page), name
    assert formats == {"auto", *READERS.names}
