"""A stand-in for PyTorch3D, slow and obvious, and one that notes what a library is asked to draw."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import torch

from render.rasterize.load_pytorch3d import PyTorch3D


class SlowMeshes:
    """As PyTorch3D's `Meshes`: vertices and faces of each."""

    def __init__(self, verts: list[torch.Tensor], faces: list[torch.Tensor]) -> None:
        self._verts, self._faces = verts, faces

    def verts_list(self) -> list[torch.Tensor]:
        return self._verts

    def faces_list(self) -> list[torch.Tensor]:
        return self._faces


class SlowRasterizer:
    """As PyTorch3D's `MeshRasterizer`: each face is tried at each pixel, in float64.

    In the view x is left, y up and z away. Pixel centres on an edge are in no face. Faces that
    are clockwise on the picture are culled if that is asked for.
    """

    def __init__(self, cameras: SimpleNamespace, raster_settings: SimpleNamespace) -> None:
        self._cameras = cameras
        self._settings = raster_settings

    def __call__(self, meshes: SlowMeshes) -> SimpleNamespace:
        shape = (len(meshes.faces_list()), self._settings.image_size, self._settings.image_size, 1)
        found, bary = np.full(shape, -1), np.full((*shape, 3), -1.0)
        first = 0
        for i, (verts, faces) in enumerate(zip(meshes.verts_list(), meshes.faces_list(), strict=True)):
            self._draw(verts.double().numpy()[faces.numpy()], first, found[i, ..., 0], bary[i, ..., 0, :])
            first += len(faces)
        return SimpleNamespace(
            pix_to_face=torch.from_numpy(found), bary_coords=torch.from_numpy(bary).float()
        )

    def _draw(self, view: np.ndarray, first: int, found: np.ndarray, bary: np.ndarray) -> None:
        """view: (F, 3, 3) corners. found: (H, W), gets `first` + the nearest face. bary: (H, W, 3)."""
        assert (view[..., 2] > 0).all(), "PyTorch3D would drop such faces"
        scale = self._cameras.focal_length / (view[..., 2:] if self._cameras.is_perspective else 1)
        corners = self._cameras.principal_point[0] - scale * view[..., :2]
        # Each face in each row that it reaches, row by row.
        height, width = found.shape
        y = np.arange(height)[:, None] + 0.5
        row, face = np.nonzero((corners[..., 1].min(1) < y) & (corners[..., 1].max(1) > y))
        a, b, c = corners[face].transpose(1, 2, 0)[..., None]
        point = np.array(np.broadcast_arrays(np.arange(width) + 0.5, y[row]))
        area = cross(a, b, c)
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = np.stack([cross(b, c, point), cross(c, a, point), cross(a, b, point)]) / area
        inside = (weight > 0).all(0)
        if self._settings.cull_backfaces:
            # y is down here.
            inside &= area < 0
        z = view[face, :, 2].T[..., None]
        if self._cameras.is_perspective:
            weight = weight / z
            weight /= weight.sum(0)
        depth = np.where(inside, (weight * z).sum(0), np.inf)
        for y in np.unique(row):
            begin, end = np.searchsorted(row, [y, y + 1])
            nearest = begin + depth[begin:end].argmin(0)
            hit = np.flatnonzero(inside[nearest, np.arange(width)])
            found[y, hit] = first + face[nearest[hit]]
            bary[y, hit] = weight[:, nearest[hit], hit].T


def cross(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Of the ways from a to b and from a to c; x and y come first."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def slow_cameras(is_perspective: bool) -> Callable[..., SimpleNamespace]:
    def make(*, focal_length, principal_point, in_ndc, image_size, device) -> SimpleNamespace:
        assert not in_ndc
        return SimpleNamespace(
            focal_length=focal_length, principal_point=principal_point, is_perspective=is_perspective
        )

    return make


STAND_IN = PyTorch3D(
    Meshes=SlowMeshes,
    MeshRasterizer=SlowRasterizer,
    RasterizationSettings=SimpleNamespace,
    OrthographicCameras=slow_cameras(False),
    PerspectiveCameras=slow_cameras(True),
)


class Call(NamedTuple):
    """What the library was asked to draw: the meshes' corners (3 F, 3) as given, faces, and its settings."""

    verts: list[torch.Tensor]
    faces: list[torch.Tensor]
    settings: Any

    @property
    def most_faces(self) -> int:
        return max(len(faces) for faces in self.faces)


class Watched:
    """A library that notes what it draws, and has room for so many meshes at once."""

    def __init__(self, library: PyTorch3D) -> None:
        self.calls: list[Call] = []
        self.room = 10**9
        self.refused: list[int] = []
        self._make = library.MeshRasterizer
        self.library = library._replace(MeshRasterizer=self._open)

    def _open(self, cameras: Any, settings: Any) -> Callable:
        rasterizer = self._make(cameras, settings)

        def rasterize(meshes):
            call = Call(meshes.verts_list(), meshes.faces_list(), settings)
            if len(call.faces) > self.room:
                self.refused.append(len(call.faces))
                raise torch.OutOfMemoryError(f"{len(call.faces)} meshes")
            self.calls.append(call)
            return rasterizer(meshes)

        return rasterize
