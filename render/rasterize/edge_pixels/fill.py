"""What is in front at the samples of edge pixels: the same coverage and depth as at the centres of all."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once, natural
from render.rasterize.edge_pixels.fill_one import fill_face
from render.rasterize.edge_pixels.fill_small import fill_small_faces
from render.rasterize.faces.blocks import FACES
from render.rasterize.kernel_views import Scene, Shots

wp.set_module_options(MODULE_OPTIONS)


@build_once
def make_fill_edge_pixels(device_type: str = "cpu") -> wp.Kernel:
    """The kernel that fills edge pixels: each of a placement's `lanes` threads takes `lane_faces` faces.

    Args:
        device_type: cpu or cuda; on the CPU several faces are set up side by side.
    """
    has_blocks = device_type == "cpu"
    step = FACES if has_blocks else 1

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def fill_edge_pixels(
        first_placement: wp.int32,
        first_row: wp.int32,
        end_row: wp.int32,
        origin: wp.int64,
        lane_faces: wp.int32,
        lanes: wp.int32,
        scene: Scene,
        grid: wp.array(dtype=wp.vec2i),
        cull: wp.array(dtype=wp.int32),
        shots: Shots,
        left_faces: wp.array(dtype=wp.int32),
        keys: wp.array(dtype=wp.int64),
        bits: wp.array(dtype=wp.int32),
        samples: wp.array(dtype=wp.int64),
    ):
        thread = wp.tid()
        placement = first_placement + thread / lanes
        face = (thread % lanes) * lane_faces
        end = wp.min(face + lane_faces, scene.faces.shape[0])
        p = scene.shot[placement]
        r = shots.rect[p]
        above = shots.first_row[p]
        left, right = r[0], r[0] + r[2] - 1
        top = wp.max(r[1], first_row - above)
        bottom = wp.min(r[1] + r[3], end_row - above) - 1
        if left > right or top > bottom:
            return
        stride = shots.stride[p]
        base = wp.int32(shots.start[p] - origin)
        culls = cull[placement] != 0
        first_vertex = placement * scene.vert_count
        first_id = wp.int64(placement) * wp.int64(scene.faces.shape[0])
        while face < end:
            count = wp.int32(1)
            if wp.static(has_blocks):
                count = fill_small_faces(
                    face,
                    end,
                    scene.faces,
                    first_vertex,
                    scene.verts,
                    grid,
                    culls,
                    first_id,
                    left,
                    right,
                    top,
                    bottom,
                    base,
                    stride,
                    left_faces,
                    keys,
                    bits,
                    samples,
                )
            for k in range(count):
                number = face
                if wp.static(has_blocks):
                    number = left_faces[natural(k)]
                fill_face(
                    number,
                    scene.faces,
                    scene.verts,
                    grid,
                    first_vertex,
                    first_id,
                    culls,
                    left,
                    right,
                    top,
                    bottom,
                    base,
                    stride,
                    keys,
                    bits,
                    samples,
                )
            face += wp.static(step)

    return fill_edge_pixels
