"""PyTorch3D's MeshRasterizer as its manual has it used, for the benchmark of what it takes by itself."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.rest_pose import RestPose
from render.rasterize.load_pytorch3d import load_pytorch3d


def prepare_bare(posed: RestPose) -> Callable[[], torch.Tensor]:
    """A call of MeshRasterizer that draws the first body; it returns the face at each pixel, -1 for none."""
    lib, placements, device, (width, height) = load_pytorch3d(), posed.placements, posed.device, posed.size_px
    # In PyTorch3D's view x is left and y is up, and only what is in front of the eye is drawn.
    xy = torch.tensor([width / 2, height / 2], device=device) - placements.verts[0, :, :2]
    z = placements.verts[0, :, 2:3] - placements.low[0, 2] + 1
    meshes = lib.Meshes([torch.cat([xy, z], 1)], [placements.faces.long()])
    rasterizer = lib.MeshRasterizer(
        lib.OrthographicCameras(
            focal_length=1.0,
            principal_point=((width / 2, height / 2),),
            in_ndc=False,
            image_size=((height, width),),
            device=device,
        ),
        lib.RasterizationSettings(
            image_size=(height, width),
            blur_radius=0.0,
            faces_per_pixel=1,
            # The CPU knows no bins; on CUDA PyTorch3D chooses their size, and drops faces of full ones.
            bin_size=0 if device.type == "cpu" else None,
            max_faces_per_bin=len(placements.faces),
            cull_backfaces=True,
        ),
    )
    return lambda: rasterizer(meshes).pix_to_face[0, ..., 0]
