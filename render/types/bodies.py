"""Posed bodies, the charts on them, and what they are painted with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, repr=False)
class Bodies(ShapeChecked):
    """Posed bodies of one topology, in the fit's frame: metres, x right, y down, z away.

    Attributes:
        verts: Vertices, m.
        normals: Unit vertex normals in the same frame, pointing out of the body.
        joints: Joints, m.
        faces: int32, the vertices of each face, counterclockwise seen from outside; the same for all bodies.
        colors: RGB of each vertex, uint8; None where nothing shows them.
        values: A number of each vertex, float32, such as its error in mm; None where nothing shows them.
    """

    verts: torch.Tensor
    normals: torch.Tensor
    joints: torch.Tensor
    faces: torch.Tensor
    colors: torch.Tensor | None = None
    values: torch.Tensor | None = None

    # M bodies with V vertices, J joints and F faces.
    SHAPES: ClassVar = {
        "verts": ("M", "V", 3),
        "normals": ("M", "V", 3),
        "joints": ("M", "J", 3),
        "faces": ("F", 3),
        "colors": ("M", "V", 3),
        "values": ("M", "V"),
    }


@dataclass(frozen=True, repr=False)
class Charts(ShapeChecked):
    """DensePose's charts on a body's own faces.

    Attributes:
        part: int32, 1 to 24, 0 for a face without chart.
        uv: Of each corner of each face, 0 to 1.
        corner_count: How many face corners of the charts lie on each vertex, float64.
    """

    part: torch.Tensor
    uv: torch.Tensor
    corner_count: torch.Tensor

    SHAPES: ClassVar = {"part": ("F",), "uv": ("F", 3, 2), "corner_count": ("V",)}


@dataclass(frozen=True, repr=False)
class TextureMap(ShapeChecked):
    """A body's own UV map, and the picture that is on it.

    Attributes:
        uv: Of each corner of each face, float32, as OBJ has it: (0, 0) is the lower left corner of the
            picture, (1, 1) the upper right.
        texels: Pixels of the picture, RGB, uint8, the upper row first; None where only the map is needed.
    """

    uv: torch.Tensor
    texels: torch.Tensor | None = None

    SHAPES: ClassVar = {"uv": ("F", 3, 2), "texels": ("H", "W", 3)}
