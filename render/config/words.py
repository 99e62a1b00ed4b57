"""The words of a command line: as people write them, made into what Hydra reads, or refused in one line.

Hydra's grammar takes a path with a bracket or a `~` for something else, and says of the commonest slips what
only its authors understand.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from render.config.keys import GROUPS, list_choices, list_settings
from render.errors import ConfigError
from render.files.stores.urls import redact

# The setting that is a table of tables.
FIGURE = "figure"
# Settings that had another name before.
RENAMED = {"draw": "annotate"}
# Hydra's own, and how many words follow them.
_FLAGS = {"-h": 0, "--help": 0, "--hydra-help": 0, "--version": 0, "--resolve": 0, "-r": 0, "--run": 0}
_FLAGS |= {"-m": 0, "--multirun": 0, "-sc": 0, "--shell-completion": 0, "-i": 0, "--info": 0}
_FLAGS |= {"-c": 1, "--cfg": 1, "-p": 1, "--package": 1, "-cd": 1, "--config-dir": 1}
_MULTIRUN = ("-m", "--multirun", "hydra.mode=MULTIRUN")
# Those that a word may follow.
_MAY_TAKE_ONE = ("-i", "--info", "-sc", "--shell-completion")
_SHOWN_BY = {"-c", "--cfg"}
# What must follow a flag.
_EXPECTED = dict.fromkeys(_SHOWN_BY, r"job|hydra|all")
_EXPECTED |= dict.fromkeys(("-sc", "--shell-completion"), r"(install|uninstall|query)=\w+")
# Of characters. No path that can be opened is longer, and interpolations stand in numbers, too.
_MOST_OF_A_TEXT, _MOST_OF_A_LIST, _MOST_OF_A_NUMBER = 4096, 1 << 16, 256
# In messages.
_MOST_SHOWN = 60
# As shells know them, and as text programs make them.
_QUOTES = "'\"\u2018\u2019\u201c\u201d"


def is_multirun(words: list[str]) -> bool:
    """Whether they ask for several runs, in which commas separate values that each have a run."""
    return any(word in _MULTIRUN for word in words)


def read_words(words: list[str]) -> list[str]:
    """The words as Hydra is to read them: what is text is quoted, and a single value is a list of one.

    Args:
        words: Of the command line, after the name of a command.

    Raises:
        ConfigError: One of them cannot be meant.
    """
    has_sweeps = is_multirun(words)
    read, follow = [], 0
    for k, word in enumerate(words):
        if follow:
            follow -= 1
        elif word.startswith("-"):
            follow = _check_flag(word, words[k + 1 : k + 2])
            if word == "--resolve" and not _SHOWN_BY & {one.partition("=")[0] for one in words}:
                raise ConfigError("--resolve: expected --cfg job before it, whose output it is for")
        elif "=" in word or not k or words[k - 1] not in _MAY_TAKE_ONE:
            word = _read_setting(word, words[k + 1 :], has_sweeps)
        read.append(word)
    return read


def show(value: str) -> str:
    """A value of the command line in a message, whatever is in it, without passwords of URLs."""
    value = redact(value)
    text = value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}... ({len(value)} characters)"
    return repr(text)


def suggest(key: str) -> str:
    """Settings whose names are close to one that there is not."""
    known = [one for one in (*list_settings(), *GROUPS) if one != key]
    # Who writes the last part alone may mean the whole, and the other way round.
    last = key.rpartition(".")[2]
    close = [one for one in known if "." in key and one.startswith(key)]
    close = close or [one for one in known if one.rpartition(".")[2] == last]
    close = close or get_close_matches(key.lower().replace("-", "_"), known, n=1, cutoff=0.7)
    return f"; did you mean {' or '.join(close)}?" if close else ". smpl-render --help lists them"


def _check_flag(word: str, next_words: list[str]) -> int:
    """How many words follow a flag of Hydra's; refuses others."""
    name, equal, value = word.partition("=")
    expected = _EXPECTED.get(name)
    if expected and not re.fullmatch(expected, value if equal else next(iter(next_words), "")):
        choice = "job, hydra or all" if name in _SHOWN_BY else "install=bash, uninstall=bash or query=bash"
        raise ConfigError(f"{name}: expected {choice} behind it")
    if name in _FLAGS:
        return 0 if equal else _FLAGS[name]
    key = name.lstrip("-").replace("-", "_")
    if key in list_settings() or key in GROUPS or key in RENAMED:
        value = value if equal else next((one for one in next_words if "=" not in one), "...")
        raise ConfigError(f"{name}: settings are written without dashes: {RENAMED.get(key, key)}={value}")
    close = get_close_matches(name, _FLAGS, n=1)
    hint = f"; did you mean {close[0]}?" if close else f"{suggest(key)}"
    raise ConfigError(f"{show(name)}: there is no such option{hint}")


