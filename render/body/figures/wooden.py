"""The wooden figure of the package mannequin-x, as the arrays of a skin.

The package poses it by NumPy code that takes about 0.1 s a body. What it gives is read once instead, and
posed as all bodies are: rest vertices and joints that are linear in the betas, and weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from render.body.family.hands import HAND_NUMBERS
from render.body.family.joint_names import HANDS_30, SMPL_24
from render.errors import BodyModelError, list_causes

PACKAGE = "mannequin-x"
# What is read of it is not promised to stay.
SERIES = "0.3."
# As many as SMPL-X's shape has in the package.
BETAS = 10
JOINT_NAMES = (*SMPL_24, *HANDS_30)


@dataclass(frozen=True)
class Figure:
    """What is read of the package, in the order of its vertices and of `JOINT_NAMES`.

    Attributes:
        package: It and its version.
        verts: Rest vertices and their offsets per beta (1 + B, V, 3) m, float32.
        joints: Rest joints and their offsets per beta (1 + B, J, 3) m, float32.
        weights: Of the joints at each vertex (V, J), float32.
        faces: (F, 3) int32, counterclockwise seen from outside.
        parents: Of each joint (J,), int64.
        hand_mean: The relaxed hands of SMPL-X, left and right (2, 45) axis-angle numbers, float32.
    """

    package: str
    verts: np.ndarray
    joints: np.ndarray
    weights: np.ndarray
    faces: np.ndarray
    parents: np.ndarray
    hand_mean: np.ndarray


def read_figure() -> Figure:
    """Reads the wooden figure of the installed package.

    Its vertices bend a little with the betas, which would cost a body 0.1 s; here they are linear. They are
    exact where all betas are 0 or one of them is 1. Of betas as people have them, of spread 1, most vertices
    are within 1 mm; the feet, which stand on the lowest of their vertices, may be off by 5 mm, and by 10 mm
    where the spread is 3. Joints are linear in the package too.

    Raises:
        BodyModelError: It is missing, cannot be imported or is of a version that is not known.
    """
    try:
        found = version(PACKAGE)
    except PackageNotFoundError:
        raise BodyModelError(f"the mannequin needs the package {PACKAGE}: pip install {PACKAGE}") from None
    advice = f"pip install '{PACKAGE}>=0.3,<0.4'"
    if not found.startswith(SERIES):
        raise BodyModelError(f"{PACKAGE}: expected version {SERIES}x, found {found}: {advice}")
    try:
        from mannequin import Mannequin

        figure = Mannequin("wooden", flat_hand_mean=True)
        rests = [_read_rest(figure, betas) for betas in (np.zeros(BETAS), *np.eye(BETAS))]
        joint, weight = figure._skin_joint_indices, figure._skin_weights
        weights = np.zeros((len(weight), len(figure.joint_names)), np.float32)
        # A joint may stand twice at a vertex.
        np.add.at(weights, (np.arange(len(weight))[:, None], joint), weight)
        names = tuple(_name_joint(name) for name in figure.joint_names)
        if names != JOINT_NAMES:
            raise ValueError(f"expected the joints of SMPL-X, found {', '.join(names)}")
        return Figure(
            package=f"{PACKAGE} {found}",
            verts=_find_offsets([verts for verts, _ in rests]),
            joints=_find_offsets([joints for _, joints in rests]),
            weights=weights,
            faces=np.ascontiguousarray(figure.faces, np.int32),
            parents=np.array(figure.parents, np.int64),
            hand_mean=figure._calibration.hand_mean.reshape(2, HAND_NUMBERS).astype(np.float32),
        )
    # Its own parts may be missing, or be called otherwise.
    except Exception as error:
        raise BodyModelError(f"{PACKAGE} {found} cannot be used: {list_causes(error)}; {advice}") from error


def _read_rest(figure: Any, betas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    figure.reshape(betas.astype(np.float32))
    identity: Mapping[str, np.ndarray] = figure._identity
    return identity["skin_vertices"], identity["skin_bind_positions"]


def _find_offsets(rests: list[np.ndarray]) -> np.ndarray:
    """(1 + B, ..., 3): what there is at rest, and what each beta adds to it."""
    first = rests[0]
    return np.stack([first, *(rest - first for rest in rests[1:])]).astype(np.float32)


def _name_joint(name: str) -> str:
    """As smplx calls what the package calls L_Hip."""
    side, _, joint = name.lower().partition("_")
    return f"{'left' if side == 'l' else 'right'}_{joint}" if joint else side
