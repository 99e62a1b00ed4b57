"""What all people of the demo set share: one body model's rest shape, read once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
import torch

from render.body.model import BodyModel
from render.demo.people.clothes import Landmarks
from render.demo.people.shoes import Shoes

# Pelvis and hips.
SEAT_JOINTS = (0, 1, 2)


@dataclass(frozen=True)
class Mannequin:
    """The mean shape in the T-pose, x to the body's left, y up, z out of its chest.

    Attributes:
        rest_m: Vertices (V, 3).
        faces: (F, 3) int32.
        marks: What clothes are cut by.
        seat: (V,) bool, the vertices one sits on.
        shoes: Theirs, of one shape for all.
        spread: (V, V) sparse, the mean over a vertex and its neighbours.
    """

    rest_m: np.ndarray
    faces: np.ndarray
    marks: Landmarks
    seat: np.ndarray
    shoes: Shoes
    spread: scipy.sparse.csr_array

    @classmethod
    def of(cls, body: BodyModel) -> Mannequin:
        """Reads it out of a body model."""
        rest = body.pose(torch.eye(3).repeat(1, 24, 1, 1), torch.zeros(1, 10))
        marks = Landmarks.of(rest.joints[0].cpu().numpy().astype(np.float64))
        rest_m = body.v_template.cpu().numpy().astype(np.float64)
        faces = body.faces.cpu().numpy().astype(np.int32)
        count = len(body.v_template)
        return cls(
            rest_m=rest_m,
            faces=faces,
            marks=marks,
            seat=(body.weights[:, SEAT_JOINTS].sum(1) > 0.8).cpu().numpy(),
            shoes=Shoes.of(rest_m, rest.normals[0].cpu().numpy().astype(np.float64), marks),
            spread=_average_of_neighbours(faces, count),
        )

    def smooth(self, values: np.ndarray, steps: int) -> np.ndarray:
        """Values at vertices (V, N) as means over neighbours, over and over."""
        for _ in range(steps):
            values = self.spread @ values
        return values


def _average_of_neighbours(faces: np.ndarray, count: int) -> scipy.sparse.csr_array:
    rows, columns = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    links = scipy.sparse.coo_array((np.ones(len(rows)), (rows, columns)), (count, count)).tocsr()
    links = links + links.T + scipy.sparse.eye_array(count)
    return scipy.sparse.csr_array(links.multiply(1 / links.sum(1)[:, None]))
