"""PyTorch3D as its manual has it used: Meshes, a camera, MeshRasterizer, and a shader of few lines.

Bins are kept where PyTorch3D has them, on CUDA, with room for all faces: by itself it drops those beyond
10,000 in a bin. On the CPU it tries every face at every pixel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from benchmarks.peers.peer import Loop, MissingPeerError
from benchmarks.peers.people import People, Posed, View
from benchmarks.peers.shading import shade, upload_photos

# PyTorch3D's work grows with the square of the batch.
BATCH = {"cpu": 1, "cuda": 16}


class _Painter:
    def __init__(self, people: People) -> None:
        try:
            import pytorch3d
            from pytorch3d import ops, renderer, structures
        except ImportError as error:
            raise MissingPeerError(f"PyTorch3D is not installed ({error})") from error
        self._renderer, self._make_meshes = renderer, structures.Meshes
        self._interpolate = ops.interpolate_face_attributes
        self._device, self._size = people.device, people.size_px
        self.batch = BATCH[people.device.type]
        self.about = f"PyTorch3D {pytorch3d.__version__}, {people.device.type}"
        self._faces = torch.from_numpy(np.ascontiguousarray(people.faces, np.int64)).to(people.device)

    @torch.inference_mode()
    def paint(self, posed: Posed, photos: Sequence[np.ndarray], paper: tuple[int, int, int]) -> np.ndarray:
        pasted = upload_photos(photos, self._device)
        white = torch.tensor(paper, dtype=torch.uint8, device=self._device)
        pictures = [
            self._draw(posed.verts, view, behind)
            for view, behind in ((posed.photo, pasted), (posed.side, white))
        ]
        return torch.cat(pictures, 2).cpu().numpy()

    def _draw(self, verts: torch.Tensor, view: View, behind: torch.Tensor) -> torch.Tensor:
        (width, height), count = self._size, len(verts)
        seen = verts @ view.matrix[:, :3, :3].mT + view.matrix[:, None, :3, 3]
        middle = torch.tensor([width / 2, height / 2], device=self._device)
        # In PyTorch3D's view x is left and y is up.
        is_flat = view.focal_px is None
        xy = middle - seen[..., :2] if is_flat else -seen[..., :2]
        meshes = self._make_meshes(torch.cat([xy, seen[..., 2:]], 2), self._faces.expand(count, -1, -1))
        make_cameras = self._renderer.OrthographicCameras if is_flat else self._renderer.PerspectiveCameras
        rasterizer = self._renderer.MeshRasterizer(
            make_cameras(
                focal_length=view.focal_px or 1.0,
                principal_point=middle[None],
                in_ndc=False,
                image_size=((height, width),),
                device=self._device,
            ),
            self._renderer.RasterizationSettings(
                image_size=(height, width),
                blur_radius=0.0,
                faces_per_pixel=1,
                bin_size=0 if self._device.type == "cpu" else None,
                max_faces_per_bin=count * len(self._faces),
                cull_backfaces=True,
            ),
        )
        found = rasterizer(meshes)
        corners = meshes.verts_normals_packed()[meshes.faces_packed()]
        normals = self._interpolate(found.pix_to_face, found.bary_coords, corners)[..., 0, :]
        # Back to y down; x is not looked at.
        return shade(normals, found.pix_to_face[..., 0] >= 0, behind)


def open_peer(people: People, threads: int, settings: tuple[str, ...]) -> Loop:
    """Raises MissingPeerError without PyTorch3D."""
    return Loop(people, _Painter(people))
