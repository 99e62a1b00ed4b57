"""People in no pose that anyone ever had."""

import numpy as np
import torch
from scipy.spatial.transform import Rotation


def random_people(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """All 24 joints turned at will, and shapes of all kinds."""
    rng = np.random.default_rng(seed)
    rotmat = Rotation.random(24 * count, rng=rng).as_matrix().reshape(count, 24, 3, 3)
    betas = rng.normal(0, 2, (count, 10))
    return torch.from_numpy(rotmat).float(), torch.from_numpy(betas).float()
