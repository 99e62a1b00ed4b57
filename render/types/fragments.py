"""Fragments: what is in front at each covered pixel, and the same as PyTorch3D lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from render.types.shape_checked import ShapeChecked


@dataclass(frozen=True, repr=False)
class DenseFragments(ShapeChecked):
    """Fragments as PyTorch3D's shaders read them: the fields, shapes and units of its own `Fragments`.

    One face a pixel; -1 in all fields where there is none.

    Attributes:
        pix_to_face: int64, counted through all meshes of the batch.
        zbuf: Depth in the view.
        bary_coords: Perspective-correct.
        dists: Squared distance to the nearest edge of the face in normalised device coordinates (2 along the
            shorter side of the picture), negative inside of it.
    """

    pix_to_face: torch.Tensor
    zbuf: torch.Tensor
    bary_coords: torch.Tensor
    dists: torch.Tensor

    # N pictures of H rows and W columns; 1 is PyTorch3D's faces_per_pixel.
    SHAPES: ClassVar = {
        "pix_to_face": ("N", "H", "W", 1),
        "zbuf": ("N", "H", "W", 1),
        "bary_coords": ("N", "H", "W", 1, 3),
        "dists": ("N", "H", "W", 1),
    }


@dataclass(frozen=True, repr=False)
class Fragments(ShapeChecked):
    """The covered pixels of a batch of shots, and nothing else: shots may be of different sizes.

    Attributes:
        pixel: x, y in the shot, in samples, int32.
        shot: In which shot, int32.
        placement: Which placement is in front there, int32.
        face: Which of its faces, int32.
        bary: Perspective-correct barycentric coordinates of the pixel's centre in that face.
        depth: View depth there.
        edge_px2: Squared distance to the nearest edge of the face on the picture, in samples, NaN where it is
            not known.
        size_px: Width and height of each shot in samples, int32.
        face_count: F, of each placement.
    """

    pixel: torch.Tensor
    shot: torch.Tensor
    placement: torch.Tensor
    face: torch.Tensor
    bary: torch.Tensor
    depth: torch.Tensor
    edge_px2: torch.Tensor
    size_px: torch.Tensor
    face_count: int

    # P covered pixels on K shots.
    SHAPES: ClassVar = {
        "pixel": ("P", 2),
        "shot": ("P",),
        "placement": ("P",),
        "face": ("P",),
        "bary": ("P", 3),
        "depth": ("P",),
        "edge_px2": ("P",),
        "size_px": ("K", 2),
    }

    def to_pytorch3d(self) -> DenseFragments:
        """Dense, one picture for each shot, with or without PyTorch3D installed.

        Its `Meshes` must have the faces of all placements in their order: a mesh for each shot, which is
        that of its placement, or those of its placements joined.

        Returns:
            What PyTorch3D's shaders take as its own `Fragments`.

        Raises:
            ValueError: Shots are of different sizes, or a fragment lies on none of them.
        """
        sizes = self.size_px.unique(dim=0)
        if len(sizes) > 1:
            found = ", ".join(f"{w}x{h}" for w, h in sizes.tolist())
            raise ValueError(f"to_pytorch3d: expected shots of one size, found {found}")
        width, height = sizes[0].tolist() if len(sizes) else (0, 0)
        # On a GPU what lies outside would end the process's use of it.
        _check_inside("shot", self.shot, len(self.size_px))
        _check_inside("pixel", self.pixel[:, 0], width)
        _check_inside("pixel", self.pixel[:, 1], height)
        shape, device = (len(self.size_px), height, width, 1), self.depth.device
        dense = DenseFragments(
            pix_to_face=torch.full(shape, -1, dtype=torch.int64, device=device),
            zbuf=torch.full(shape, -1.0, dtype=torch.float32, device=device),
            bary_coords=torch.full((*shape, 3), -1.0, dtype=torch.float32, device=device),
            dists=torch.full(shape, -1.0, dtype=torch.float32, device=device),
        )
        at = (self.shot.long(), self.pixel[:, 1].long(), self.pixel[:, 0].long(), 0)
        dense.pix_to_face[at] = self.placement.long() * self.face_count + self.face
        dense.zbuf[at] = self.depth
        dense.bary_coords[at] = self.bary
        # All covered pixels are inside of their face, where PyTorch3D's distances are negative.
        dense.dists[at] = -self.edge_px2 * _ndc_per_px(width, height) ** 2
        return dense

    @classmethod
    def from_pytorch3d(cls, dense: DenseFragments, face_count: int) -> Fragments:
        """The covered pixels of PyTorch3D's fragments, or of `to_pytorch3d`'s; of several faces the nearest.

        Gradients of the barycentric coordinates, the depth and the distances are kept.

        Args:
            dense: Of any number of faces a pixel; picture n is shot n.
            face_count: F, the same for all placements: pix_to_face is placement * F + face.

        Returns:
            The fragments, for `shade_sheets` and `label_sheets`.

        Raises:
            TypeError: `dense` is no fragments.
            ValueError: `face_count` cannot be one, or shapes differ.
        """
        if not isinstance(face_count, int) or isinstance(face_count, bool) or face_count < 1:
            raise ValueError(f"face_count: expected the number of faces of a mesh, found {face_count!r}")
        # PyTorch3D's own fragments are of a type that need not be there.
        fields = {name: getattr(dense, name, None) for name in DenseFragments.SHAPES}
        # PyTorch3D's OpenGL rasterizer gives no distances.
        if fields["dists"] is None:
            del fields["dists"]
        for name, found in fields.items():
            rank = 5 if name == "bary_coords" else 4
            if not isinstance(found, torch.Tensor) or found.is_sparse or found.ndim != rank:
                kind = type(found).__name__
                raise TypeError(f"dense.{name}: expected a tensor of {rank} dimensions, found a {kind}")
            shape = tuple(found.shape)
            if shape[:4] != tuple(dense.pix_to_face.shape) or not shape[3]:
                raise ValueError(f"dense.{name}: expected the shape of pix_to_face, found {shape}")
        if dense.pix_to_face.is_floating_point() or dense.pix_to_face.is_complex():
            raise TypeError(f"dense.pix_to_face: expected whole numbers, found {dense.pix_to_face.dtype}")
        # PyTorch3D sorts the faces of a pixel by depth.
        nearest = dense.pix_to_face[..., 0]
        count, height, width = nearest.shape
        at = torch.nonzero(nearest >= 0, as_tuple=True)
        shot, y, x = at
        packed = nearest[at]
        depth = dense.zbuf[..., 0][at]
        # PyTorch3D's OpenGL rasterizer gives none.
        edge_px2 = torch.full_like(depth, torch.nan)
        if dense.dists is not None:
            edge_px2 = -dense.dists[..., 0][at] / _ndc_per_px(width, height) ** 2
        size_px = torch.tensor([[width, height]], dtype=torch.int32, device=nearest.device)
        return cls(
            pixel=torch.stack([x, y], 1).int(),
            shot=shot.int(),
            placement=(packed // face_count).int(),
            face=(packed % face_count).int(),
            bary=dense.bary_coords[..., 0, :][at],
            depth=depth,
            edge_px2=edge_px2,
            size_px=size_px.expand(count, 2),
            face_count=face_count,
        )


def _check_inside(name: str, found: torch.Tensor, count: int) -> None:
    if found.is_floating_point() or ((found < 0) | (found >= count)).any():
        raise ValueError(f"{name}: expected whole numbers from 0 to {count - 1}, found others, {found.dtype}")


def _ndc_per_px(width: int, height: int) -> float:
    """PyTorch3D's normalised device coordinates are 2 along the shorter side."""
    return 2.0 / max(min(width, height), 1)
