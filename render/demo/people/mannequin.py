"""What all people of the demo set share: one body model's rest shape, read once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
import torch

from render.body.model import BodyModel
from render.demo.people.clothes import Landmarks

# Pelvis and hips.
SEAT_JOINTS = (0, 1, 2)
DRAPE_STEPS = 10


@dataclass(frozen=True)
class Mannequin:
    """The mean shape in the T-pose, x to the body's left, y up, z out of its chest.

    Attributes:
        rest_m: Vertices (V, 3).
        faces: (F, 3) int32.
        marks: What clothes are cut by.
        seat: (V,) bool, the vertices one sits on.
        spread: (V, V) sparse, the mean over a vertex and its neighbours.
    """

    rest_m: np.ndarray
    faces: np.ndarray
    marks: Landmarks
    seat: np.ndarray
    spread: scipy.sparse.csr_array

    @classmethod
    def of(cls, body: BodyModel) -> Mannequin:
        """Reads it out of a body model."""
        rest = body.pose(torch.eye(3).repeat(1, 24, 1, 1), torch.zeros(1, 10))
        faces = body.faces.cpu().numpy().astype(np.int32)
        count = len(body.v_template)
        return cls(
            rest_m=body.v_template.cpu().numpy().astype(np.float64),
            faces=faces,
            marks=Landmarks.of(rest.joints[0].cpu().numpy().astype(np.float64)),
            seat=(body.weights[:, SEAT_JOINTS].sum(1) > 0.8).cpu().numpy(),
            spread=_average_of_neighbours(faces, count),
        )

    def drape(self, normals: np.ndarray) -> np.ndarray:
        """Normals as fabric would have them: smoothed over the surface, for the shading alone.

        Args:
            normals: Of the body's vertices (V, 3).
        """
        for _ in range(DRAPE_STEPS):
            normals = self.spread @ normals
        return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


def _average_of_neighbours(faces: np.ndarray, count: int) -> scipy.sparse.csr_array:
    rows, columns = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    links = scipy.sparse.coo_array((np.ones(len(rows)), (rows, columns)), (count, count)).tocsr()
    links = links + links.T + scipy.sparse.eye_array(count)
    return scipy.sparse.csr_array(links.multiply(1 / links.sum(1)[:, None]))
