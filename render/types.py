"""The arrays that travel between the stages.

Each stage imports these types and no other stage. A type checks the shapes of its arrays when it is made
and prints shapes, never data. Pixel rule, for all of them: x right, y down, z away from the viewer; pixel
(row r, column c) covers [c, c + 1) x [r, r + 1), so its centre is (c + 0.5, r + 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

# A fit's bbox_scale is in this unit, as in MPII's annotations.
BOX_UNIT_PX = 200.0


class ShapeChecked:
    """Checks every array field against `SHAPES`, where a letter stands for one length, the same throughout.

    Raises ValueError naming the type, the field, the shape expected and the shape found.
    """

    SHAPES: ClassVar[dict[str, tuple[str | int, ...]]] = {}

    def __post_init__(self) -> None:
        lengths: dict[str, int] = {}
        for name, expected in self.SHAPES.items():
            found = tuple(getattr(self, name).shape)
            wanted = tuple(lengths.get(n, n) if isinstance(n, str) else n for n in expected)
            fits = len(found) == len(wanted) and all(
                isinstance(w, str) or w == f for w, f in zip(wanted, found, strict=True)
            )
            if not fits:
                raise ValueError(f"{type(self).__name__}.{name}: expected shape {wanted}, found {found}")
            lengths |= {n: f for n, f in zip(expected, found, strict=True) if isinstance(n, str)}

    def __repr__(self) -> str:
        parts = []
        for field in fields(self):
            value = getattr(self, field.name)
            shape = getattr(value, "shape", None)
            parts.append(f"{field.name}={value!r}" if shape is None else f"{field.name}{list(shape)}")
        return f"{type(self).__name__}({', '.join(parts)})"


@dataclass(frozen=True, repr=False)
class FitTable(ShapeChecked):
    """Fits as a struct of arrays, one row a person; only valid rows are in it.

    row: index of the entry in the fit file. image_name: as in the file, relative to the image folder.
    pose_rotmat: rotations relative to the parent joint; joint 0 is the global orientation, with the picture's
    y down. betas: shape coefficients. cam: s, tx, ty, weak perspective in the 224 px crop. bbox_center_px: of
    the square crop, x and y in the photo. bbox_scale: side of the crop / 200 px of the photo. annot_id: COCO
    annotation id, -1 where there is none. joint_validity: OpenPose-18 order. keypoints_px: SPIN's 49 joints,
    x, y in the photo and confidence, all zero where there are none.
    """

    row: np.ndarray
    image_name: np.ndarray
    pose_rotmat: np.ndarray
    betas: np.ndarray
    cam: np.ndarray
    bbox_center_px: np.ndarray
    bbox_scale: np.ndarray
    annot_id: np.ndarray
    joint_validity: np.ndarray
    keypoints_px: np.ndarray

    SHAPES: ClassVar = {
        "row": ("N",),
        "image_name": ("N",),
        "pose_rotmat": ("N", 24, 3, 3),
        "betas": ("N", 10),
        "cam": ("N", 3),
        "bbox_center_px": ("N", 2),
        "bbox_scale": ("N",),
        "annot_id": ("N",),
        "joint_validity": ("N", 18),
        "keypoints_px": ("N", 49, 3),
    }

    def __len__(self) -> int:
        return len(self.row)

    def take(self, index: np.ndarray | slice) -> FitTable:
        """The rows at `index` (positions in this table), in that order."""
        return FitTable(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


@dataclass(frozen=True)
class RowProblem:
    """An entry of a fit file without a picture: its index in the file, its image if known, and why."""

    row: int
    image_name: str
    reason: str


@dataclass(frozen=True)
class Rect:
    """A rectangle of whole pixels: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True)
class Viewpoint:
    """From where a panel looks: a view by name and what that view may be told.

    azimuth_deg, elevation_deg: of a view around the bodies; azimuth turns about the picture's vertical, 90 is
    the side, and elevation raises the eye. is_orthographic: without perspective. magnification: of a crop,
    over 224 px.
    """

    name: str
    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    is_orthographic: bool = False
    magnification: float = 1.0


@dataclass(frozen=True)
class Panel:
    """A view drawn in a mode over a background inside a rectangle of its sheet."""

    viewpoint: Viewpoint
    mode: str
    background: str
    rect: Rect


