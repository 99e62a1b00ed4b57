"""How far apart two fits of a person are, in millimetres: at each vertex, and the means that papers have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from render.metrics.align import align, check_pairs

if TYPE_CHECKING:
    import torch

    from render.types.bodies import Bodies

MM_IN_M = 1000.0


@dataclass(frozen=True)
class BodyErrors:
    """Mean distances of M bodies to others, (M,) float64, mm.

    As SPIN's eval.py has them, of the joints that are compared here: see `measure_errors`.

    Attributes:
        mpjpe_mm: Of the joints, both roots at one place.
        pa_mpjpe_mm: Of the joints after the similarity that fits the joints best.
        pve_mm: Of the vertices, both roots at one place.
    """

    mpjpe_mm: torch.Tensor
    pa_mpjpe_mm: torch.Tensor
    pve_mm: torch.Tensor


def measure_distances_mm(points: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """(M, K) float64, how far apart points (M, K, 3) m are that have the same place in both arrays."""
    check_pairs(points, other)
    return MM_IN_M * (points.double() - other.double()).norm(dim=2)


def vertex_errors_mm(
    verts: torch.Tensor,
    other: torch.Tensor,
    how: str = "root",
    roots: tuple[torch.Tensor, torch.Tensor] | None = None,
) -> torch.Tensor:
    """How far each vertex of a body is from the same vertex of another.

    Args:
        verts: (M, V, 3) m.
        other: (M, V, 3) m of the same topology.
        how: none, root or procrustes; see `align`. Similarities are those that fit the vertices best.
        roots: Of both, (M, 3) m each; `root` needs them.

    Returns:
        (M, V) float32, mm.

    Raises:
        ValueError: As `align` does.
    """
    return measure_distances_mm(align(verts, other, how, roots), other).float()


def measure_errors(bodies: Bodies, other: Bodies, joint_count: int | None = None) -> BodyErrors:
    """The field's mean errors of bodies to others.

    The joints are the models' own, the root first. Published numbers are mostly of 14 joints that a matrix
    of Human3.6M regresses from vertices; numbers of other joints are not to be compared with them.

    Args:
        bodies: M bodies.
        other: M bodies of the same topology and joints, in the same order.
        joint_count: How many of the first joints count: 24 for what SMPL rotates; None for all of them.

    Raises:
        ValueError: The shapes differ, or there are no joints.
    """
    joints, others = bodies.joints[:, :joint_count], other.joints[:, :joint_count]
    if not min(joints.shape[1], others.shape[1]):
        raise ValueError("joints: expected bodies with joints, the root first, found none")
    roots = (joints[:, 0], others[:, 0])

    def mean(points: torch.Tensor, targets: torch.Tensor, how: str) -> torch.Tensor:
        return measure_distances_mm(align(points, targets, how, roots), targets).mean(1)

    return BodyErrors(
        mpjpe_mm=mean(joints, others, "root"),
        pa_mpjpe_mm=mean(joints, others, "procrustes"),
        pve_mm=mean(bodies.verts, other.verts, "root"),
    )
