"""Which way up users' bodies are, and how they are turned to the picture's frame."""

from __future__ import annotations

from typing import NamedTuple

import torch


class _Turn(NamedTuple):
    """Where x, y and z of the picture come from: the axis, and its sign."""

    axis: tuple[int, int, int]
    sign: tuple[float, float, float]


# Rotations, never mirrors. SMPL faces z where y is up, and -y where z is up, as AMASS has it; in the picture
# it faces the viewer.
_TURNS = {
    "-y": _Turn((0, 1, 2), (1.0, 1.0, 1.0)),
    "y": _Turn((0, 1, 2), (1.0, -1.0, -1.0)),
    "z": _Turn((0, 2, 1), (1.0, -1.0, 1.0)),
}


def check_up(up: str) -> None:
    """Raises ValueError unless `up` names an axis that may point up."""
    if not isinstance(up, str) or up not in _TURNS:
        raise ValueError(f"up: expected one of {', '.join(map(repr, _TURNS))}, found {up!r}")


def turn_upright(points: torch.Tensor, up: str) -> torch.Tensor:
    """Points or directions (..., 3) in the picture's frame, turned about the origin.

    Args:
        points: In a frame whose axis `up` points up.
        up: -y, y or z. With -y they are returned as they are.
    """
    if up == "-y":
        return points
    axis, sign = _TURNS[up]
    return points[..., list(axis)] * points.new_tensor(sign)
