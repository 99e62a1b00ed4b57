"""The light of a studio at the vertices of bodies, from depth maps, a block of directions after the other."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from render.light.depth_maps import DepthMapper, DepthMaps, count_bytes, count_cells
from render.light.directions import (
    DISC_COUNT,
    KEY_RADIUS_RAD,
    KEY_WAY,
    SPHERE_COUNT,
    frame_directions,
    spread_over_disc,
    spread_over_sphere,
)
from render.light.gather import FloorPatches, PointGroups, gather
from render.light.placed_bodies import PlacedBodies
from render.light.smoothing import smooth

# What the maps of a block take, if those of one direction do not take more.
BLOCK_BYTES = {"cpu": 16_000_000, "cuda": 500_000_000}
# Of the floor around a body: places along each side, and how far beyond the body they reach, m.
PATCH_CELLS = 24
PATCH_MARGIN_M = 0.6


def bake_ambient(
    bodies: PlacedBodies,
    normals: torch.Tensor,
    faces: torch.Tensor,
    boundary: torch.Tensor,
    first: torch.Tensor,
    end: torch.Tensor,
    most_people: int,
    ground_m: torch.Tensor,
) -> torch.Tensor:
    """The light of the sky and of the floor that reaches the vertices of M bodies, see `Light`.

    The floor is as bright as the sky that it sees itself, so that it is dark where bodies stand on it.

    Args:
        bodies: Of whole sheets.
        normals: (M, V, 3) float32, from `turn_normals`.
        faces: (F, 3) int32.
        boundary: From `sum_boundary`.
        first: (M,) int32, the first body of each one's sheet among these, and
        end: (M,) int32, behind the last.
        most_people: Of any of the sheets.
        ground_m: (M,) float64, y of the ground of each one's sheet; NaN where there is none.

    Returns:
        (M, V, 2) float32.
    """
    device, count = faces.device, len(normals)
    frames = torch.from_numpy(frame_directions(spread_over_sphere(SPHERE_COUNT))).float().to(device)[None]
    none = torch.zeros(count, dtype=torch.int32, device=device)
    every = torch.arange(count, dtype=torch.int32, device=device)
    groups = PointGroups(bodies.verts, normals, bodies.middle, bodies.half.norm(dim=1), first, end)
    patches, places = _lay_patches(bodies, ground_m, first, end)
    sky, floor = torch.zeros(2, *normals.shape[:2], 2, device=device)
    of_patches = torch.zeros(count, PATCH_CELLS * PATCH_CELLS, 2, device=device)
    cells = count_cells(most_people)
    block = count_block(count, cells, normals.shape[1], SPHERE_COUNT // 2, device)
    mapper = DepthMapper(bodies, faces, boundary, every, none, block, cells)
    up, down = frames.split(SPHERE_COUNT // 2, 1)
    for maps in _draw_blocks(mapper, up, block):
        gather(maps, groups, none, sky)
        gather(maps, places, none, of_patches)
    light = _share(of_patches)
    # Without a ground all that is below is as bright.
    light = torch.where(ground_m.isfinite()[:, None], light, 1.0)
    patches = patches._replace(light=light.view(count, PATCH_CELLS, PATCH_CELLS).contiguous())
    for maps in _draw_blocks(mapper, down, block):
        gather(maps, groups, none, floor, patches)
    # What a lattice of directions makes of a half of the sky is not quite what its integral is.
    upward = (0.5 - 0.5 * normals[..., 1]).clamp(0.0, 1.0)
    shares = torch.stack([_share(sky), _share(floor)], 2)
    smooth(shares, faces)
    return shares * torch.stack([upward, 1.0 - upward], 2)


def bake_key(
    bodies: PlacedBodies,
    normals: torch.Tensor,
    faces: torch.Tensor,
    boundary: torch.Tensor,
    body: torch.Tensor,
    axes: torch.Tensor,
    of_set: torch.Tensor,
    first: torch.Tensor,
    end: torch.Tensor,
    most_people: int,
) -> torch.Tensor:
    """The share of the key light that reaches the vertices of D placements, see `Light`.

    Args:
        bodies: M of them.
        normals: (M, V, 3) float32, from `turn_normals`.
        faces: (F, 3) int32.
        boundary: From `sum_boundary`.
        body: (D,) int32, of each placement.
        axes: (R, 3, 3) float64, of R rigs, see `Rigs`.
        of_set: (D,) int32, whose rig is a placement's.
        first: (D,) int32, the first placement that may hide its light, and
        end: (D,) int32, behind the last.
        most_people: That may hide each other's.

    Returns:
        (D, V) float32.
    """
    device, count = faces.device, len(body)
    frames = torch.from_numpy(frame_directions(spread_over_disc(DISC_COUNT, KEY_WAY, KEY_RADIUS_RAD)))
    frames = frames.to(device)[None, :, :, :, None] * axes[:, None, None]
    # By hand, for a library may round by how many there are.
    frames = (frames[:, :, :, 0] + frames[:, :, :, 1] + frames[:, :, :, 2]).float()
    chosen = body.long()
    groups = PointGroups(
        bodies.verts[chosen],
        normals[chosen],
        bodies.middle[chosen],
        bodies.half[chosen].norm(dim=1),
        first,
        end,
    )
    sums = torch.zeros(count, normals.shape[1], 2, device=device)
    cells = count_cells(most_people)
    block = count_block(count, cells, normals.shape[1], DISC_COUNT, device)
    mapper = DepthMapper(bodies, faces, boundary, body, of_set, block, cells)
    for maps in _draw_blocks(mapper, frames, block):
        gather(maps, groups, of_set, sums)
    shares = _share(sums)[:, :, None].contiguous()
    smooth(shares, faces)
    return shares[:, :, 0]


def count_block(occluders: int, cells: int, vert_count: int, most: int, device: torch.device) -> int:
    """How many directions are drawn at once.

    Args:
        occluders: How many are drawn along each.
        cells: Along a side of a map.
        vert_count: Of a body.
        most: How many there are.
        device: Where they are drawn.
    """
    room = BLOCK_BYTES[device.type] // (max(occluders, 1) * count_bytes(cells, vert_count))
    return max(min(room, most), 1)


def _draw_blocks(mapper: DepthMapper, frames: torch.Tensor, block: int) -> Iterator[DepthMaps]:
    for part in frames.split(block, 1):
        yield mapper.draw(part.contiguous())


def _share(sums: torch.Tensor) -> torch.Tensor:
    """What is open; all of it where no direction counts."""
    return torch.where(sums[..., 1] > 0.0, sums[..., 0] / sums[..., 1], 1.0)


def _lay_patches(
    bodies: PlacedBodies, ground_m: torch.Tensor, first: torch.Tensor, end: torch.Tensor
) -> tuple[FloorPatches, PointGroups]:
    """A patch of floor around each body, as bright as can be, and its places."""
    device, count = bodies.verts.device, len(bodies.verts)
    reach = torch.maximum(bodies.half[:, 0], bodies.half[:, 2]) + PATCH_MARGIN_M
    height = (ground_m - bodies.middle[:, 1]).nan_to_num(0.0).float()
    steps = torch.arange(PATCH_CELLS, device=device) * (2.0 / (PATCH_CELLS - 1)) - 1.0
    z, x = torch.meshgrid(steps, steps, indexing="ij")
    x, z = (one.reshape(-1) * reach[:, None] for one in (x, z))
    places = torch.stack([x, height[:, None].expand_as(x), z], 2).contiguous()
    normals = torch.tensor([0.0, -1.0, 0.0], device=device).expand_as(places).contiguous()
    # Of its corners, from the middle of the body.
    far = (2.0 * reach * reach + height * height).sqrt()
    corner = torch.stack([-reach, -reach], 1)
    light = torch.ones(count, PATCH_CELLS, PATCH_CELLS, device=device)
    patches = FloorPatches(light, corner, (PATCH_CELLS - 1) / (2.0 * reach), height)
    return patches, PointGroups(places, normals, bodies.middle, far, first, end)
