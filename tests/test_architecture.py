"""The house: rooms in an order, no imports upwards or in a circle, no room or file too large."""

import ast
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import render

PACKAGE = Path(render.__file__).parent
# A room may import from itself and from those before it. The first have no folder of their own.
ROOMS = (
    "errors",
    "registry",
    "resources",
    "types",
    "files",
    "watch",
    "compute",
    "text",
    "containers",
    "fits",
    "body",
    "metrics",
    "photos",
    "write",
    "rasterize",
    "light",
    "shade",
    "sheet",
    "annotate",
    "labels",
    "review",
    "sanity",
    "library",
    "figure",
    "config",
    "record",
    "gallery",
    "demo",
    "run",
    "viewer",
    "doctor",
    "download",
    "__main__",
    "__init__",
)
MOST_LINES, MOST_FILES, MOST_FILES_ABOVE = 300, 15, 8


@cache
def list_imports(package: Path) -> tuple[tuple[str, str], ...]:
    """Each module and each module of the package that it imports, at the top or inside of functions."""
    return tuple(find_imports(package))


def find_imports(package: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(package.rglob("*.py*")):
        if path.suffix not in (".py", ".pyi"):
            continue
        module = ".".join(path.relative_to(package).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found = [name.name for name in node.names if name.name.startswith("render.")]
            elif isinstance(node, ast.ImportFrom) and node.level == 1:
                found = [f"render.{node.module}"]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "render":
                found = [node.module]
                # `from render.fits import cache` imports a module too.
                inside = PACKAGE.parent / node.module.replace(".", "/")
                found += [f"{node.module}.{n.name}" for n in node.names if (inside / f"{n.name}.py").exists()]
            else:
                continue
            yield from ((module, name.removeprefix("render.")) for name in found if name != "render")


def find_upward(package: Path) -> list[str]:
    """The imports that lead to a later room."""
    order = {room: place for place, room in enumerate(ROOMS)}
    return [
        f"{module} imports {imported}"
        for module, imported in list_imports(package)
        if order[module.split(".")[0]] < order[imported.split(".")[0]]
    ]


def test_every_room_has_its_place_in_the_order():
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    files = {path.stem for path in PACKAGE.glob("*.py")}
    assert rooms | files == set(ROOMS)


def test_nobody_imports_upwards():
    assert find_upward(PACKAGE) == []


def test_an_import_upwards_would_be_found(tmp_path):
    (tmp_path / "body").mkdir()
    lazily = "def pose():\n    from render.run import stop\n"
    (tmp_path / "body" / "skinning.py").write_text(f"from render.types.bodies import Bodies\n\n\n{lazily}")
    assert find_upward(tmp_path) == ["body.skinning imports run", "body.skinning imports run.stop"]


def test_no_imports_go_in_a_circle():
    graph: dict[str, set[str]] = {}
    for module, imported in list_imports(PACKAGE):
        # A package stands for its `__init__`.
        is_package = (PACKAGE / imported.replace(".", "/")).is_dir()
        graph.setdefault(module, set()).add(f"{imported}.__init__" if is_package else imported)
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"these import each other: {' -> '.join(error.args[1])}")
    assert len(order) > 100


def test_each_room_says_what_it_is_for():
    folders = [path.parent for path in PACKAGE.rglob("__init__.py")]
    mute = [
        folder for folder in folders if not ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    ]
    assert mute == []


def test_no_file_is_too_long():
    paths = [path for folder in (PACKAGE, PACKAGE.parent / "tools") for path in folder.rglob("*.py")]
    lengths = {path: len(path.read_text().splitlines()) for path in paths}
    assert {str(path): length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_no_room_has_too_many_files():
    folders = [path for path in PACKAGE.rglob("*") if path.is_dir() and path.name != "__pycache__"]
    counts = {folder: len(list(folder.glob("*.py"))) for folder in folders}
    assert {str(folder): count for folder, count in counts.items() if count > MOST_FILES} == {}
    assert len([path for path in PACKAGE.iterdir() if path.is_file()]) <= MOST_FILES_ABOVE


def test_the_type_checker_passes_over_kernels_and_nothing_else():
    settings = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    (patterns,) = [entry["module"] for entry in settings if entry.get("ignore_errors")]
    kernels, others = set(), set()
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(["render", *path.relative_to(PACKAGE).with_suffix("").parts])
        decorators = ("@wp.kernel", "@wp.func", "@wp.struct")
        (kernels if any(mark in path.read_text() for mark in decorators) else others).add(module)
    passed = {module for module in kernels | others if any(fnmatch(module, one) for one in patterns)}
    assert {module for module in passed if not module.endswith(".__init__")} == kernels
