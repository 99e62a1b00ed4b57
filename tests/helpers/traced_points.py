"""What rays of the studio's light find at points that belong to no body."""

from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch
from render.light.rays import trace_light

wp.set_module_options(MODULE_OPTIONS)


class Reached(NamedTuple):
    """(K,) float32 each, as `Light` has them."""

    sky: torch.Tensor
    floor: torch.Tensor
    key: torch.Tensor


@wp.kernel
def trace_each(
    mesh: wp.uint64,
    count: wp.int32,
    key: wp.vec3f,
    points: wp.array(dtype=wp.vec3f),
    normals: wp.array(dtype=wp.vec3f),
    places: wp.array(dtype=wp.vec2i),
    reached: wp.array(dtype=wp.vec3f),
):
    i = wp.tid()
    reached[i] = trace_light(mesh, count, points[i], normals[i], key, wp.nan, places[i][0], places[i][1], 0)


def trace_points(
    points: torch.Tensor,
    normals: torch.Tensor,
    places: torch.Tensor,
    mesh: wp.Mesh,
    key: tuple[float, ...],
    rays: int,
) -> Reached:
    """What light reaches points without a floor below them.

    Args:
        points: (K, 3) float32, where rays start.
        normals: (K, 3) float32, of unit length.
        places: (K, 2) int32, column and row of the pixel of each.
        mesh: All that hides light.
        key: Where the key light is, of unit length.
        rays: How many a point.
    """
    reached = torch.empty(len(points), 3)
    inputs = [wp.uint64(mesh.id), rays, wp.vec3f(*key), points, normals, places, reached]
    launch(trace_each, len(points), inputs, points.device)
    return Reached(*reached.unbind(1))
