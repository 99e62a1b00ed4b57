"""Which joints two bodies are compared by, and what stands beside each number for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.review.compare.regressor import ROOT, Regressor
from render.review.image import ReviewedPerson

# What `joints` of the table stands for, in this order; of a model's own also which model.
SAME, FILE = "same", "file"
KINDS = (SAME, FILE, "smpl", "smplh", "smplx", "mano", "flame")
_MODELS = {"smpl": "SMPL", "smplh": "SMPL-H", "smplx": "SMPL-X", "mano": "MANO", "flame": "FLAME"}
# Fewer have no shape that a similarity could keep.
LEAST_FOR_SHAPE = 3


@dataclass(frozen=True)
class JointPairs:
    """Joints of two bodies.

    Attributes:
        kind: One of KINDS.
        names: Of the K joints; of the user's matrix its rows, such as `row 3`.
        here: (K, 3) m, of the one.
        there: (K, 3) m, of the other.
        roots: Of both, (3,) m each; None where no joint is one.
    """

    kind: str
    names: tuple[str, ...]
    here: np.ndarray
    there: np.ndarray
    roots: tuple[np.ndarray, np.ndarray] | None


def pair_joints(a: ReviewedPerson, b: ReviewedPerson, regressor: Regressor | None) -> JointPairs:
    """The joints that two bodies are compared by.

    Those of the user's matrix, where there is one; the models' own, which are those that poses turn, where
    both are poses of one kind of model; else those of the same names, about the pelvis or the middle of the
    hips. Where both are poses these are joints that poses turn, too, without points on the surface.

    Args:
        a: The one.
        b: The other.
        regressor: Of bodies of as many vertices.
    """
    if regressor is not None:
        here, there = (regressor.matrix @ one.verts_m.astype(np.float64) for one in (a, b))
        rows = regressor.subset
        names = tuple(name_row(row) for row in rows.tolist())
        return JointPairs(FILE, names, here[rows], there[rows], (here[ROOT], there[ROOT]))
    if a.pose is not None and b.pose is not None and a.pose.kind == b.pose.kind and a.pose.kind in KINDS:
        count = min(len(one) for one in (a.pose.rotmat, b.pose.rotmat, a.joints_m, b.joints_m))
        names = a.joint_names[:count]
        if count and names == b.joint_names[:count]:
            here, there = a.joints_m[:count], b.joints_m[:count]
            return JointPairs(a.pose.kind, names, here, there, (here[0], there[0]))
    are_poses = a.pose is not None and b.pose is not None
    places = [_find_first(_list_turned(one) if are_poses else one.joint_names) for one in (a, b)]
    names = tuple(name for name in places[0] if name in places[1])
    here, there = (
        np.asarray(one.joints_m, np.float64)[[of[name] for name in names]].reshape(-1, 3)
        for one, of in zip((a, b), places, strict=True)
    )
    known = np.flatnonzero(np.isfinite(np.hstack([here, there])).all(1))
    names = tuple(names[place] for place in known.tolist())
    here, there = here[known], there[known]
    return JointPairs(SAME, names, here, there, _find_roots(names, here, there))


def describe_joints(kind: str, count: int, regressor: str) -> str:
    """What stands beside numbers of these joints.

    Args:
        kind: One of KINDS.
        count: How many they are.
        regressor: Name of the user's file, if there is one.
    """
    if kind == FILE:
        return f"{count} joints of {regressor}"
    if kind == SAME:
        return f"{count} joints of the same names"
    return f"{_MODELS[kind]}{count}: the model's own"


def name_row(row: int) -> str:
    """What a joint of the user's matrix is called."""
    return f"row {row}"


def _list_turned(person: ReviewedPerson) -> tuple[str, ...]:
    return person.joint_names if person.pose is None else person.joint_names[: len(person.pose.rotmat)]


def _find_first(names: tuple[str, ...]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(name, place)
    return places


def _find_roots(
    names: tuple[str, ...], here: np.ndarray, there: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    for roots in (("pelvis",), ("left_hip", "right_hip")):
        if set(roots) <= set(names):
            at = [names.index(root) for root in roots]
            return here[at].mean(0), there[at].mean(0)
    return None
