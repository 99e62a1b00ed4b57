"""People in no pose that anyone ever had."""

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from render.body.models.smpl import SmplBody


def random_people(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """All 24 joints turned at will, and shapes of all kinds."""
    rng = np.random.default_rng(seed)
    rotmat = Rotation.random(24 * count, rng=rng).as_matrix().reshape(count, 24, 3, 3)
    betas = rng.normal(0, 2, (count, 10))
    return torch.from_numpy(rotmat).float(), torch.from_numpy(betas).float()


def random_bodies(demo_body: SmplBody, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of bodies in random poses, 180 px tall, each in a 200 x 200 panel."""
    rotations = Rotation.random(count, rng=np.random.default_rng(0)).as_matrix()
    bends = Rotation.from_rotvec(np.random.default_rng(1).normal(0, 0.3, (count * 23, 3))).as_matrix()
    rotmat = np.concatenate([rotations[:, None], bends.reshape(count, 23, 3, 3)], 1)
    bodies = demo_body.pose(torch.from_numpy(rotmat).float(), torch.zeros(count, 10))
    verts = bodies.verts.numpy()
    low, high = verts.min(1, keepdims=True), verts.max(1, keepdims=True)
    return (verts - (low + high) / 2) / (high - low).max(2, keepdims=True) * 180 + 100, bodies.faces.numpy()
