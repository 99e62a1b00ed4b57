"""The people that all peers draw: posed by smplx, and the two views of a sheet as matrices."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import torch

from benchmarks.coco_like import DEMO_BODY, CocoLike
from render.body.model_file import read_model_file
from render.fits.read import read_fits
from tests.helpers.smplx_oracle import make_smplx

# The view from the side, as the original viewer has it.
AZIMUTH_RAD, ELEVATION_RAD, FIELD_OF_VIEW_RAD = math.radians(90), math.radians(20), math.radians(65)
ZOOM, LEAST_EXTENT_PX = 1.2, 100.0
# How far off the photo's camera stands, in extents of the body. Without perspective it changes no pixel.
PHOTO_DISTANCE = 2.0


class View(NamedTuple):
    """Cameras of N people, in a space with x right, y down and z away, in pixels.

    Attributes:
        matrix: From bodies in metres to what the eye at 0 sees, (N, 4, 4).
        rotation: The same of normals, (N, 3, 3).
        focal_px: Of a perspective view; None without perspective, where x and y are those of the picture.
        near_px, far_px: Between which bodies are, (N,).
    """

    matrix: torch.Tensor
    rotation: torch.Tensor
    focal_px: float | None
    near_px: torch.Tensor
    far_px: torch.Tensor

    def make_clip(self, size_px: tuple[int, int]) -> torch.Tensor:
        """From bodies to OpenGL's clip space, y up, (N, 4, 4)."""
        width, height = size_px
        near, far = self.near_px, self.far_px
        project = self.matrix.new_zeros(len(near), 4, 4)
        if self.focal_px is None:
            project[:, 0, 0], project[:, 1, 1] = 2 / width, -2 / height
            project[:, 0, 3], project[:, 1, 3], project[:, 3, 3] = -1, 1, 1
            project[:, 2, 2], project[:, 2, 3] = 2 / (far - near), -(far + near) / (far - near)
        else:
            project[:, 0, 0], project[:, 1, 1] = 2 * self.focal_px / width, -2 * self.focal_px / height
            project[:, 2, 2], project[:, 2, 3] = (far + near) / (far - near), -2 * far * near / (far - near)
            project[:, 3, 2] = 1
        return project @ self.matrix


class Posed(NamedTuple):
    """verts: (N, V, 3) in metres, x right, y down, z away. photo, side: their views."""

    verts: torch.Tensor
    photo: View
    side: View


class People:
    """Fits of a set of `benchmarks.coco_like`.

    Args:
        data: The set.
        size_px: Width and height of its photos.
        device: Where bodies are posed.
    """

    def __init__(self, data: CocoLike, size_px: tuple[int, int], device: torch.device) -> None:
        self.data, self.size_px, self.device = data, size_px, device
        arrays = read_model_file(DEMO_BODY)
        self.faces = arrays.faces
        self._model = make_smplx(arrays).to(device)
        self._fits, _ = read_fits("eft", data.fit_file)
        bodies = self._fits.sources[0].bodies
        self._rotmat, self._betas = (torch.tensor(a, device=device) for a in (bodies.rotmat, bodies.betas))

    def photo_path(self, row: int) -> Path:
        return self.data.image_dir / str(self._fits.image_name[row])

    @torch.inference_mode()
    def pose(self, rows: range) -> Posed:
        """Bodies of these rows and their views."""
        index = slice(rows.start, rows.stop, rows.step)
        rotmat, betas = self._rotmat[index], self._betas[index]
        found = self._model(betas=betas, global_orient=rotmat[:, :1], body_pose=rotmat[:, 1:], pose2rot=False)
        scale, origin_px = (
            torch.tensor(a[index], dtype=torch.float32, device=self.device)
            for a in (self._fits.scale, self._fits.origin)
        )
        verts = found.vertices
        extent_px = scale * (verts.amax(1) - verts.amin(1)).amax(1)
        middle_px = scale[:, None] * verts.mean(1)
        return Posed(verts, *self._look(scale, origin_px, extent_px, middle_px))

    def _look(
        self, scale: torch.Tensor, origin_px: torch.Tensor, extent_px: torch.Tensor, middle_px: torch.Tensor
    ) -> tuple[View, View]:
        upright = torch.eye(3, device=self.device).repeat(len(scale), 1, 1)
        away = PHOTO_DISTANCE * extent_px
        shift = torch.cat([origin_px, (away - middle_px[:, 2])[:, None]], 1)
        photo = View(_join(scale, upright, shift), upright, None, away - extent_px, away + extent_px)
        turned = _turn().to(self.device).repeat(len(scale), 1, 1)
        shift = -(turned @ middle_px[:, :, None])[:, :, 0]
        distance = ZOOM * extent_px.clamp(min=LEAST_EXTENT_PX)
        shift[:, 2] += distance
        focal_px = self.size_px[1] / 2 / math.tan(FIELD_OF_VIEW_RAD / 2)
        side = View(_join(scale, turned, shift), turned, focal_px, 0.01 * distance, 3 * distance)
        return photo, side


def _join(scale: torch.Tensor, rotation: torch.Tensor, shift_px: torch.Tensor) -> torch.Tensor:
    matrix = torch.eye(4, device=scale.device).repeat(len(scale), 1, 1)
    matrix[:, :3, :3] = scale[:, None, None] * rotation
    matrix[:, :3, 3] = shift_px
    return matrix


def _turn() -> torch.Tensor:
    """Rx(elevation) Ry(-azimuth), (3, 3)."""
    ca, sa, ce, se = (f(a) for a in (AZIMUTH_RAD, ELEVATION_RAD) for f in (math.cos, math.sin))
    about_x = torch.tensor([[1, 0, 0], [0, ce, -se], [0, se, ce]])
    about_y = torch.tensor([[ca, 0, -sa], [0, 1, 0], [sa, 0, ca]])
    return about_x @ about_y
