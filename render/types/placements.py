"""Bodies in shots: their cameras, where they lie, and who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, repr=False)
class Cameras(ShapeChecked):
    """How each placement sees its body, one row a placement.

    A vertex v in metres goes to q = matrix v + translation. Where focal_px is 0 the view is orthographic
    and q is x, y in pixels of the shot and depth in pixels. Elsewhere q is in the view's frame and lands
    on center_px + focal_px * q.xy / q.z.

    Attributes:
        matrix: Of the formula above.
        translation: Of the formula above.
        focal_px: Focal length, 0 where the view is orthographic.
        center_px: Where the view's axis meets the shot; not read in orthographic views.
        rotation: The rotation alone, for normals.
        cull: 1 drops faces that are turned away from the viewer.
        depth_shift: Added to the depth q.z by which bodies of a shot hide each other, and to nothing else.
    """

    matrix: torch.Tensor
    translation: torch.Tensor
    focal_px: torch.Tensor
    center_px: torch.Tensor
    rotation: torch.Tensor
    cull: torch.Tensor
    depth_shift: torch.Tensor

    # D placements.
    SHAPES: ClassVar = {
        "matrix": ("D", 3, 3),
        "translation": ("D", 3),
        "focal_px": ("D",),
        "center_px": ("D", 2),
        "rotation": ("D", 3, 3),
        "cull": ("D",),
        "depth_shift": ("D",),
    }


@dataclass(frozen=True, repr=False)
class Placements(ShapeChecked):
    """Bodies on sheets: one placement for each (body, shot), placements of one shot side by side.

    A shot that is drawn with n x n samples a pixel has x and y in samples.

    Attributes:
        verts: x, y in pixels of the shot, view depth z (smaller is nearer), and 1/w: 1 in orthographic
            placements, one over the distance from the eye's plane in perspective, 0 behind the near plane.
        rotation: From the bodies' frame to the view's, for normals.
        body: int32 index into the batch's bodies.
        shot: int32 index into the batch's shots.
        cull: 1 drops faces turned away from the viewer.
        low: Least x, y and z of the vertices that can be drawn.
        high: Greatest x, y and z of them.
        faces: The vertices of each face, the same for all.
    """

    verts: torch.Tensor
    rotation: torch.Tensor
    body: torch.Tensor
    shot: torch.Tensor
    cull: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor
    faces: torch.Tensor

    # D placements of bodies with V vertices and F faces.
    SHAPES: ClassVar = {
        "verts": ("D", "V", 4),
        "rotation": ("D", 3, 3),
        "body": ("D",),
        "shot": ("D",),
        "cull": ("D",),
        "low": ("D", 3),
        "high": ("D", 3),
        "faces": ("F", 3),
    }


@dataclass(frozen=True, repr=False)
class People(ShapeChecked):
    """Who each placement shows.

    Attributes:
        instance: 1, 2, ... within its sheet, int32.
        colour: What colours of people are chosen by: the number of the person in a sequence, the row
            elsewhere, int32.
    """

    instance: torch.Tensor
    colour: torch.Tensor

    SHAPES: ClassVar = {"instance": ("D",), "colour": ("D",)}
