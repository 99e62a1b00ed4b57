"""Posed bodies and the charts on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, repr=False)
class Bodies(ShapeChecked):
    """Posed bodies of one topology, in the fit's frame: metres, x right, y down, z away.

    normals: unit vertex normals in the same frame, pointing out of the body.
    """

    verts: torch.Tensor
    normals: torch.Tensor
    joints: torch.Tensor
    faces: torch.Tensor

    SHAPES: ClassVar = {
        "verts": ("M", "V", 3),
        "normals": ("M", "V", 3),
        "joints": ("M", "J", 3),
        "faces": ("F", 3),
    }


@dataclass(frozen=True, repr=False)
class Charts(ShapeChecked):
    """DensePose's charts on a body's own faces.

    part: int32, 1 to 24, 0 for a face without chart. uv: of each corner of each face, 0 to 1. corner_count:
    how many face corners of the charts lie on each vertex, float64.
    """

    part: torch.Tensor
    uv: torch.Tensor
    corner_count: torch.Tensor

    SHAPES: ClassVar = {"part": ("F",), "uv": ("F", 3, 2), "corner_count": ("V",)}
