"""People of whom little but their cameras matters, and what is measured of their bodies."""

import numpy as np
import torch

from render.body.extent import Extents
from render.fits.build import assemble
from render.fits.cameras import PhotoCameras
from render.types.bodies import Bodies
from render.types.fits import Fits
from render.types.sources import Meshes
from tests.helpers.made_meshes import FACES


def make_seen(cameras: PhotoCameras, verts: np.ndarray | None = None, **columns: np.ndarray) -> Fits:
    """Fits with these cameras, of meshes whose vertices are given or nowhere else than in the origin."""
    count = len(cameras)
    verts = np.zeros((count, 4, 3), np.float32) if verts is None else np.asarray(verts, np.float32)
    return assemble("meshes", ["a.png"] * count, Meshes("", FACES, verts), cameras, **columns)


def as_bodies(verts: np.ndarray) -> Bodies:
    """Bodies of vertices; their faces and normals are of no use."""
    held = torch.from_numpy(np.ascontiguousarray(verts, np.float32))
    return Bodies(held, torch.zeros_like(held), torch.zeros(len(held), 1, 3), torch.from_numpy(FACES))


def measure(verts: np.ndarray) -> Extents:
    """Extents of bodies, by their definition."""
    verts = np.asarray(verts, np.float64)
    center = verts.mean(1)
    radius = np.linalg.norm(verts - center[:, None], axis=2).max(1)
    return Extents(*(torch.from_numpy(part) for part in (center, verts.min(1), verts.max(1), radius)))
