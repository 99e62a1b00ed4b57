"""Names of things: those of modules, in a folder and in those below it."""

import sys

import pytest

from render.fits.reader import READERS
from render.registry import Registry


@pytest.fixture
def registry(tmp_path, monkeypatch):
    for name in ("plain", "below/deep", "below/_3d"):
        path = tmp_path / f"things_of_tests/{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'"""What {name} is."""\n\nTHING = "{name}"\n')
        (path.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield Registry("thing", "no.such.group", "things_of_tests", "THING", first=("plain",))
    for name in [name for name in sys.modules if name.startswith("things_of_tests")]:
        del sys.modules[name]


def test_a_name_is_its_modules_wherever_it_lies(registry):
    assert registry.names == ("plain", "3d", "deep")
    assert [registry.load(name) for name in registry.names] == ["plain", "below/_3d", "below/deep"]
    assert registry.describe("3d") == "What below/_3d is."
    assert registry.identify("3d") is None


def test_formats_are_called_as_people_call_them():
    assert {"3dpw", "amass", "emdb", "mcs", "smpl"} <= set(READERS.names)
