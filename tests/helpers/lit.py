"""The light of the studio in numpy, and made-up light on a sphere."""

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from render.types.light import Light

RIG = Rotation.from_euler("yx", [35, -12], degrees=True).as_matrix()
KEY = np.array([-0.64, 0.62, 0.455]) / np.linalg.norm([-0.64, 0.62, 0.455])
KEY_RGB, FILL_RGB, RIM_RGB = [1.75, 1.64, 1.49], [0.08, 0.10, 0.13], [0.55, 0.60, 0.66]
SKY_RGB, FLOOR_RGB = [0.25, 0.28, 0.33], [0.31, 0.278, 0.24]
CLAY = [0.60, 0.565, 0.52]


def make_shares(unit: np.ndarray) -> np.ndarray:
    """(V, 3) sky, floor and key at the vertices of a sphere: anything that differs from place to place."""
    x, y, z = unit.T
    return np.column_stack([0.3 + 0.25 * x, 0.35 - 0.3 * y, 0.5 + 0.5 * z])


def make_light(unit: np.ndarray, count: int) -> Light:
    """The same light on so many spheres."""
    shares = torch.from_numpy(make_shares(unit)).float().expand(count, -1, -1)
    rig = torch.from_numpy(RIG).float().expand(count, -1, -1)
    return Light(rig=rig.contiguous(), ambient=shares[..., :2].contiguous(), key=shares[..., 2].contiguous())


def disc(cosine: np.ndarray, sine: float) -> np.ndarray:
    """The cosine, but where a disc of that size is partly below the horizon a parabola."""
    partly = (cosine + sine) ** 2 / (4 * sine)
    return np.where(cosine > sine, cosine, np.where(cosine > -sine, partly, 0))


class Lit:
    """What of the light of the studio reaches points, by their normals in the picture and their shares."""

    def __init__(self, normal: np.ndarray, shares: np.ndarray) -> None:
        self.normal, self.view = normal @ RIG.T, RIG[:, 2]
        self.sky, self.floor, self.key = shares.T
        self.open = np.clip(self.sky + self.floor, 0, 1)
        self.facing = np.clip(self.normal @ self.view, 0, 1)
        self.fresnel = (1 - self.facing) ** 5

    def diffuse(self, albedo: list[float], wraps: list[float]) -> np.ndarray:
        fill = np.maximum(self.normal @ [0.8575, -0.1009, 0.5044] + 0.4, 0) / 1.4
        around = np.outer(self.sky, SKY_RGB) + np.outer(self.floor, FLOOR_RGB)
        around += np.outer(fill * self.open, FILL_RGB)
        light = np.empty((len(self.key), 3))
        for i, (a, wrap) in enumerate(zip(albedo, wraps, strict=True)):
            polynomial = np.polynomial.Polynomial(
                [0, 2.7552 * a + 0.6903, -4.7951 * a + 0.6417, 2.0404 * a - 0.3324]
            )
            gain = np.maximum(polynomial(self.open), self.open) / np.maximum(self.open, 1e-3)
            direct = KEY_RGB[i] * self.key * disc(self.normal @ KEY, wrap)
            light[:, i] = a * (direct + gain * around[:, i])
        return light

    def rim(self) -> np.ndarray:
        behind = np.maximum(self.normal @ [0.8165, 0.4082, -0.4082], 0)
        return np.outer(behind * (1 - self.facing) ** 2 * self.open, RIM_RGB)

    def mirror(self) -> np.ndarray:
        up = (2 * (self.normal @ self.view)[:, None] * self.normal - self.view)[:, 1]
        t = np.clip(0.5 + 0.8 * up, 0, 1)
        t = (t * t * (3 - 2 * t))[:, None]
        shown = (1 - t) * [0.27, 0.265, 0.26] + t * [0.46, 0.49, 0.53]
        return (self.open**2)[:, None] * shown

    def shine(self, rough: float) -> np.ndarray:
        half = KEY + self.view
        cosine = np.maximum(self.normal @ half / np.linalg.norm(half), 1e-3)
        bell = rough / (rough + 1 / cosine**2 - 1)
        return (bell**2 * self.key * np.clip(4 * self.normal @ KEY, 0, 1))[:, None]


def develop(light: np.ndarray) -> np.ndarray:
    return np.sqrt(light * (1 + 0.15 * light) / (1 + 0.6 * light))


def clay(lit: Lit, albedo: list[float]) -> np.ndarray:
    light = lit.diffuse(albedo, [np.sin(0.27)] * 3)
    return develop(light + 0.3 * lit.fresnel[:, None] * lit.mirror() + 0.25 * lit.rim())


def skin(lit: Lit) -> np.ndarray:
    light = lit.diffuse([0.64, 0.425, 0.325], [0.5, 0.34, 0.28]) + 0.3 * lit.rim() + 0.1 * lit.shine(0.16)
    return develop(light + (0.04 + 0.35 * lit.fresnel)[:, None] * lit.mirror())


def gloss(lit: Lit) -> np.ndarray:
    mirrored = (0.04 + 0.96 * lit.fresnel)[:, None]
    light = (1 - mirrored) * lit.diffuse([0.16, 0.33, 0.5], [np.sin(0.27)] * 3)
    return develop(light + mirrored * lit.mirror() + 1.1 * lit.shine(0.02) + 0.3 * lit.rim())
