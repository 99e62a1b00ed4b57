"""All causes that an audit names."""

from __future__ import annotations

from render.review.audit.causes.bodies import find_wrong_body
from render.review.audit.causes.cause import Cause
from render.review.audit.causes.groups import find_groups
from render.review.audit.causes.photos import find_wrong_size
from render.review.audit.causes.shares import find_shares
from render.review.audit.causes.suppositions import find_suppositions
from render.review.table import Values


def find_causes(values: Values) -> list[Cause]:
    """What many people have in common, the most frequent first of each kind; none of a clean data set."""
    return [
        *find_suppositions(values),
        *find_wrong_size(values),
        *find_wrong_body(values),
        *find_shares(values),
        *find_groups(values),
    ]
