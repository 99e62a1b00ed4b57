"""The public interface: what it is, and that type checkers see it."""

import ast
from pathlib import Path

import render
from tests.helpers.api import NOTED, describe_api


def test_the_public_names_and_signatures_are_those_that_were_noted():
    assert describe_api() == NOTED.read_text(), "the interface has changed; if that is meant, run make api"


def test_type_checkers_see_the_names_that_there_are():
    stub = ast.parse(Path(render.__file__).with_suffix(".pyi").read_text())
    names = [alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(names) == sorted(render.__all__)
    assert Path(render.__file__).with_name("py.typed").exists()
