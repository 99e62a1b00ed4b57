"""Every setting: its key, what kind of value it takes, and what it is, as the schema's docstrings have it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from inspect import cleandoc
from typing import Any, get_args, get_origin, get_type_hints

from render.config.dataset import DatasetConfig, DemoDataset, FilesDataset
from render.config.groups import BodyConfig, ExecutorConfig, JobConfig, OutputConfig, make_output_node
from render.config.schema import Config
from render.errors import ConfigError
from render.resources import CONF_DIR
from render.write.format import FORMATS

# The folders of conf/, in the order in which a user chooses from them; a key of that name chooses a file.
GROUPS: dict[str, tuple[type, ...]] = {
    "dataset": (DatasetConfig, FilesDataset, DemoDataset),
    "body": (BodyConfig,),
    "job": (JobConfig,),
    "output": (OutputConfig,),
    "executor": (ExecutorConfig,),
    # Its files give values to settings of a run.
    "preset": (),
}
_TABLE = "a table of texts, such as {a: b}"
_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True)
class Setting:
    """One key that a value can be given for.

    Attributes:
        key: As on the command line, such as `output.dir`.
        kind: What values it takes, in words.
        is_list: Whether it takes several.
        about: What it is.
        is_told: Whether it only tells of a file of conf/ what a user need not change.
    """

    key: str
    kind: str
    is_list: bool
    about: str
    is_told: bool

    @property
    def is_text(self) -> bool:
        """Whether it takes one text, whatever it looks like."""
        return self.kind == _KINDS[str]

    @property
    def is_table(self) -> bool:
        """Whether it takes names with a value each, which may be given one by one."""
        return self.kind == _TABLE

    @property
    def is_number(self) -> bool:
        """Whether it takes one number."""
        return self.kind in (_KINDS[int], _KINDS[float])


@cache
def list_settings() -> dict[str, Setting]:
    """All settings by their keys: those of a run, then those of each group, whatever is chosen there."""
    found = {key: one for key, one in _list_fields("", Config) if key not in GROUPS}
    for group, types in GROUPS.items():
        for kind in types:
            found.update((key, one) for key, one in _list_fields(f"{group}.", kind) if key not in found)
    for name in FORMATS.names:
        try:
            node = make_output_node(name)
            options = FORMATS.load(name).options
        # Of another package, which does not keep others from being used.
        except ConfigError:
            continue
        types_of = get_type_hints(node)
        for option in options:
            key = f"output.{option.name}"
            said = f"{option.low:g} to {option.high:g} with output={name}"
            about = f"{option.about} (0: {option.zero})" if option.zero else option.about
            before = f"{found[key].about}, " if key in found else f"{about}, ".lstrip(", ")
            found[key] = _make(key, types_of[option.name], before + said, is_told=False)
    return found


def list_choices(group: str) -> list[str]:
    """What there is to choose in a group: the files of its folder in conf/, and formats of other packages.

    Args:
        group: One of GROUPS.
    """
    formats = FORMATS.names if group == "output" else ()
    return sorted({path.stem for path in (CONF_DIR / group).glob("*.yaml")} | set(formats))


def _list_fields(prefix: str, node: type) -> list[tuple[str, Setting]]:
    types, about = get_type_hints(node), _read_attributes(node)
    return [
        (
            f"{prefix}{one.name}",
            _make(f"{prefix}{one.name}", types[one.name], about.get(one.name, ""), "told" in one.metadata),
        )
        for one in fields(node)
        if not is_dataclass(types[one.name])
    ]


def _make(key: str, hint: Any, about: str, is_told: bool) -> Setting:
    # `str | None` is text that may be left out.
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
    match get_origin(hint):
        case origin if origin is list:
            many = "texts" if kinds[0] is str else "whole numbers"
            return Setting(key, f"a list of {many}, such as [a, b]", True, about, is_told)
        case origin if origin is dict:
            return Setting(key, _TABLE, False, about, is_told)
        case _:
            return Setting(key, _KINDS[kinds[0]], False, about, is_told)


def _read_attributes(node: type) -> dict[str, str]:
    """What the section `Attributes` of a docstring says of each; nothing where docstrings are left out."""
    section = cleandoc(node.__doc__ or "").partition("Attributes:\n")[2]
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()).rstrip(".") for name, text in found}
