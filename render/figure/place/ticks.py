"""Round numbers along a colour bar, as many as there is room for."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, isfinite, log10

from render.errors import ConfigError
from render.types.figure.content import BarContent

_STEPS = (1.0, 2.0, 2.5, 5.0)
# More numbers than that are more than a reader wants.
_MOST = 7
# As a share of a step.
_NEAR = 0.35


def choose_ticks(bar: BarContent, fits: Callable[[list[tuple[float, str]]], bool]) -> list[tuple[float, str]]:
    """The numbers that a bar shows.

    Args:
        bar: The bar.
        fits: Takes ticks, and says whether their labels have room beside one another.

    Returns:
        Of each tick its place, 0 at the low end to 1 at the high end, and its label. Both ends are among
        them, and between them multiples of 1, 2, 2.5 or 5 times a power of ten.

    Raises:
        ConfigError: The bar has no length, or not even its ends have room.
    """
    span = bar.high - bar.low
    if not isfinite(span) or span <= 0:
        raise ConfigError(
            f"colour bar: expected a low end below a high one, found {bar.low:g} and {bar.high:g}"
        )
    ends = [(0.0, _write(bar.low)), (1.0, ("≥ " if bar.is_clamped else "") + _write(bar.high))]
    power = floor(log10(span)) - 1
    steps = [step * 10.0**exponent for exponent in range(power, power + 3) for step in _STEPS]

    def is_uneven(step: float) -> bool:
        return not (_is_multiple(bar.low, step) and _is_multiple(bar.high, step))

    for step in sorted(steps, key=is_uneven):
        ticks = _between(bar, ends, step)
        if len(ticks) <= _MOST and fits(ticks):
            return ticks
    if not fits(ends):
        raise ConfigError("colour bar: its numbers have no room; use a greater width or a smaller note_pt")
    return ends


def _between(bar: BarContent, ends: list[tuple[float, str]], step: float) -> list[tuple[float, str]]:
    span = bar.high - bar.low
    numbers = [k * step for k in range(ceil(bar.low / step), floor(bar.high / step) + 1)]
    # One that is near to an end would stand too close to it.
    near = _NEAR * step
    inner = [number for number in numbers if bar.low + near < number < bar.high - near]
    return [ends[0], *(((number - bar.low) / span, _write(number)) for number in inner), ends[1]]


def _is_multiple(number: float, step: float) -> bool:
    # Multiples of a tenth are none in binary.
    return abs(number / step - round(number / step)) < 1e-6


def _write(number: float) -> str:
    # A step of 0.1 gives 0.30000000000000004; a true minus is as wide as a plus.
    return f"{number:.7g}".replace("-", "\N{MINUS SIGN}")
