"""The words of the command that are no settings of a run."""

from __future__ import annotations

from dataclasses import dataclass

from render.errors import ConfigError

LIVE, EXPORT = "live", "export"
_LARGEST_PORT = 2**16 - 1


@dataclass(frozen=True)
class ViewOptions:
    """How a viewer shows people.

    Attributes:
        view: `live`, a page that is served until it is stopped, or `export`, files.
        port: Where the page is served; 0 for any that is free.
        shares_stage: Whether all people of a sequence are on one stage, as nobody has said otherwise.
    """

    view: str = LIVE
    port: int = 8080
    shares_stage: bool = True


def take_options(words: list[str]) -> tuple[ViewOptions, list[str]]:
    """The options among the words of a command line, and the words that are left.

    The setting `view` of label sets has other values, and labels have no viewer.

    Args:
        words: After the name of the command.

    Raises:
        ConfigError: A value cannot be.
    """
    view, port, left = LIVE, 8080, []
    for word in words:
        key, equal, value = word.partition("=")
        if equal and key == "view":
            if value not in (LIVE, EXPORT):
                raise ConfigError(f"view: expected {LIVE} or {EXPORT}, found {value[:60]!r}")
            view = value
        elif equal and key == "port":
            is_number = value.isascii() and value.isdigit() and len(value) <= 5
            if not is_number or int(value) > _LARGEST_PORT:
                raise ConfigError(
                    f"port: expected a number up to {_LARGEST_PORT}, or 0 for any that is free, found "
                    f"{value[:60]!r}"
                )
            port = int(value)
        else:
            left.append(word)
    told = {word.partition("=")[0].lstrip("+") for word in left}
    if "output.dir" not in told:
        left.append("output.dir=outputs/${dataset.name}/view")
    return ViewOptions(view, port, not told & {"people", "job"}), left