@dataclass(frozen=True)
class Sheet:
    """One output: a picture, a row of panels, or the frames of a clip, one below the other.

    name: path below the output folder, without extension. photo: the picture file behind it, None where
    none is needed, and photo_hw its height and width in pixels. fits: positions in the FitTable of the
    people drawn.
    """

    name: str
    height: int
    width: int
    photo: Path | None
    photo_hw: tuple[int, int]
    panels: tuple[Panel, ...]
    fits: tuple[int, ...]
    frames: int = 1


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
class Cameras(ShapeChecked):
    """How each draw sees its body, one row a draw.

    A vertex v in metres goes to q = matrix v + translation. Where focal_px is 0 the view is orthographic
    and q is x, y in pixels of the panel and depth in pixels. Elsewhere q is in the view's frame and lands
    on center_px + focal_px * q.xy / q.z. rotation: the rotation alone, for normals. cull: 1 drops faces
    that are turned away from the viewer.
    """

    matrix: torch.Tensor
    translation: torch.Tensor
    focal_px: torch.Tensor
    center_px: torch.Tensor
    rotation: torch.Tensor
    cull: torch.Tensor

    SHAPES: ClassVar = {
        "matrix": ("D", 3, 3),
        "translation": ("D", 3),
        "focal_px": ("D",),
        "center_px": ("D", 2),
        "rotation": ("D", 3, 3),
        "cull": ("D",),
    }


@dataclass(frozen=True, repr=False)
class Draws(ShapeChecked):
    """Bodies on sheets: one draw for each (body, panel), draws of one panel side by side.

    verts: x, y in pixels of the panel, view depth z (smaller is nearer), and 1/w: 1 in orthographic draws,
    1/z in perspective, 0 behind the near plane. rotation: from the bodies' frame to the view's, for normals.
    body, panel: int32 indices into the batch's bodies and panels. cull: 1 drops faces turned away from the
    viewer. low, high: least and greatest x, y and z of the vertices that can be drawn. A panel that is drawn
    with n x n samples a pixel has x and y in samples.
    """

    verts: torch.Tensor
    rotation: torch.Tensor
    body: torch.Tensor
    panel: torch.Tensor
    cull: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor
    faces: torch.Tensor

    SHAPES: ClassVar = {
        "verts": ("D", "V", 4),
        "rotation": ("D", 3, 3),
        "body": ("D",),
        "panel": ("D",),
        "cull": ("D",),
        "low": ("D", 3),
        "high": ("D", 3),
        "faces": ("F", 3),
    }


@dataclass(frozen=True, repr=False)
class Canvas(ShapeChecked):
    """The pixels of a batch of sheets and the panels on them.

    pixels: all sheets in one flat uint8 buffer, RGB or RGBA, rows from the top. channels: 3 or 4.
    panel_start: int64 index in `pixels` of each panel's top-left byte. panel_stride: bytes in a row of its
    sheet, int32.
    """

    pixels: torch.Tensor
    channels: int
    panel_start: torch.Tensor
    panel_stride: torch.Tensor

    SHAPES: ClassVar = {
        "pixels": ("B",),
        "panel_start": ("K",),
        "panel_stride": ("K",),
    }


@dataclass(frozen=True, repr=False)
class Layout(ShapeChecked):
    """Where the panels of a batch lie in its visibility buffer.

    All panels one after the other, row by row, as large as they are drawn. rect: the part of each panel that
    its draws can cover, x, y, width, height in its pixels, int32; the rest is not read. stride: samples from
    one row of pixels to the next, int32. sample_bits: int32, b for panels with 2^b x 2^b samples a pixel,
    which are side by side in the buffer. start: int64 index of each panel's first sample, and the end.
    first_row: int32, how many rows of pixels come before each panel, and all of them. row_panel: int32, the
    panel of each row. depth_range: least and greatest depth of its draws. size: width and height of each
    panel in pixels, int32.
    """

    rect: torch.Tensor
    stride: torch.Tensor
    sample_bits: torch.Tensor
    start: torch.Tensor
    first_row: torch.Tensor
    row_panel: torch.Tensor
    depth_range: torch.Tensor
    size: torch.Tensor

    SHAPES: ClassVar = {
        "rect": ("K", 4),
        "stride": ("K",),
        "sample_bits": ("K",),
        "start": ("K1",),
        "first_row": ("K1",),
        "row_panel": ("R",),
        "depth_range": ("K", 2),
        "size": ("K", 2),
    }


@dataclass(frozen=True)
class Chunk:
    """A part of a batch that is drawn at once.

    rows: of pixels, counted through all panels. draws: those that can cover them. samples: range of their
    samples in the batch's visibility buffer.
    """

    rows: range
    draws: range
    samples: range


@dataclass(frozen=True, repr=False)
class Visibility(ShapeChecked):
    """The ragged visibility buffer: what is in front at each sample of a chunk.

    keys: int64, one a sample, in the order of the layout, from the chunk's first on; the depth's order in the
    upper 32 bits and draw * F + face in the lower; EMPTY where nothing is. There may be more of them.
    """

    keys: torch.Tensor
    chunk: Chunk

    EMPTY: ClassVar[int] = 2**63 - 1
    SHAPES: ClassVar = {"keys": ("P",)}


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


@dataclass(frozen=True, repr=False)
class People(ShapeChecked):
    """Who each draw shows.

    instance: 1, 2, ... within its sheet, int32. row: in the fit file, int32.
    """

    instance: torch.Tensor
    row: torch.Tensor

    SHAPES: ClassVar = {"instance": ("D",), "row": ("D",)}
