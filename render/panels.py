"""Panels as the user writes them: view/mode, or view/mode/background."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from render.errors import ConfigError
from render.shade import MODES
from render.views import VIEWS

BACKGROUNDS = ("photo", "white")


@dataclass(frozen=True)
class PanelSpec:
    """What a panel shows; where it lies on the sheet comes with the photo."""

    view: str
    mode: str
    background: str


def parse_panel(text: str) -> PanelSpec:
    """Reads `camera/geo` or `camera/geo/white`.

    Without a background, views over the photo have the photo and others white. Raises ConfigError naming the
    part that is not known and what there is.
    """
    parts = text.split("/")
    if len(parts) not in (2, 3):
        raise ConfigError(
            f"panels: expected view/mode or view/mode/background, such as camera/geo, found {text!r}"
        )
    view, mode = parts[0], parts[1]
    _check_name(text, "view", view, tuple(VIEWS))
    _check_name(text, "mode", mode, MODES)
    over_photo = VIEWS[view].over_photo
    background = parts[2] if len(parts) == 3 else ("photo" if over_photo else "white")
    _check_name(text, "background", background, BACKGROUNDS)
    if background == "photo" and not over_photo:
        raise ConfigError(f"panels: {text!r}: the photo does not show what the view {view!r} sees; use white")
    return PanelSpec(view, mode, background)


def _check_name(text: str, kind: str, name: str, known: tuple[str, ...]) -> None:
    if name in known:
        return
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ConfigError(f"panels: {text!r}: no {kind} {name!r}{hint} There are: {', '.join(known)}")
