"""What annotations need to know of a body: where its named joints are, and its head."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from render.body.model import BodyModel
from render.fits.joint_orders import OPENPOSE_18


@dataclass(frozen=True)
class Anatomy:
    """Places in the arrays of a body.

    Attributes:
        openpose18: (18,) of OpenPose's joints among its joints, -1 for those that it lacks.
        head: (H,) of the vertices that follow the head more than any other joint; none where that is not
            known.
    """

    openpose18: np.ndarray
    head: np.ndarray

    def shift(self, vertices: int) -> Anatomy:
        """The same where so many vertices of others come before those of the body."""
        return replace(self, head=self.head + vertices) if vertices else self


def find_joints(joint_names: tuple[str, ...]) -> np.ndarray:
    """(18,) where OpenPose's joints are among those of these names, -1 for those that are not there."""
    places = {name: place for place, name in reversed(list(enumerate(joint_names)))}
    return np.array([places.get(name, -1) for name in OPENPOSE_18])


def find_anatomy(body: BodyModel) -> Anatomy:
    """Of a body model.

    EFT has a fixed list of head vertices of SMPL instead, of about the same extent.
    """
    joint_names = body.joint_names
    head = np.zeros(0, np.int64)
    # Only joints that rotate have vertices, and they come first.
    if "head" in joint_names[: body.weights.shape[1]]:
        weights = body.weights.cpu().numpy()
        head = np.flatnonzero(weights.argmax(1) == joint_names.index("head"))
    return Anatomy(find_joints(joint_names), head)
