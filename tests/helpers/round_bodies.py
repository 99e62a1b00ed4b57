"""Spheres of which light is known, and what reaches points by depth maps."""

import numpy as np
import torch

from render.light.depth_maps import DepthMapper, count_cells, sum_boundary
from render.light.directions import SPHERE_COUNT, frame_directions, spread_over_sphere
from render.light.gather import PointGroups, gather
from render.light.placed_bodies import PlacedBodies, place_bodies

OCTAHEDRON = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)
SIDES = [[4, 0, 2], [4, 2, 1], [4, 1, 3], [4, 3, 0], [5, 2, 0], [5, 1, 2], [5, 3, 1], [5, 0, 3]]


def make_ball(splits: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """A sphere of radius 1 of 8 x 4^splits faces: vertices, which are its normals, and faces."""
    verts, faces = OCTAHEDRON, np.array(SIDES)
    for _ in range(splits):
        edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
        ends, index = np.unique(edges, axis=0, return_inverse=True)
        middles = verts[ends].sum(1)
        ab, bc, ca = index.reshape(3, -1) + len(verts)
        a, b, c = faces.T
        verts = np.concatenate([verts, middles / np.linalg.norm(middles, axis=1, keepdims=True)])
        parts = ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))
        faces = np.concatenate([np.stack(part, 1) for part in parts])
    return torch.from_numpy(verts).float(), torch.from_numpy(faces.astype(np.int32))


def place(verts: torch.Tensor) -> PlacedBodies:
    """Bodies whose vertices are in metres already, (M, V, 3)."""
    count, wide = len(verts), torch.float64
    matrix, one = torch.eye(3, dtype=wide).repeat(count, 1, 1), torch.ones(count, dtype=wide)
    return place_bodies(verts.contiguous(), matrix, torch.zeros(count, 3, dtype=wide), one)


def group_points(points: torch.Tensor, normals: torch.Tensor, occluders: int) -> PointGroups:
    """Groups of points in metres, (G, N, 3), that all bodies may hide light from."""
    count = len(points)
    return PointGroups(
        points=points.contiguous(),
        normals=normals.contiguous(),
        origin=torch.zeros(count, 3, dtype=torch.float64),
        reach=points.norm(dim=2).amax(1),
        first=torch.zeros(count, dtype=torch.int32),
        end=torch.full((count,), occluders, dtype=torch.int32),
    )


def sum_light(
    bodies: PlacedBodies,
    faces: torch.Tensor,
    groups: PointGroups,
    ways: np.ndarray | None = None,
    block: int = 16,
) -> torch.Tensor:
    """(G, N, 2), the sums of `gather` over directions, those of the whole sphere where none are given."""
    ways = spread_over_sphere(SPHERE_COUNT) if ways is None else ways
    frames = torch.from_numpy(frame_directions(ways)).float()[None]
    count = len(bodies.verts)
    none = torch.zeros(count, dtype=torch.int32)
    body = torch.arange(count, dtype=torch.int32)
    mapper = DepthMapper(bodies, faces, sum_boundary(faces), body, none, block, count_cells(count))
    sums = torch.zeros(*groups.points.shape[:2], 2)
    of_set = torch.zeros(len(groups.points), dtype=torch.int32)
    for begin in range(0, len(ways), block):
        gather(mapper.draw(frames[:, begin : begin + block].contiguous()), groups, of_set, sums)
    return sums
