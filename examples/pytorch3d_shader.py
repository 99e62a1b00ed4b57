"""PyTorch3D's shader on our fragments: python examples/pytorch3d_shader.py

A batch of bodies is rasterized in milliseconds, and shaded by what you have already.

PyTorch3D is not on PyPI for Linux: https://github.com/facebookresearch/pytorch3d/blob/main/INSTALL.md
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from render import build_sheets, load_body, pose_bodies, rasterize_sheets

try:
    from pytorch3d.renderer import FoVPerspectiveCameras, HardPhongShader, PointLights, TexturesVertex
    from pytorch3d.structures import Meshes
except ImportError as error:
    sys.exit(f"skipped: this example needs PyTorch3D, which cannot be imported here ({error})")

FOLDER = Path("outputs/examples/pytorch3d_shader")


def main() -> None:
    betas = np.zeros((3, 10))
    betas[:, 1] = -2, 0, 2
    bodies = pose_bodies(load_body(), np.tile(np.eye(3), (3, 24, 1, 1)), betas, up="y")
    # One panel a body: a picture and a mesh each.
    fragments = rasterize_sheets(build_sheets(bodies, ["camera/geo"], size_px=(480, 480)))
    textures = TexturesVertex(torch.tensor([0.85, 0.6, 0.45]).to(bodies.verts).expand_as(bodies.verts))
    meshes = Meshes(list(bodies.verts), [bodies.faces] * len(bodies.verts), textures)
    device = bodies.verts.device
    # Bodies are lit where they are; the eye is for highlights only.
    eye = FoVPerspectiveCameras(T=[[0, 0, 3]], device=device)
    light = PointLights(location=[[1, -2, -3]], device=device)
    shader = HardPhongShader(cameras=eye, lights=light, device=device)
    images = shader(fragments.to_pytorch3d(), meshes)  # (3, 480, 480, 4), 0 to 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(images[..., :3].clamp(0, 1).mul(255).byte().cpu().numpy()):
        cv2.imwrite(str(FOLDER / f"{i}.png"), image[:, :, ::-1])
        print(FOLDER / f"{i}.png")


if __name__ == "__main__":
    main()
