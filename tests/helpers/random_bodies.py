"""Bodies in random poses, in pixels."""

import numpy as np
import torch
from scipy.spatial.transform import Rotation


def random_bodies(demo_body, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Bodies in random poses, 180 px tall, each in a 200 x 200 panel: (count, V, 3), and their faces."""
    rotations = Rotation.random(count, rng=np.random.default_rng(0)).as_matrix()
    bends = Rotation.from_rotvec(np.random.default_rng(1).normal(0, 0.3, (count * 23, 3))).as_matrix()
    rotmat = np.concatenate([rotations[:, None], bends.reshape(count, 23, 3, 3)], 1)
    bodies = demo_body.pose(torch.from_numpy(rotmat).float(), torch.zeros(count, 10))
    verts = bodies.verts.numpy()
    low, high = verts.min(1, keepdims=True), verts.max(1, keepdims=True)
    return (verts - (low + high) / 2) / (high - low).max(2, keepdims=True) * 180 + 100, bodies.faces.numpy()
