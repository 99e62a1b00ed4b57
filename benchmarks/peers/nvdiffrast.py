"""nvdiffrast, on CUDA alone: bodies in clip space, its rasterizer and interpolation, and a short shader."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from benchmarks.peers.peer import Loop, MissingPeerError
from benchmarks.peers.people import People, Posed, View
from benchmarks.peers.shading import shade, upload_photos

BATCH = 64


class _Painter:
    batch = BATCH

    def __init__(self, people: People) -> None:
        if people.device.type != "cuda":
            raise MissingPeerError("nvdiffrast draws on CUDA alone, and there is no GPU to draw on")
        try:
            import nvdiffrast
            import nvdiffrast.torch as library
        except ImportError as error:
            raise MissingPeerError(f"nvdiffrast is not installed ({error})") from error
        self._library, self._context = library, library.RasterizeCudaContext(people.device)
        self._device, self._size = people.device, people.size_px
        self.about = f"nvdiffrast {nvdiffrast.__version__}, cuda"
        faces = np.ascontiguousarray(people.faces, np.int32)
        self._faces = torch.from_numpy(faces).to(people.device)

    @torch.inference_mode()
    def paint(self, posed: Posed, photos: Sequence[np.ndarray], paper: tuple[int, int, int]) -> np.ndarray:
        pasted = upload_photos(photos, self._device)
        white = torch.tensor(paper, dtype=torch.uint8, device=self._device)
        normals = find_normals(posed.verts, self._faces)
        pictures = [
            self._draw(posed.verts, normals, view, behind)
            for view, behind in ((posed.photo, pasted), (posed.side, white))
        ]
        return torch.cat(pictures, 2).cpu().numpy()

    def _draw(
        self, verts: torch.Tensor, normals: torch.Tensor, view: View, behind: torch.Tensor
    ) -> torch.Tensor:
        width, height = self._size
        # Its first row is the lowest of OpenGL's, so that y is turned over.
        clip = view.make_clip(self._size) * torch.tensor([1.0, -1, 1, 1], device=self._device)[:, None]
        points = torch.nn.functional.pad(verts, (0, 1), value=1.0) @ clip.mT
        found, _ = self._library.rasterize(self._context, points, self._faces, (height, width))
        turned = (normals @ view.rotation.mT).contiguous()
        at_pixels, _ = self._library.interpolate(turned, found, self._faces)
        return shade(at_pixels, found[..., 3] > 0, behind)


def find_normals(verts: torch.Tensor, faces: torch.Tensor) -> torch.Tensor:
    """Sums (N, V, 3) of the unit normals of the faces (F, 3) of each vertex."""
    corners = verts[:, faces.long()]
    edges = corners[:, :, 1:] - corners[:, :, :1]
    of_faces = torch.nn.functional.normalize(torch.linalg.cross(edges[:, :, 0], edges[:, :, 1]), dim=-1)
    found = torch.zeros_like(verts)
    for corner in faces.long().T:
        found.index_add_(1, corner, of_faces)
    return found


def open_peer(people: People, threads: int, settings: tuple[str, ...]) -> Loop:
    """Raises MissingPeerError without nvdiffrast or CUDA."""
    return Loop(people, _Painter(people))
