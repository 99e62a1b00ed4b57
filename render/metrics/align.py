"""How a body is laid over another before they are compared: as they are, by roots, or by a similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch

ALIGNMENTS = ("none", "root", "procrustes")


class Similarity(NamedTuple):
    """What lays points x of M bodies over others: scale * rotation x + shift, float64.

    Attributes:
        scale: (M,).
        rotation: (M, 3, 3), proper: it never mirrors.
        shift: (M, 3) m.
    """

    scale: torch.Tensor
    rotation: torch.Tensor
    shift: torch.Tensor

    def move(self, points: torch.Tensor) -> torch.Tensor:
        """Points (M, K, 3) m, laid over the others."""
        turned = points.double() @ self.rotation.transpose(1, 2)
        return self.scale[:, None, None] * turned + self.shift[:, None]


def find_similarity(points: torch.Tensor, other: torch.Tensor) -> Similarity:
    """The similarity that lays points over others with the least sum of squares, a body at a time.

    S. Umeyama, "Least-Squares Estimation of Transformation Parameters Between Two Point Patterns", 1991,
    equations 40 to 43; where the best orthogonal matrix would mirror, the best rotation is taken.

    Args:
        points: (M, K, 3) m.
        other: (M, K, 3) m, in the same order.

    Raises:
        ValueError: The shapes differ.
    """
    import torch

    check_pairs(points, other)
    points, other = points.double(), other.double()
    middle, target = points.mean(1, keepdim=True), other.mean(1, keepdim=True)
    from_middle, from_target = points - middle, other - target
    left, spread, right = torch.linalg.svd(from_target.transpose(1, 2) @ from_middle)
    signs = torch.ones_like(spread)
    signs[:, 2] = torch.where(torch.linalg.det(left) * torch.linalg.det(right) < 0, -1.0, 1.0)
    rotation = (left * signs[:, None]) @ right
    size = from_middle.square().sum((1, 2))
    # Points that are all in one place have no size to be scaled.
    scale = torch.where(size > 0, (spread * signs).sum(1) / size.clamp(min=1e-300), 1.0)
    shift = target[:, 0] - scale[:, None] * (rotation @ middle.transpose(1, 2))[:, :, 0]
    return Similarity(scale, rotation, shift)


def align(
    points: torch.Tensor,
    other: torch.Tensor,
    how: str,
    roots: tuple[torch.Tensor, torch.Tensor] | None = None,
) -> torch.Tensor:
    """Points laid over others.

    Args:
        points: (M, K, 3) m.
        other: (M, K, 3) m, in the same order.
        how: none, root (both roots at one place) or procrustes (see `find_similarity`).
        roots: Of points and other, (M, 3) m each; `root` needs them.

    Returns:
        (M, K, 3) m, float64, to be compared with `other` as it is.

    Raises:
        ValueError: The shapes differ, there is no such alignment, or the roots are missing.
    """
    check_pairs(points, other)
    if how not in ALIGNMENTS:
        raise ValueError(f"align: expected one of {', '.join(ALIGNMENTS)}, found {how!r}")
    if how == "procrustes":
        return find_similarity(points, other).move(points)
    if how == "none":
        return points.double()
    if roots is None:
        raise ValueError("align: root needs the roots of both")
    return points.double() + (roots[1].double() - roots[0].double())[:, None]


def check_pairs(points: torch.Tensor, other: torch.Tensor) -> None:
    """Raises ValueError unless both are (M, K, 3) of one shape."""
    if points.ndim != 3 or points.shape[2] != 3 or points.shape != other.shape:
        raise ValueError(
            f"points: expected two arrays (M, K, 3) of one shape, found {tuple(points.shape)} and "
            f"{tuple(other.shape)}"
        )
