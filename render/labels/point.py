"""What a layer knows of the point that is in front at a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.barycentric import find_barycentric
from render.rasterize.kernel_views import Scene
from render.types.bodies import Bodies

wp.set_module_options(MODULE_OPTIONS)


@wp.struct
class LabelPoint:
    """A visible point of a body.

    Attributes:
        instance: 1, 2, ... within the sheet.
        face: Of the body's own topology, from 0.
        bary: Barycentric coordinates in that face, of its corners in order.
        position: m, in the camera's frame: x right, y down, z away; from the camera's centre under a pinhole,
            from the body's origin under weak perspective.
        depth: 0 at the nearest point of the shot's bodies, 1 at the farthest.
        normal: Unit vector in the same frame, pointing out of the body.
        world_normal: The same in the frame of the sequence's world: y down along gravity.
        part: Of DensePose's charts; 0 is none.
        chart_uv: Of DensePose's charts.
        uv: Of the body's own map, for pictures.
        skin_part: 1 to 24: the joint of SMPL that the nearest corner of the face follows most.
    """

    instance: wp.int32
    face: wp.int32
    bary: wp.vec3f
    position: wp.vec3f
    depth: wp.float32
    normal: wp.vec3f
    world_normal: wp.vec3f
    part: wp.int32
    chart_uv: wp.vec2f
    uv: wp.vec2f
    skin_part: wp.int32


@wp.struct
class LabelScene:
    """What layers read of bodies beside a `Scene`; fields that no layer reads are empty.

    Attributes:
        verts: Posed vertices of all bodies, m.
        transl: Of each placement, see `LabelBodies`.
        world_rotation: Of each body, see `Fits`.
        first_face: Of each body, see `LabelBodies`.
        skin_part: Of each vertex of each model.
        skin_row: Which model each body has.
    """

    verts: wp.array(dtype=wp.vec3f)
    transl: wp.array(dtype=wp.vec3f)
    world_rotation: wp.array(dtype=wp.mat33f)
    first_face: wp.array(dtype=wp.int32)
    skin_part: wp.array2d(dtype=wp.int32)
    skin_row: wp.array(dtype=wp.int32)


@dataclass(frozen=True)
class LabelBodies:
    """The same on the host's side: tensors on the device.

    Attributes:
        bodies: M of the batch.
        transl_m: (D, 3) float32, of each placement: what is added to its turned vertices under a pinhole; 0
            under weak perspective.
        world_rotation: (M, 3, 3) float32, of each body.
        first_face: (M,) int32, the first face that is of each body's own topology.
        skin_part: (G, V) int32, of the vertices of G models; None where no layer reads it.
        skin_row: (M,) int32, which of them.
    """

    bodies: Bodies
    transl_m: torch.Tensor
    world_rotation: torch.Tensor
    first_face: torch.Tensor
    skin_part: torch.Tensor | None = None
    skin_row: torch.Tensor | None = None

    def view(self) -> LabelScene:
        """For kernels, without a copy."""
        scene = LabelScene()
        scene.verts = wp.from_torch(self.bodies.verts.view(-1, 3), dtype=wp.vec3f)
        scene.transl = wp.from_torch(self.transl_m, dtype=wp.vec3f)
        scene.world_rotation = wp.from_torch(self.world_rotation, dtype=wp.mat33f)
        scene.first_face = wp.from_torch(self.first_face)
        if self.skin_part is not None and self.skin_row is not None:
            scene.skin_part = wp.from_torch(self.skin_part)
            scene.skin_row = wp.from_torch(self.skin_row)
        return scene


def make_find_label_point(needs: frozenset[str]) -> wp.Function:
    """Makes what finds a point, with only those of the costly fields that its layers read.

    Args:
        needs: Of all of these layers, see `LabelLayer`.

    Returns:
        A Warp function from both scenes, the shot's least and greatest depth, placement and face, and `x` and
        `y` in pixels of the shot, to a `LabelPoint`.
    """
    needs_charts, needs_uv, needs_weights = (name in needs for name in ("charts", "uv", "weights"))

    @wp.func
    def find_label_point(
        scene: Scene,
        labels: LabelScene,
        depth_range: wp.vec2f,
        placement: wp.int32,
        face: wp.int32,
        x: wp.float32,
        y: wp.float32,
    ) -> LabelPoint:
        corners = scene.faces[natural(face)]
        first = placement * scene.vert_count
        a, b, c = (
            scene.verts[natural(first + corners[0])],
            scene.verts[natural(first + corners[1])],
            scene.verts[natural(first + corners[2])],
        )
        weight = find_barycentric(a, b, c, x, y)
        body = scene.body[natural(placement)]
        own = body * scene.vert_count
        point = LabelPoint()
        point.instance = scene.instance[natural(placement)]
        # Bodies of several topologies have the faces of all, one after the other.
        point.face = face - labels.first_face[natural(body)]
        point.bary = weight
        # The identity over photos, where bodies are in the camera's frame already.
        rotation = scene.rotation[natural(placement)]
        v = (
            weight[0] * labels.verts[natural(own + corners[0])]
            + weight[1] * labels.verts[natural(own + corners[1])]
            + weight[2] * labels.verts[natural(own + corners[2])]
        )
        point.position = rotation * v + labels.transl[natural(placement)]
        n = (
            weight[0] * scene.normals[natural(own + corners[0])]
            + weight[1] * scene.normals[natural(own + corners[1])]
            + weight[2] * scene.normals[natural(own + corners[2])]
        )
        n = n * (1.0 / wp.max(wp.length(n), 1.0e-30))
        point.normal = rotation * n
        point.world_normal = labels.world_rotation[natural(body)] * n
        depth = weight[0] * a[2] + weight[1] * b[2] + weight[2] * c[2]
        span = depth_range[1] - depth_range[0]
        if span > 0.0:
            point.depth = wp.clamp((depth - depth_range[0]) / span, 0.0, 1.0)
        if wp.static(needs_charts):
            point.part = scene.part[face]
            point.chart_uv = (
                weight[0] * scene.uv[3 * face]
                + weight[1] * scene.uv[3 * face + 1]
                + weight[2] * scene.uv[3 * face + 2]
            )
        if wp.static(needs_uv):
            point.uv = (
                weight[0] * scene.texture_uv[3 * face]
                + weight[1] * scene.texture_uv[3 * face + 1]
                + weight[2] * scene.texture_uv[3 * face + 2]
            )
        if wp.static(needs_weights):
            nearest = corners[0]
            if weight[1] > weight[0] and weight[1] >= weight[2]:
                nearest = corners[1]
            elif weight[2] > weight[0] and weight[2] > weight[1]:
                nearest = corners[2]
            point.skin_part = labels.skin_part[labels.skin_row[natural(body)], nearest]
        return point

    return find_label_point
