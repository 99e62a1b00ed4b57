"""Fits of which little matters, and small bodies."""

import numpy as np
import torch

from render.fits.eft_rows import make_eft_fits
from render.types.bodies import Bodies
from render.types.fits import Fits


def make_table(count: int, **fields: np.ndarray) -> Fits:
    """People at rest, 200 px tall crops around (100, 100), with the fields of `EftRow` that are given."""
    whole = {
        "row": np.arange(count),
        "image_name": np.array(["a.jpg"] * count, object),
        "pose_rotmat": np.tile(np.eye(3, dtype=np.float32), (count, 24, 1, 1)),
        "betas": np.zeros((count, 10), np.float32),
        "cam": np.tile([1.0, 0.0, 0.0], (count, 1)),
        "bbox_center_px": np.full((count, 2), 100.0),
        "bbox_scale": np.ones(count),
        "annot_id": np.full(count, -1),
        "joint_validity": np.ones((count, 18), bool),
        "keypoints_px": np.zeros((count, 49, 3)),
    }
    return make_eft_fits(whole | fields)


def make_spheres(radii_m: list[float], centers_m: np.ndarray, count: int = 500) -> Bodies:
    """Bodies whose vertices lie evenly on spheres, their mean in the middle; the faces are of no use."""
    # Points and those across from them, on a spiral: Swinbank and Purser, "Fibonacci grids", 2006.
    i = np.arange(count // 2) + 0.5
    z, turn = 1 - i / (count // 2), np.pi * (1 + 5**0.5) * i
    half = np.column_stack([np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z])
    unit = np.concatenate([half, -half])
    verts = np.asarray(centers_m)[:, None] + np.asarray(radii_m)[:, None, None] * unit
    return Bodies(
        verts=torch.from_numpy(verts).float(),
        normals=torch.from_numpy(unit).float().repeat(len(verts), 1, 1),
        joints=torch.zeros(len(verts), 1, 3),
        faces=torch.tensor([[0, 1, 2]], dtype=torch.int32),
    )
