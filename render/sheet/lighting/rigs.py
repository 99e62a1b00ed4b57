"""Where the lights of the studio stand: on the ground, and they go around it with the viewer."""

from __future__ import annotations

from typing import NamedTuple

import torch


class Rigs(NamedTuple):
    """The frames of the studio's lights, of each of D placements.

    Attributes:
        axes: (D, 3, 3) float64 rotations from the space of the stage to the rig, whose rows are right, up and
            towards the viewer.
        of_normals: (D, 3, 3) float32, takes normals as `SurfacePoint` has them to the rig.
    """

    axes: torch.Tensor
    of_normals: torch.Tensor


def find_rigs(rotation: torch.Tensor, matrix: torch.Tensor, body: torch.Tensor) -> Rigs:
    """Where the lights stand for each placement.

    Args:
        rotation: (D, 3, 3), from the bodies' frame to the view's.
        matrix: (M, 3, 3) of the `Stage`: a rotation, and a factor.
        body: (D,) int64, whose placements they are.
    """
    standing = matrix[body]
    standing = standing / standing[:, :1].norm(dim=2, keepdim=True)
    # From the view's frame to that of the ground, both with y down and z away.
    to_ground = standing @ rotation.double().mT
    right = to_ground[:, :, 0].clone()
    # A viewer whose own right points up or down has no left and right on the ground.
    right[:, 1] = 0.0
    is_lost = right.norm(dim=1) < 1e-6
    right[is_lost] = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64, device=right.device)
    right = right / right.norm(dim=1, keepdim=True)
    up = torch.zeros_like(right)
    up[:, 1] = -1.0
    axes = torch.stack([right, up, torch.linalg.cross(right, up)], 1)
    # Normals for shading have y up and z towards the viewer.
    flip = torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64, device=right.device)
    return Rigs(axes, (axes @ to_ground * flip).float().contiguous())
