"""Groups of people in which one of two fits may be better than in others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.review.table import Values

# Of the surface, the mean of both; beside it is a hand or a foot that is cut off.
MOST_OUTSIDE = 0.05
# Fewer people are not parted by their size.
LEAST_SIZES = 6


@dataclass(frozen=True)
class Stratum:
    """Some people.

    Attributes:
        kind: What parts them from others: size, truncation or company.
        name: Who they are.
        people: (N,) bool, which of all.
    """

    kind: str
    name: str
    people: np.ndarray


def list_strata(values: Values) -> list[Stratum]:
    """The groups of people by their size on the photo, by whether they are cut off, and by their company.

    Args:
        values: Of all people, as `spell_values` gives them.
    """
    found = []
    sizes = values.take("size_px")
    known = sizes[np.isfinite(sizes)]
    if len(known) >= LEAST_SIZES:
        low, high = np.quantile(known, [1 / 3, 2 / 3])
        found += [
            Stratum("size", f"smallest third, up to {low:.0f} px", sizes <= low),
            Stratum("size", f"middle third, up to {high:.0f} px", (sizes > low) & (sizes <= high)),
            Stratum("size", f"largest third, above {high:.0f} px", sizes > high),
        ]
    outside = (values.take("a_outside") + values.take("b_outside")) / 2
    found += [
        Stratum("truncation", "whole", outside <= MOST_OUTSIDE),
        Stratum("truncation", f"truncated, over {MOST_OUTSIDE:.0%} outside", outside > MOST_OUTSIDE),
    ]
    people = values.take("people")
    found += [
        Stratum("company", "alone on the photo", people == 1),
        Stratum("company", "among others", people > 1),
    ]
    return [one for one in found if one.people.any()]
