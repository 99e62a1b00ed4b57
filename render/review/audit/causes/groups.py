"""What the worst people have in common: a folder, a size of photo, how many are in the image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from render.review.audit.causes.cause import Cause, take_known
from render.review.table import Values

# So many are the worst, and so many times larger than the median of all their errors are.
WORST, TIMES = 0.05, 2.0
# Errors that are small are nobody's fault.
LEAST_ERROR = 0.05
# Half of them are of one group, which is so many times its share of all people.
SHARE, LIFT = 0.5, 2.0
FEWEST = 10
_MOST_SHOWN = 80


def find_groups(values: Values) -> list[Cause]:
    """The folder, the size of photo, or the number of people that half of the worst share."""
    error = take_known(values, "reprojection")
    known = np.flatnonzero(np.isfinite(error))
    most = int(WORST * len(known))
    if most < FEWEST:
        return []
    worst = known[np.argsort(-error[known], kind="stable")[:most]]
    middle = float(np.median(error[worst]))
    if middle < max(LEAST_ERROR, TIMES * float(np.median(error[known]))):
        return []
    causes = []
    for what, labels in _list_labels(values).items():
        label, count = Counter(labels[i] for i in worst.tolist()).most_common(1)[0]
        of_all = sum(labels[i] == label for i in known.tolist()) / len(known)
        share = count / len(worst)
        if share >= SHARE and share >= LIFT * of_all:
            causes.append(
                Cause(
                    f"worst in one {what}",
                    count,
                    len(worst),
                    None,
                    f"{count:,} of the {len(worst):,} people who are farthest from their keypoints are of "
                    f"one {what}, {label}, which {of_all:.0%} of all people are of.",
                    f"Look at these first: something may be wrong with all of that {what}.",
                )
            )
    return causes


def _list_labels(values: Values) -> dict[str, Sequence[str]]:
    width, height, people = (
        np.nan_to_num(take_known(values, name), nan=0).astype(np.int64).tolist()
        for name in ("photo_width", "photo_height", "people")
    )
    return {
        # Names are of files of other people.
        "folder": [ascii(name.rpartition("/")[0][:_MOST_SHOWN]) for name in values.image],
        "size of photo": [f"{w} x {h}" for w, h in zip(width, height, strict=True)],
        "number of people in the image": [str(number) for number in people],
    }
