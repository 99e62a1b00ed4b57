"""How bodies look: a colour for all of a body, or one of each vertex."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from render.shade.colour_maps import ERRORS_RGB, sample_map
from render.shade.modes.mapped.error import UNKNOWN
from render.shade.palettes import CLAYS_RGB, Rgb
from render.viewer.stages.stage import StagePerson

_CLAY_RGB: Rgb = (0.72, 0.685, 0.64)
# From where colours that stand for something are lit, in the axes of a stage, and what the far side loses.
_LIGHT, _SHADOW = np.array([-0.35, -0.45, -0.82]), 0.18


class Paint(NamedTuple):
    """What a body is painted with.

    Attributes:
        rgb: Of all of it, 0 to 1.
        of_verts: (V, 3) of each vertex, uint8; None where all have the same.
        is_wireframe: Whether only the edges of its faces are shown.
    """

    rgb: Rgb
    of_verts: np.ndarray | None = None
    is_wireframe: bool = False


def _pick_colour(person: StagePerson) -> Rgb:
    return CLAYS_RGB[person.colour % len(CLAYS_RGB)]


def _paint_normals(person: StagePerson) -> Paint:
    # As the mode normal has them: x right, y up, z towards the viewer.
    shown = 0.5 + 0.5 * person.normals * np.array([1.0, -1.0, -1.0])
    return Paint(_CLAY_RGB, _to_bytes(shown))


def _paint_colors(person: StagePerson) -> Paint:
    if person.colors is None:
        return Paint(_CLAY_RGB)
    return Paint(_CLAY_RGB, _to_bytes(person.colors / 255 * _find_shade(person)))


def _paint_errors(person: StagePerson, error_mm: float) -> Paint:
    if person.values is None:
        return Paint(_CLAY_RGB)
    is_known = np.isfinite(person.values)
    shares = np.where(is_known, person.values, 0.0) / error_mm
    colours = np.where(is_known[:, None], sample_map(ERRORS_RGB, shares.clip(0, 1)), UNKNOWN)
    return Paint(_CLAY_RGB, _to_bytes(colours * _find_shade(person)))


def _find_shade(person: StagePerson) -> np.ndarray:
    """(V, 1) a little of form, as the mode error has it; of a viewer all other light is left out."""
    facing = (person.normals @ _LIGHT).clip(0, 1)
    return (1 - _SHADOW * (1 - facing))[:, None]


def _to_bytes(colours: np.ndarray) -> np.ndarray:
    return np.rint(255 * colours.clip(0, 1)).astype(np.uint8)


Painter = Callable[[StagePerson], Paint]

PEOPLE, CLAY = "people", "clay"
# By what the viewer calls them.
LOOKS: dict[str, Painter] = {
    PEOPLE: lambda person: Paint(_pick_colour(person)),
    CLAY: lambda _: Paint(_CLAY_RGB),
    "normals": _paint_normals,
    "wireframe": lambda person: Paint(_pick_colour(person), is_wireframe=True),
}
# Of modes, what in a viewer is nearest to them; for all others clay.
_NEAREST = {"normal": "normals", "error": "errors", "vertexcolor": "colours"}


def list_looks(people: Iterable[StagePerson], error_mm: float) -> dict[str, Painter]:
    """The looks that there are for somebody of these people, by name.

    Args:
        people: Who is to be shown.
        error_mm: Where the scale of errors ends.
    """
    shown = list(people)
    found = dict(LOOKS)
    if any(person.colors is not None for person in shown):
        found["colours"] = _paint_colors
    if any(person.values is not None for person in shown):
        found["errors"] = lambda person: _paint_errors(person, error_mm)
    return found


def choose_look(mode: str, looks: Iterable[str]) -> str:
    """The look that is nearest to a mode of panels.

    Args:
        mode: Its name, as `look=` has it.
        looks: Those that there are.
    """
    found = _NEAREST.get(mode, mode)
    if found in looks:
        return found
    return PEOPLE if mode.startswith("color") else CLAY
