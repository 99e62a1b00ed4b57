"""The page on adding things shows what the tests install, and each group in which things are found."""

import re
import tomllib
from configparser import ConfigParser

from tests.helpers.pages import DOCS
from tests.helpers.runs import ROOT

PAGE = (DOCS / "library" / "extending.md").read_text()
PLUGIN = ROOT / "tests" / "plugin"
# Of the tests' package only: one that cannot be imported.
NOT_SHOWN = {"broken"}


def test_examples_are_the_files_of_the_package_that_the_tests_install():
    shown = dict(re.findall(r'^```python title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
    assert {name: (PLUGIN / name).read_text() for name in shown} == shown
    there = {f"extras/{path.name}" for path in (PLUGIN / "extras").glob("*.py")}
    assert there - set(shown) == {"extras/__init__.py", "extras/broken.py"}


def test_entry_points_are_those_that_the_tests_install():
    said = {}
    for block in re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        for group, names in tomllib.loads(block)["project"]["entry-points"].items():
            said.setdefault(group, {}).update(names)
    installed = ConfigParser()
    installed.read(PLUGIN / "extras-1.0.dist-info" / "entry_points.txt")
    expected = {group: dict(installed[group]) for group in installed.sections()}
    for names in expected.values():
        for name in NOT_SHOWN:
            names.pop(name, None)
    assert said == expected


def test_every_group_of_the_program_is_shown():
    groups = {
        group
        for path in (ROOT / "render").rglob("*.py")
        for group in re.findall(r'"(smpl_render\.\w+)"', path.read_text())
    }
    assert len(groups) >= 10
    assert {group for group in groups if f"`{group}`" not in PAGE} == set()