def _read_setting(word: str, rest: list[str], has_sweeps: bool) -> str:
    unsigned = word.lstrip("+~")
    sign = word.removesuffix(unsigned)
    key, equal, value = unsigned.partition("=")
    if key in RENAMED:
        new = RENAMED[key]
        raise ConfigError(f"{key}: this setting is called {new}; write {new}={value}")
    if not key:
        raise ConfigError(f"{show(word)}: expected key=value")
    if not equal:
        if sign.startswith("~"):
            if key in list_settings() or key in GROUPS:
                raise ConfigError(_explain_removal(key))
            return word
        raise ConfigError(_explain_no_value(word, rest))
    is_figures = key.partition(".")[0] == FIGURE
    if is_figures and not re.fullmatch(r"\w+(\.[\w-]+)*", key):
        raise ConfigError(
            f"{show(key)}: expected names joined by points, such as figure.zoom.at; other names, and single "
            f"items of lists, go into the file of figure=FILE"
        )
    if key == FIGURE and not value.startswith("{"):
        # The file stands for all of it.
        key = f"{FIGURE}.file"
    setting = list_settings().get(key)
    # Of a figure tables have tables.
    table = list_settings().get(FIGURE if is_figures and key != FIGURE else key.rpartition(".")[0])
    if table is not None and table.is_table and "~" not in sign:
        # An entry that there is or that is new, which are two things to Hydra.
        # Of figures these are YAML, as in their files; see `declare_figure`.
        marks = "$" if is_figures else ("{", "[", "$")
        is_swept = has_sweeps and re.search(r"[,(]", value)
        is_text = value and not value.startswith(marks) and not is_swept
        is_word = is_figures and value in ("true", "false", "null")
        return f"++{key}={_quote(value) if is_text and not _is_number(value) and not is_word else value}"
    if setting is None:
        _check_key(key, sign)
        return word
    if "~" in sign:
        raise ConfigError(_explain_removal(key))
    most = _MOST_OF_A_TEXT if setting.is_text else _MOST_OF_A_NUMBER if setting.is_number else _MOST_OF_A_LIST
    if len(value) > most:
        raise ConfigError(
            f"{key}: expected {setting.kind}, in at most {most} characters, found {len(value)}: {show(value)}"
        )
    if setting.is_list:
        value = _read_list(key, value, rest, has_sweeps)
    elif setting.is_text and not (has_sweeps and re.search(r"[,(]", value)):
        value = _quote(value)
    return f"{sign}{key}={value}"


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[+-]?\d{1,20}(\.\d{1,20})?", value) is not None


def _check_key(key: str, sign: str) -> None:
    """Refuses keys that are no setting, nor Hydra's."""
    # Hydra's own, packages of Hydra's groups, and what is added, of which the schema is the judge.
    is_hydras = key in GROUPS or key.startswith(("hydra.", "hydra/")) or sign or set(key) & set("@/:$")
    if not is_hydras:
        raise ConfigError(f"{show(key)[1:-1]}: no such setting{suggest(key)}")


def _read_list(key: str, value: str, rest: list[str], has_sweeps: bool) -> str:
    if value.startswith("["):
        joined = value
        for word in rest:
            if joined.count("[") <= joined.count("]"):
                break
            joined = f"{joined} {word}"
        if joined != value:
            # The shell has taken the list apart.
            raise ConfigError(f"{key}: a list with spaces needs quotes; write {key}='{joined}'")
        return value
    if not value or value.startswith(("{", "${")) or value.lower() == "null":
        return value
    if has_sweeps:
        # A run with each; of what has brackets of any kind Hydra is the judge.
        return value if set("()[]{}" + _QUOTES) & set(value) else f"[{value.replace(',', '],[')}]"
    # What people put around several, and between them.
    parts = [part.strip(_QUOTES) for part in re.split(r"[\s,;]+", value.strip("()" + _QUOTES))]
    parts = [part for part in parts if part]
    if len(parts) > 1:
        raise ConfigError(f"{key}: several are written as a list; write {key}='[{', '.join(parts)}]'")
    return f"[{''.join(parts)}]" if not set("[]") & set(value) else value


def _quote(value: str) -> str:
    """Text for Hydra, which takes brackets, commas, `~` and others for its own where there are no quotes."""
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    # What is to have no value, such as a file that there is not.
    if is_quoted or value.lower() == "null":
        return value
    # Hydra takes a backslash for itself only before a quote, and at the end.
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), value)
    return f"'{escaped}'"


def _explain_removal(key: str) -> str:
    return f"~{key}: a setting cannot be taken out; leave the word out, and it is as it is without"


def _explain_no_value(word: str, rest: list[str]) -> str:
    said = f"{show(word)}: expected key=value"
    key, _, value = word.partition(":")
    if value and (key in list_settings() or key in GROUPS):
        return f"{said}; write {key}={value}"
    if word in ("help", "version"):
        return f"{said}; did you mean --{word}?"
    if word in ("render", "run"):
        return f"{said}; what renders needs no command: smpl-render ..."
    key = word.rstrip(":")
    if key in list_settings() or key in GROUPS:
        value = next((part for part in rest if part != "="), "...").lstrip("=")
        return f"{said} without spaces; write {key}={value}"
    groups = [group for group in GROUPS if word in list_choices(group)]
    if groups:
        return f"{said}; did you mean {' or '.join(f'{group}={word}' for group in groups)}?"
    if word in ("doctor", "download", "merge", "view"):
        return f"{said}; the command comes first: smpl-render {word} ..."
    return f"{said}; a value with spaces needs quotes"
