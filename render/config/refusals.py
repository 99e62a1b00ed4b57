"""What Hydra and OmegaConf refuse, in one line that names the setting."""

from __future__ import annotations

import re
from difflib import get_close_matches

from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    GrammarParseError,
    InterpolationKeyError,
    InterpolationResolutionError,
    OmegaConfBaseException,
)

from render.config.keys import GROUPS, list_choices, list_settings
from render.config.words import FIGURE, show, suggest
from render.errors import ConfigError
from render.sheet.backgrounds import COLOURS_RGB


def refuse(error: Exception, words: list[str] | tuple[str, ...] = ()) -> ConfigError:
    """What there is to be said of an exception.

    Args:
        error: Hydra's or OmegaConf's.
        words: Of the command line.
    """
    if isinstance(error, RecursionError):
        return ConfigError(f"settings: {_explain_interpolation(error)}")
    cause = _find_cause(error)
    if isinstance(error, OverrideParseException):
        key, equal, value = error.override.lstrip("+~").partition("=")
        if equal and key.startswith(f"{FIGURE}."):
            return ConfigError(
                f"{key}: expected text, a number, or a list or table such as '[{{row: 12, label: Walk}}]', "
                f"found {show(value)}; what it does not hold goes into the file of {FIGURE}=FILE"
            )
        if equal and key in list_settings():
            return ConfigError(_explain_value(key, value))
        if equal and key in GROUPS:
            return ConfigError(f"{key}: there is no {show(value)}. There are: {', '.join(list_choices(key))}")
        said = f"it cannot be read: {_join(error.message.splitlines()[0])}"
        return ConfigError(f"{show(error.override)[1:-1]}: {said}")
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return ConfigError(_explain_choice(error))
    if isinstance(cause, InterpolationKeyError | InterpolationResolutionError | GrammarParseError):
        return ConfigError(f"{_name_key(cause) or 'settings'}: {_explain_interpolation(cause)}")
    added = re.search(r"An item is already at '([^']*)'", str(error))
    if added:
        return ConfigError(f"{added[1]}: it is a setting already; write {added[1]}=... without +")
    ambiguous = re.match(r"Ambiguous value for argument '([^'=]*)=(.*)'\n", str(error))
    if ambiguous and ambiguous[1] in GROUPS:
        return ConfigError(
            f"{ambiguous[1]}: expected one of {', '.join(list_choices(ambiguous[1]))}, found "
            f"{show(ambiguous[2])}; write --multirun for a run with each"
        )
    # Hydra names the key in a message alone.
    named = re.search(r"(?:Could not override|Ambiguous value for argument) '([^'=]*)", str(error))
    key = named[1] if named else _name_key(cause)
    if isinstance(cause, ConfigKeyError | ConfigAttributeError):
        group = key.partition(".")[0]
        where = f" with the {group} that is chosen" if group in GROUPS else ""
        known = list_settings().get(key)
        said = f"; it is: {known.about}" if known is not None else suggest(key)
        return ConfigError(f"{key}: no such setting{where}{said}")
    if key in list_settings():
        given = (word.partition("=")[2] for word in words if word.lstrip("+").startswith(f"{key}="))
        return ConfigError(_explain_value(key, next(given, None)))
    causes = [_join(str(one)) for one in (error, error.__cause__) if one is not None]
    return ConfigError(f"settings: {': '.join(causes)}")


def _find_cause(error: BaseException) -> BaseException:
    """The exception of OmegaConf's behind one of Hydra's."""
    while error.__cause__ is not None and not isinstance(error, OmegaConfBaseException):
        error = error.__cause__
    return error


def _name_key(error: BaseException) -> str:
    # Of an item of a list, the list's.
    return str(getattr(error, "full_key", None) or "").partition("[")[0]


def _explain_interpolation(error: BaseException) -> str:
    text = _join(str(error).splitlines()[0])
    variable = re.search(r"Environment variable '([^']*)' not found", text)
    if variable:
        return f"the environment variable {variable[1]} is not set. Set it, or write what is meant"
    if "Recursive" in text or isinstance(error, RecursionError):
        return "it is to be taken from a setting that is taken from it. Give one of them a value"
    return f"{text}. Mend what stands between ${{ and }}"


def _explain_value(key: str, value: str | None) -> str:
    setting = list_settings()[key]
    said = f"{key}: expected {setting.kind}"
    if value is None:
        return said
    said = f"{said}, found {show(value)}"
    if key == "page" and (value in ("auto", "transparent", *COLOURS_RGB) or value.startswith("rgb:")):
        # So it was called before.
        return f"{said}; the colour of the paper is paper={value}"
    percent = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?%", value)
    if percent:
        return f"{said}; write {key}={float(percent[1]) / 100:g}"
    colour = re.search(r"#([0-9a-fA-F]{6})", value)
    if colour:
        return f"{said}; colours are written rgb:{colour[1].lower()}"
    if re.fullmatch(r"[+-]?\d+,\d+", value):
        point = f"{key}={value.replace(',', '.')}, or " if setting.kind == "a number" else ""
        return f"{said}; write {point}--multirun for a run with each value"
    return said


def _explain_choice(error: MissingConfigException) -> str:
    # What is given may be a path.
    file = str(error.missing_cfg_file)
    group = next((one for one in GROUPS if file.startswith(f"{one}/")), file.rpartition("/")[0])
    name = file.removeprefix(f"{group}/")
    options = list_choices(group) if group in GROUPS else sorted(error.options or ())
    close = get_close_matches(name.rpartition("/")[2].lower().removesuffix(".yaml"), options, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    there = ", ".join(options) or "none"
    return f"{group or 'config'}: there is no {show(name)}{hint} There are: {there}"


def _join(text: str) -> str:
    return " ".join(text.split())
