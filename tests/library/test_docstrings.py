"""Docstrings of the public functions and classes have all that the reference shows."""

import inspect
from functools import cache

import griffe
import pytest

import render
from tests.helpers.runs import ROOT

# As mkdocs.yml has them.
OPTIONS = {"returns_multiple_items": False, "returns_named_value": False}
FUNCTIONS = [name for name in sorted(render.__all__) if inspect.isfunction(getattr(render, name))]
CLASSES = [name for name in sorted(render.__all__) if inspect.isclass(getattr(render, name))]
# What every error has.
ERRORS = [name for name in CLASSES if issubclass(getattr(render, name), Exception)]


@cache
def load_package() -> griffe.Module:
    """What the reference is made of. Whoever only looks for tests needs not wait until all of it is read."""
    return griffe.load(
        "render", search_paths=[ROOT], docstring_parser="google", resolve_aliases=True, allow_inspection=False
    )


def find(name: str) -> griffe.Object:
    """The function, class or method of that name, as the reference finds it."""
    thing = getattr(render, name.split(".")[0])
    return load_package()[f"{thing.__module__.removeprefix('render.')}.{name}"]


def read_sections(thing: griffe.Object) -> dict[str, list]:
    """What its docstring has, by kind; griffe's own warnings are faults."""
    assert thing.docstring is not None, thing.path
    sections = thing.docstring.parse("google", warnings=True, **OPTIONS)
    return {section.kind.value: section.value for section in sections}


def list_methods() -> list[str]:
    """Public functions of public classes."""
    return [
        f"{name}.{member}"
        for name in CLASSES
        if name not in ERRORS
        for member, thing in vars(getattr(render, name)).items()
        if not member.startswith("_") and (inspect.isfunction(thing) or isinstance(thing, classmethod))
    ]


METHODS = list_methods()


@pytest.mark.parametrize("name", [*FUNCTIONS, *METHODS])
def test_each_parameter_is_documented(name, caplog):
    function = find(name)
    taken = [one.name.lstrip("*") for one in function.parameters if one.name not in ("self", "cls")]
    told = read_sections(function).get("parameters", [])
    assert [one.name.lstrip("*") for one in told] == taken
    for one in told:
        assert one.description.strip(), one.name
        assert one.description.strip().endswith("."), one.name
        assert one.annotation is not None, one.name
    # Such as a line that is no part of a section.
    assert caplog.text == ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_and_errors_are_documented_with_an_example(name):
    sections = read_sections(find(name))
    assert list(sections) == ["text", "parameters", "returns", "raises", "examples"]
    (result,) = sections["returns"]
    assert result.description.strip().endswith(".")
    assert result.annotation is not None
    for error in sections["raises"]:
        assert str(error.annotation).isidentifier(), error
        assert error.description.strip().endswith(".")


@pytest.mark.parametrize("name", METHODS)
def test_results_of_methods_are_documented(name):
    function = find(name)
    assert ("returns" in read_sections(function)) == (str(function.returns) != "None")


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_says_what_it_is_and_what_it_has(name):
    sections = read_sections(find(name))
    assert sections["text"]
    if name in ERRORS:
        return
    told = {one.name: one.description for one in sections.get("attributes", [])}
    fields = set(getattr(render, name).__annotations__) - {"SHAPES"}
    assert set(told) == fields
    assert all(text.strip().endswith(".") for text in told.values())
