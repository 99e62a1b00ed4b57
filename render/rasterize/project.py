"""Bodies through cameras: vertices in pixels of their sheets."""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes
from render.rasterize.edges import GUARD_PX
from render.types.bodies import Bodies
from render.types.placements import Cameras, Placements

wp.set_module_options(MODULE_OPTIONS)

# Kernels count the vertices of all placements in 32 bits, with a sign.
MOST_INDICES = 2**31

# Of the distance unit of the view; nothing a sheet shows is nearer to a perspective eye.
NEAR = wp.constant(1e-3)


# `lanes` threads a placement: each takes every lanes-th vertex and joins its bounds to those of the others.
@wp.kernel
def project_verts(
    body_verts: wp.array2d(dtype=wp.vec3f),
    body: wp.array(dtype=wp.int32),
    matrix: wp.array(dtype=wp.mat33f),
    translation: wp.array(dtype=wp.vec3f),
    focal_px: wp.array(dtype=wp.float32),
    center_px: wp.array(dtype=wp.vec2f),
    depth_shift: wp.array(dtype=wp.float32),
    shot: wp.array(dtype=wp.int32),
    sample_bits: wp.array(dtype=wp.int32),
    lanes: wp.int32,
    verts: wp.array2d(dtype=wp.vec4f),
    low: wp.array(dtype=wp.vec3f),
    high: wp.array(dtype=wp.vec3f),
):
    placement, lane = wp.tid()
    samples = wp.float32(1 << sample_bits[shot[placement]])
    own = body[placement]
    turn, shift = matrix[placement], translation[placement]
    focal, center = focal_px[placement], center_px[placement]
    nearer = depth_shift[placement]
    least = wp.vec3f(wp.inf, wp.inf, wp.inf)
    most = -least
    for vertex in range(lane, verts.shape[1], lanes):
        q = turn * body_verts[own, vertex] + shift
        x, y, inv_w = q[0], q[1], wp.float32(1.0)
        if focal > 0.0:
            # Stays 0 for a vertex behind the near plane: faces with such a vertex are not drawn.
            inv_w = wp.float32(0.0)
            if q[2] > NEAR:
                inv_w = 1.0 / q[2]
            x = center[0] + focal * q[0] * inv_w
            y = center[1] + focal * q[1] * inv_w
        depth = q[2] + nearer
        verts[placement, vertex] = wp.vec4f(x * samples, y * samples, depth, inv_w)
        # What is behind the eye would be anywhere on the picture, and what is beside it is so far off that
        # faces with it are not drawn.
        is_off = focal > 0.0 and (wp.abs(x) * samples > GUARD_PX or wp.abs(y) * samples > GUARD_PX)
        if inv_w > 0.0 and not is_off:
            place = wp.vec3f(x * samples, y * samples, depth)
            least = wp.min(least, place)
            most = wp.max(most, place)
    wp.atomic_min(low, placement, least)
    wp.atomic_max(high, placement, most)


def project(
    bodies: Bodies, cameras: Cameras, body: torch.Tensor, shot: torch.Tensor, sample_bits: torch.Tensor
) -> Placements:
    """One placement for each row of `cameras`.

    Args:
        bodies: Of the batch.
        cameras: How each placement sees its body.
        body: (D,) int32, which body each placement shows.
        shot: (D,) int32, ascending, which shot it lies on.
        sample_bits: (K,) int32, b for shots with 2^b x 2^b samples a pixel.

    Raises:
        ValueError: Placements x vertices do not fit 32 bits.
    """
    device = bodies.verts.device
    count, length = len(body), bodies.verts.shape[1]
    if count * length >= MOST_INDICES:
        raise ValueError(f"{count} placements x {length} vertices do not fit 32-bit indices: split the batch")
    placements = Placements(
        verts=torch.empty(count, length, 4, dtype=torch.float32, device=device),
        rotation=cameras.rotation,
        body=body,
        shot=shot,
        cull=cameras.cull,
        low=torch.full((count, 3), torch.inf, dtype=torch.float32, device=device),
        high=torch.full((count, 3), -torch.inf, dtype=torch.float32, device=device),
        faces=bodies.faces,
    )
    lanes = loop_lanes(device, length)
    launch(
        project_verts,
        (count, lanes),
        [
            bodies.verts,
            body,
            cameras.matrix,
            cameras.translation,
            cameras.focal_px,
            cameras.center_px,
            cameras.depth_shift,
            shot,
            sample_bits,
            lanes,
            placements.verts,
            placements.low,
            placements.high,
        ],
        device,
    )
    return placements


def project_points(points: torch.Tensor, cameras: Cameras) -> torch.Tensor:
    """Points that belong to bodies, such as joints, to pixels of their shots, as `project` has vertices.

    Args:
        points: (D, J, 3) m, for each row of `cameras`.
        cameras: How each placement sees its body.

    Returns:
        (D, J, 2) pixels; far off the picture for what is behind the camera.
    """
    q = (cameras.matrix[:, None] @ points[..., None])[..., 0] + cameras.translation[:, None]
    focal = cameras.focal_px[:, None, None]
    # A point in the camera's plane, or behind it, has no place in the picture; this only keeps it from being
    # divided by zero.
    perspective = cameras.center_px[:, None] + focal * q[..., :2] / q[..., 2:].clamp(min=1e-6)
    # Cameras without a focal length are orthographic, and their matrix leads to pixels.
    return torch.where(focal > 0, perspective, q[..., :2])
