"""Whether another body model fits better than the one that people are posed with."""

from __future__ import annotations

from collections import Counter

import numpy as np

from render.review.audit.causes.cause import FEWEST, Cause, take_known
from render.review.measures.hypotheses import OTHER_BODIES
from render.review.table import Values

# Of the people who were posed with others, so many must fit better, and the median so many times: the best of
# several bodies fits a little better by chance.
SHARE, GAIN = 0.8, 1.15
_MOST_GAIN = 100.0


def find_wrong_body(values: Values) -> list[Cause]:
    """Whether most of the people who were posed with other bodies too fit those better."""
    error, other = take_known(values, "reprojection"), take_known(values, "if_other_body")
    body = take_known(values, "other_body")
    known = np.isfinite(error) & np.isfinite(other) & np.isfinite(body)
    is_better = known & (other < error)
    count, of = int(is_better.sum()), int(known.sum())
    if count < max(FEWEST, SHARE * of):
        return []
    gain = float(np.median(error[known] / np.maximum(other[known], 1e-9)))
    if gain < GAIN:
        return []
    names = Counter(OTHER_BODIES[int(place)] for place in body[is_better].tolist()).most_common()
    listed = ", ".join(f"{name} for {number:,}" for name, number in names)
    says = (
        f"of {of:,} people who were posed with other bodies too, {count:,} fit better with one of those, "
        f"{min(gain, _MOST_GAIN):.3g} times in the median: {listed}."
    )
    advice = (
        "The gender or the model of the body is probably another: try body.path with the file of "
        f"{names[0][0]}, or "
        f"name the gender of each person in the fit file."
    )
    return [Cause("wrong gender or body", count, of, round(min(gain, _MOST_GAIN), 2), says, advice)]
