"""The numbers of a comparison as its files have them: with which joints they are of, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from render.review.compare.joints import KINDS, describe_joints
from render.review.compare.table import read_methods
from render.review.measure import Column
from render.review.table import Table, Values

_PEOPLE = Column("people", "How many people of the image are compared.", digits=0)


def spell_values(values: Values) -> Values:
    """The numbers with `joints` in words, and with how many people of each image are compared.

    Args:
        values: Of the table of a comparison, of all people.
    """
    regressor = read_methods(values.about).joints
    kinds, counts = values.take("joints"), values.take("joint_count")
    texts = [
        describe_joints(KINDS[int(kind)], int(count), regressor)
        if np.isfinite(kind) and 0 <= kind < len(KINDS) and np.isfinite(count)
        else ""
        for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)
    ]
    choices = tuple(sorted({text for text in texts if text}))
    places = {text: place for place, text in enumerate(choices)}
    of_image = Counter(values.image)
    at, after = values.table.find("joints"), values.table.find("person") + 1
    columns = list(values.table.columns)
    columns[at] = replace(columns[at], choices=choices)
    columns.insert(after, _PEOPLE)
    numbers = values.values.copy()
    numbers[:, at] = [places.get(text, np.nan) for text in texts]
    people = np.array([of_image[image] for image in values.image], np.float64)
    return replace(
        values,
        table=Table(values.table.name, tuple(columns)),
        values=np.insert(numbers, after, people, axis=1),
    )
