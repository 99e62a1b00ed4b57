"""People of capsules: as meshes, and as the formula by which a point is within one."""

from typing import NamedTuple

import numpy as np
import torch

from render.body.normals import VertexNormals
from render.types.bodies import Bodies

RINGS, SECTORS = 24, 32


class Capsule(NamedTuple):
    """All points up to `radius` from a segment, m; a ball where it has no length."""

    start: tuple[float, float, float]
    radius: float
    end: tuple[float, float, float] | None = None

    def measure_outside(self, points: np.ndarray) -> np.ndarray:
        """How far (K, 3) points are from the surface, negative within."""
        start = np.array(self.start, float)
        along = np.array(self.end or self.start, float) - start
        share = np.clip((points - start) @ along / max(along @ along, 1e-12), 0, 1)
        return np.linalg.norm(points - start - share[..., None] * along, axis=-1) - self.radius


def make_ball() -> tuple[np.ndarray, np.ndarray]:
    """A closed mesh of vertices on the unit ball, its poles on z, with an even number of rings between.

    Returns:
        (V, 3) vertices and (F, 3) faces, counterclockwise seen from outside.
    """
    polar = np.pi * (np.arange(RINGS) + 0.5) / RINGS
    turn = 2 * np.pi * np.arange(SECTORS) / SECTORS
    ring = np.stack(np.broadcast_arrays(*_point(polar[:, None], turn)), -1).reshape(-1, 3)
    verts = np.vstack([ring, [0, 0, 1], [0, 0, -1]])
    faces = []
    for j in range(SECTORS):
        k = (j + 1) % SECTORS
        faces += [(len(ring), j, k), (len(ring) + 1, len(ring) - SECTORS + k, len(ring) - SECTORS + j)]
        for i in range(RINGS - 1):
            above, below = i * SECTORS, (i + 1) * SECTORS
            faces += [(above + j, below + j, below + k), (above + j, below + k, above + k)]
    return verts, np.array(faces, np.int32)


def _point(polar: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)


def make_people(people: list[list[Capsule]], joints: np.ndarray) -> Bodies:
    """A body of its capsules for each person; who has fewer of them than another has points, too.

    Args:
        people: Their capsules.
        joints: (P, J, 3) m.
    """
    most = max(map(len, people))
    unit, faces = make_ball()
    filled = [[*parts, *[Capsule((0, 0, 9), 0)] * (most - len(parts))] for parts in people]
    verts = np.stack([np.concatenate([_stretch(unit, part) for part in parts]) for parts in filled])
    of_all = torch.from_numpy(np.concatenate([faces + i * len(unit) for i in range(most)]))
    held = torch.from_numpy(verts).float().contiguous()
    normals = torch.empty_like(held)
    VertexNormals(of_all, held.shape[1])(held, normals)
    return Bodies(held, normals, torch.from_numpy(np.asarray(joints)).float().contiguous(), of_all)


def _stretch(unit: np.ndarray, part: Capsule) -> np.ndarray:
    start = np.array(part.start, float)
    along = np.array(part.end or part.start, float) - start
    length = np.linalg.norm(along)
    axis = along / length if length else np.array([0.0, 0.0, 1.0])
    # Any two directions across; in that order, so that faces are not turned inside out.
    across = np.cross(axis, [1.0, 0, 0] if abs(axis[0]) < 0.9 else [0, 1.0, 0])
    across /= np.linalg.norm(across)
    turned = unit @ np.stack([across, np.cross(axis, across), axis])
    return start + part.radius * turned + np.where(unit[:, 2:] > 0, along, 0)
