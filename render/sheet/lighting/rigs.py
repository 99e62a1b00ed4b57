"""Where the lights of the studio stand: on the ground, and they go around it with the viewer."""

from __future__ import annotations

import torch


def find_rigs(rotation: torch.Tensor, matrix: torch.Tensor, body: torch.Tensor) -> torch.Tensor:
    """What takes normals of placements, as `SurfacePoint` has them, to the frame of the studio's lights.

    Args:
        rotation: (D, 3, 3), from the bodies' frame to the view's.
        matrix: (M, 3, 3) of the `Stage`: a rotation, and a factor.
        body: (D,) int64, whose placements they are.

    Returns:
        (D, 3, 3) float32 rotations.
    """
    to_ground = _turn_to_ground(rotation, matrix, body)
    # Normals for shading have y up and z towards the viewer.
    flip = torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64, device=to_ground.device)
    return (_find_axes(to_ground) @ to_ground * flip).float().contiguous()


def find_axes(rotation: torch.Tensor, matrix: torch.Tensor, body: torch.Tensor) -> torch.Tensor:
    """The axes of the frames of the studio's lights, in the spaces of the sheets.

    Args:
        rotation: As `find_rigs` has it, and
        matrix: likewise, and
        body: likewise.

    Returns:
        (D, 3, 3) float64: the viewer's right, up, and level towards the viewer.
    """
    return _find_axes(_turn_to_ground(rotation, matrix, body))


def _turn_to_ground(rotation: torch.Tensor, matrix: torch.Tensor, body: torch.Tensor) -> torch.Tensor:
    """From the views' frames to those of the grounds, both with y down and z away."""
    standing = matrix[body]
    standing = standing / standing.det().abs().pow(1 / 3)[:, None, None]
    return standing @ rotation.double().mT


def _find_axes(to_ground: torch.Tensor) -> torch.Tensor:
    right = to_ground[:, :, 0].clone()
    # A viewer whose own right points up or down has no left and right on the ground.
    right[:, 1] = 0.0
    is_lost = right.norm(dim=1) < 1e-6
    right[is_lost] = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64, device=right.device)
    right = right / right.norm(dim=1, keepdim=True)
    up = torch.zeros_like(right)
    up[:, 1] = -1.0
    return torch.stack([right, up, torch.linalg.cross(right, up)], 1)
