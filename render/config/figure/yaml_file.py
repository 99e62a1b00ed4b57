"""The YAML file of a figure, read as data: strangers' files neither run anything nor grow without limit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from render.config.figure.values import show
from render.errors import ConfigError
from render.files.regular import open_regular

MOST_BYTES = 1 << 16
# Of tables and lists within each other; a figure needs five.
MOST_DEPTH = 12


def read_figure_file(path: Path) -> dict[str, Any]:
    """The table in a figure's file.

    Args:
        path: Of the file.

    Raises:
        ConfigError: There is none, it is too large, is no YAML, has a key twice, or has aliases or tags: a
            few lines of aliases stand for more than any memory holds, and tags may name code.
    """
    try:
        with open_regular(path) as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"figure: {path} cannot be read: {error.strerror or error}; check its name"
        ) from error
    if len(content) > MOST_BYTES:
        raise ConfigError(f"figure: {path}: expected at most {MOST_BYTES} bytes of YAML, found more")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"figure: {path}: expected text in UTF-8, found other bytes") from error
    found = read_yaml(text, f"figure: {path}")
    if not isinstance(found, Mapping):
        raise ConfigError(f"figure: {path}: expected a table, such as 'rows: [0, 1]', found no table")
    return dict(found)


def read_yaml(text: str, where: str) -> Any:
    """What a text in YAML says.

    Args:
        text: The text.
        where: It is from, for messages.

    Raises:
        ConfigError: It is no YAML, or has what `read_figure_file` refuses.
    """
    try:
        _check_events(text, where)
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        _check_keys(tree, where)
        return None if tree is None else yaml.SafeLoader("").construct_document(tree)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: no YAML: {_describe(error)}") from error
    # Dates and numbers that there are not, and keys that cannot be any.
    except (ValueError, TypeError, OverflowError) as error:
        raise ConfigError(f"{where}: no YAML: {_join(str(error))}") from error


def _check_events(text: str, where: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise ConfigError(
                f"{where}, line {line}: anchors (&) and aliases (*) are not read; write out what they "
                f"stand for, and texts that begin with such a sign in quotes"
            )
        if getattr(event, "tag", None) is not None:
            raise ConfigError(f"{where}, line {line}: tags (!) are not read; leave them out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_DEPTH:
            raise ConfigError(
                f"{where}, line {line}: expected at most {MOST_DEPTH} tables and lists within each "
                f"other, found more"
            )


def _check_keys(tree: yaml.Node | None, where: str) -> None:
    """Refuses keys that stand twice in a table, of which YAML's readers take the last and say nothing."""
    if isinstance(tree, yaml.SequenceNode):
        for one in tree.value:
            _check_keys(one, where)
    elif isinstance(tree, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, one in tree.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise ConfigError(
                        f"{where}, line {line}: {show(key.value)} stands in line {seen[key.value]} "
                        f"already; leave one of them out"
                    )
                seen[key.value] = line
            _check_keys(one, where)


def _describe(error: yaml.YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
    return f"{where}{_join(str(problem or error))}"


def _join(text: str) -> str:
    return " ".join(text.split())[:200]
