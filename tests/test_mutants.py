"""The faults that `make mutants` makes are what they are meant to be, and each still is a program."""

import ast
from pathlib import Path

import pytest

from render.resources import ROOT
from tests.mutants.faults import list_faults

SOURCE = '''"""A text with 1 number."""

import os


def pick(a: int = 0, b: float = 2.5) -> int:
    if a < b and not os.path.exists("x"):
        return min(a, 1) + (b) * 3
    raise ValueError(f"expected less than {1}, found {a + b}")
'''


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "source.py"
    path.write_text(SOURCE)
    return path


def test_each_kind_of_fault_is_made_once(source):
    changes = {(fault.old, fault.new) for fault in list_faults(source)}
    assert changes == {
        ("0", "1"),
        ("2.5", "5.0"),
        ("<", "<="),
        ("and", "or"),
        ('not os.path.exists("x")', 'os.path.exists("x")'),
        ("min", "max"),
        ("1", "2"),
        ("+", "-"),
        ("*", "/"),
        ("3", "4"),
    }


def test_every_fault_leaves_a_program_that_differs(source):
    whole = ast.dump(ast.parse(SOURCE))
    for fault in list_faults(source):
        assert ast.dump(ast.parse(fault.apply(SOURCE))) != whole, fault


def test_faults_of_the_package_are_programs_too():
    for path in sorted((ROOT / "render" / "sheet").glob("*.py")):
        text = path.read_text()
        for fault in list_faults(path):
            ast.parse(fault.apply(text))
