"""How far two bodies of one person are apart: the numbers that papers have, and each joint's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from render.body.family.joint_names import BODY_22
from render.fits.joint_orders import ORDERS
from render.metrics.align import align
from render.metrics.errors import measure_distances_mm
from render.review.compare.joints import KINDS, LEAST_FOR_SHAPE, JointPairs, name_row
from render.review.compare.regressor import MOST_JOINTS
from render.review.image import ReviewedPerson
from render.review.measure import Column

if TYPE_CHECKING:
    import torch

# Whatever may be the worst joint.
JOINTS = (
    *dict.fromkeys([*BODY_22, *(name for names in ORDERS.values() for name in names)]),
    *(name_row(row) for row in range(MOST_JOINTS)),
    "another",
)
_PLACES = {name: place for place, name in enumerate(JOINTS)}

# By their columns the joints that have one of their own.
BODY_COLUMNS = {f"{name}_mm": name for name in BODY_22[1:]}
COLUMNS = (
    Column("mpjpe_mm", "Mean distance of the joints, both roots at one place.", "mm", "high", 2),
    Column(
        "pa_mpjpe_mm",
        "The same after the similarity that lays the joints of the one over those of the other best.",
        "mm",
        "high",
        2,
    ),
    Column(
        "pve_mm",
        "Mean distance of the vertices, both roots at one place; of bodies of one topology.",
        "mm",
        "high",
        2,
    ),
    Column("joints", "Which joints these numbers are of.", digits=0, choices=KINDS),
    Column("joint_count", "How many joints they are of.", digits=0),
    Column("worst_joint", "Which of them is farthest off.", digits=0, choices=JOINTS),
    Column("worst_joint_mm", "How far that one is off.", "mm", "high", 2),
    *(
        Column(column, f"How far {name.replace('_', ' ')} is off, both roots at one place.", "mm", "high", 2)
        for column, name in BODY_COLUMNS.items()
    ),
)


def compare_bodies(
    a: ReviewedPerson,
    b: ReviewedPerson,
    pairs: JointPairs,
    spare_roots: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """(C,) of the columns, NaN for what cannot be compared.

    Args:
        a: The one.
        b: The other.
        pairs: Their joints.
        spare_roots: Of both (3,) m, for bodies whose joints have no root.
    """
    roots = pairs.roots or spare_roots
    found: dict[str, float] = {"joint_count": len(pairs.names)}
    told = None if roots is None else (_lift(roots[0]), _lift(roots[1]))

    def measure(points: np.ndarray, targets: np.ndarray, how: str) -> np.ndarray:
        here, there = _lift(points), _lift(targets)
        return measure_distances_mm(align(here, there, how, told), there)[0].numpy()

    if pairs.names:
        found["joints"] = KINDS.index(pairs.kind)
    if pairs.names and told is not None:
        off_mm = measure(pairs.here, pairs.there, "root")
        worst = int(off_mm.argmax())
        name = pairs.names[worst]
        found |= {
            "mpjpe_mm": float(off_mm.mean()),
            "worst_joint": _PLACES.get(name, len(JOINTS) - 1),
            "worst_joint_mm": float(off_mm[worst]),
        }
        found |= {f"{name}_mm": float(off) for name, off in zip(pairs.names, off_mm, strict=True)}
    if len(pairs.names) >= LEAST_FOR_SHAPE:
        found["pa_mpjpe_mm"] = float(measure(pairs.here, pairs.there, "procrustes").mean())
    if told is not None and _are_alike(a, b):
        found["pve_mm"] = float(measure(a.verts_m, b.verts_m, "root").mean())
    return np.array([found.get(column.name, np.nan) for column in COLUMNS])


def _lift(points: np.ndarray) -> torch.Tensor:
    """(..., 3) of one body to (1, ..., 3), float64."""
    import torch

    return torch.from_numpy(np.array(points, np.float64)[None])


def _are_alike(a: ReviewedPerson, b: ReviewedPerson) -> bool:
    """Whether both have one topology, vertex by vertex."""
    return len(a.verts_m) == len(b.verts_m) > 0 and (a.faces is b.faces or np.array_equal(a.faces, b.faces))
