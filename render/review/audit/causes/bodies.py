"""Whether another body model fits better than the one that people are posed with."""

from __future__ import annotations

from collections import Counter

import numpy as np

from render.review.audit.causes.cause import FEWEST, Cause, find_gain, spell_gain, take_known
from render.review.measures.hypotheses import OTHER_BODIES
from render.review.table import Values

# Of the people who were posed with others, so many must fit better, and the median so many times: the best of
# several bodies fits a little better by chance.
SHARE, GAIN = 0.8, 1.15


def find_wrong_body(values: Values) -> list[Cause]:
    """Whether most of the people who were posed with other bodies too fit those better."""
    error, other = take_known(values, "reprojection"), take_known(values, "if_other_body")
    body = take_known(values, "other_body")
    known = np.isfinite(error) & np.isfinite(other) & np.isfinite(body)
    is_better = known & (other < error)
    count, of = int(is_better.sum()), int(known.sum())
    if count < max(FEWEST, SHARE * of):
        return []
    gain = find_gain(error[known], other[known])
    if gain < GAIN:
        return []
    names = Counter(OTHER_BODIES[int(place)] for place in body[is_better].tolist()).most_common()
    listed = ", ".join(f"{name} for {number:,}" for name, number in names)
    says = (
        f"of {of:,} people who were posed with other bodies too, {count:,} fit better with one of those, "
        f"{spell_gain(gain)} in the median: {listed}."
    )
    advice = (
        f"The gender or the model of the body is probably another: try body.path with the file of "
        f"{names[0][0]}, or name the gender of each person in the fit file."
    )
    return [Cause("wrong gender or body", count, of, gain, says, advice)]
