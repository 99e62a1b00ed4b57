"""The table of a comparison: its columns, and the numbers of a person."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from render.review.compare.bodies import COLUMNS, compare_bodies
from render.review.compare.joints import pair_joints
from render.review.compare.photo import compare_with_photo, list_columns
from render.review.compare.regressor import Regressor
from render.review.image import ReviewedImage
from render.review.measure import Column
from render.review.measures.who import COLUMNS as _WHO
from render.review.measures.who import measure_who
from render.review.table import Table

COMPARE = "compare"
# How many there are is found when the table is whole.
_OF_WHO = tuple(column for column in _WHO if column.name != "people")
_OTHER_ROW = Column("b_row", "The row of the other fit, in the file of the others.", digits=0)


@dataclass(frozen=True)
class Methods:
    """What is compared.

    Attributes:
        names: Of both, in this order: a and b.
        joints: Name of the user's file of joints; empty where they are others.
    """

    names: tuple[str, str]
    joints: str = ""

    def tell(self) -> str:
        """As the manifest has it."""
        return json.dumps({"a": self.names[0], "b": self.names[1], "joints": self.joints})


def read_methods(about: str) -> Methods:
    """What `Methods.tell` told; of another text, which anybody may have written, a and b."""
    try:
        told = json.loads(about)
        names, joints = (told["a"], told["b"]), told["joints"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return Methods(("a", "b"))
    if not all(isinstance(text, str) for text in (*names, joints)):
        return Methods(("a", "b"))
    return Methods(names, joints)


def make_compare_table() -> Table:
    """The columns of a comparison."""
    return Table(COMPARE, (*_OF_WHO, _OTHER_ROW, *COLUMNS, *list_columns()))


def compare_images(
    a: ReviewedImage,
    b: ReviewedImage,
    regressor: Regressor | None = None,
    spare_roots: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """(1, C) the numbers of a person, in the order of `make_compare_table`.

    Args:
        a: An image with the one fit of him alone.
        b: The same with the other.
        regressor: What gives joints; None for those of the bodies.
        spare_roots: See `compare_bodies`.
    """
    who = dict(zip((column.name for column in _WHO), measure_who(a)[0].tolist(), strict=True))
    here, there = a.people[0], b.people[0]
    bodies = compare_bodies(here, there, pair_joints(here, there, regressor), spare_roots)
    told = [*(who[column.name] for column in _OF_WHO), there.row]
    return np.concatenate([told, bodies, compare_with_photo(a, b)])[None]
