"""What all people of the demo set share: one body model's rest shape, read once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from render.body.model import BodyModel
from render.demo.people.wardrobe.outfit import Landmarks
from render.demo.people.wardrobe.shoes import Shoes

# Pelvis and hips.
SEAT_JOINTS = (0, 1, 2)


@dataclass(frozen=True)
class Mannequin:
    """The mean shape in the T-pose, x to the body's left, y up, z out of its chest.

    Attributes:
        rest_m: Vertices (V, 3) float32.
        faces: (F, 3) int32.
        marks: What clothes are cut by.
        seat: (V,) bool, the vertices one sits on.
        shoes: Theirs, of one shape for all.
        neighbours: Of the vertices, in turn: each with itself (N,) int64.
        first: Where the neighbours of each vertex begin (V,) int64.
    """

    rest_m: np.ndarray
    faces: np.ndarray
    marks: Landmarks
    seat: np.ndarray
    shoes: Shoes
    neighbours: torch.Tensor
    first: torch.Tensor

    @classmethod
    def of(cls, body: BodyModel) -> Mannequin:
        """Reads it out of a body model."""
        rest = body.pose(torch.eye(3).repeat(1, 24, 1, 1), torch.zeros(1, 10))
        rest_m = body.v_template.cpu().numpy().astype(np.float32)
        marks = Landmarks.of(rest.joints[0].cpu().numpy().astype(np.float64))
        faces = body.faces.cpu().numpy().astype(np.int32)
        neighbours, first = _find_neighbours(faces, len(rest_m))
        return cls(
            rest_m=rest_m,
            faces=faces,
            marks=marks,
            seat=(body.weights[:, SEAT_JOINTS].sum(1) > 0.8).cpu().numpy(),
            shoes=Shoes.of(rest_m, rest.normals[0].cpu().numpy().astype(np.float32), marks),
            neighbours=torch.from_numpy(neighbours),
            first=torch.from_numpy(first),
        )

    def smooth(self, values: np.ndarray, steps: int) -> np.ndarray:
        """Values at vertices (V, N) float32 as means over neighbours, over and over."""
        table = torch.from_numpy(values)
        for _ in range(steps):
            # Of each bag of numbers the mean of the rows that they name.
            table = torch.nn.functional.embedding_bag(self.neighbours, table, self.first, mode="mean")
        return table.numpy()


def _find_neighbours(faces: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    one, other = faces.ravel().astype(np.int64), faces[:, [1, 2, 0]].ravel().astype(np.int64)
    itself = np.arange(count)
    pairs = np.unique(np.concatenate([one, other, itself]) * count + np.concatenate([other, one, itself]))
    row, neighbour = np.divmod(pairs, count)
    return neighbour, np.searchsorted(row, itself)
