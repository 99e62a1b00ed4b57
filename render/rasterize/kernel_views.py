"""What the kernels of rasterizing and shading read: the placements, their bodies and their shots."""

import torch
import warp as wp

from render.types.bodies import Bodies, Charts, TextureMap
from render.types.buffer import Layout
from render.types.light import Light
from render.types.placements import People, Placements


@wp.struct
class Shots:
    """A `Layout` as kernels see it; the fields are those of its names."""

    rect: wp.array(dtype=wp.vec4i)
    stride: wp.array(dtype=wp.int32)
    sample_bits: wp.array(dtype=wp.int32)
    start: wp.array(dtype=wp.int64)
    first_row: wp.array(dtype=wp.int32)
    row_shot: wp.array(dtype=wp.int32)
    depth_range: wp.array(dtype=wp.vec2f)
    size: wp.array(dtype=wp.vec2i)


@wp.struct
class Scene:
    """All that a point of a surface is read from; the fields are those of the types of their names.

    Vertices, normals, light and corners are counted through: vert_count of them a placement or body, three a
    face. Colours and values are not, for bodies may share theirs. Modes see values times `value_scale`.
    """

    vert_count: wp.int32
    verts: wp.array(dtype=wp.vec4f)
    faces: wp.array(dtype=wp.vec3i)
    body: wp.array(dtype=wp.int32)
    shot: wp.array(dtype=wp.int32)
    normals: wp.array(dtype=wp.vec3f)
    rotation: wp.array(dtype=wp.mat33f)
    instance: wp.array(dtype=wp.int32)
    colour: wp.array(dtype=wp.int32)
    part: wp.array(dtype=wp.int32)
    uv: wp.array(dtype=wp.vec2f)
    texture_uv: wp.array(dtype=wp.vec2f)
    texels: wp.array2d(dtype=wp.vec3ub)
    colors: wp.array2d(dtype=wp.vec3ub)
    values: wp.array2d(dtype=wp.float32)
    value_scale: wp.float32
    ambient: wp.array(dtype=wp.vec2f)
    key: wp.array(dtype=wp.float32)
    rig: wp.array(dtype=wp.mat33f)
    ray_count: wp.int32
    stage_verts: wp.array(dtype=wp.vec3f)
    stage_turn: wp.array(dtype=wp.mat33f)
    to_stage: wp.array(dtype=wp.mat33f)
    stage_ground: wp.array(dtype=wp.float32)
    mesh: wp.array(dtype=wp.uint64)


def view_shots(layout: Layout) -> Shots:
    """The layout for kernels, without a copy."""
    shots = Shots()
    shots.rect = wp.from_torch(layout.rect, dtype=wp.vec4i)
    shots.stride = wp.from_torch(layout.stride)
    shots.sample_bits = wp.from_torch(layout.sample_bits)
    shots.start = wp.from_torch(layout.start)
    shots.first_row = wp.from_torch(layout.first_row)
    shots.row_shot = wp.from_torch(layout.row_shot)
    shots.depth_range = wp.from_torch(layout.depth_range, dtype=wp.vec2f)
    shots.size = wp.from_torch(layout.size, dtype=wp.vec2i)
    return shots


def view_placements(placements: Placements) -> Scene:
    """Where the placements' faces are, without a copy: all that rasterizing and fragments need."""
    scene = Scene()
    scene.vert_count = placements.verts.shape[1]
    scene.verts = wp.from_torch(placements.verts.view(-1, 4), dtype=wp.vec4f)
    scene.faces = wp.from_torch(placements.faces.contiguous(), dtype=wp.vec3i)
    scene.body = wp.from_torch(placements.body)
    scene.shot = wp.from_torch(placements.shot)
    return scene


def view_scene(
    bodies: Bodies,
    charts: Charts | None,
    placements: Placements,
    people: People,
    texture: TextureMap | None = None,
    light: Light | None = None,
    most_value: float = 1.0,
) -> Scene:
    """All that shading needs, without a copy.

    Args:
        bodies: Of the batch.
        charts: None where no mode needs them.
        placements: Of the batch.
        people: Whom the placements show.
        texture: None where no mode needs it.
        light: None where no mode needs it.
        most_value: What values are shares of.
    """
    scene = view_placements(placements)
    scene.normals = wp.from_torch(bodies.normals.view(-1, 3), dtype=wp.vec3f)
    scene.rotation = wp.from_torch(placements.rotation, dtype=wp.mat33f)
    scene.instance = wp.from_torch(people.instance)
    scene.colour = wp.from_torch(people.colour)
    # Without them the arrays stay empty; only modes that need them read them.
    if charts is not None:
        scene.part = wp.from_torch(charts.part)
        scene.uv = wp.from_torch(charts.uv.view(-1, 2), dtype=wp.vec2f)
    if texture is not None:
        scene.texture_uv = wp.from_torch(texture.uv.view(-1, 2), dtype=wp.vec2f)
        if texture.texels is not None:
            scene.texels = wp.from_torch(texture.texels, dtype=wp.vec3ub)
    if bodies.colors is not None:
        scene.colors = wp.from_torch(bodies.colors, dtype=wp.vec3ub)
    if bodies.values is not None:
        scene.values = wp.from_torch(bodies.values)
        scene.value_scale = 1.0 / most_value
    if light is not None:
        scene.rig = wp.from_torch(light.rig, dtype=wp.mat33f)
        if light.ambient is not None and light.key is not None:
            scene.ambient = wp.from_torch(light.ambient.view(-1, 2), dtype=wp.vec2f)
            scene.key = wp.from_torch(light.key.view(-1))
        if light.rays is not None:
            scene.ray_count = light.rays.count
            scene.stage_verts = wp.from_torch(light.rays.points.view(-1, 3), dtype=wp.vec3f)
            scene.stage_turn = wp.from_torch(light.rays.turn, dtype=wp.mat33f)
            scene.to_stage = wp.from_torch(light.rays.to_stage, dtype=wp.mat33f)
            scene.stage_ground = wp.from_torch(light.rays.ground)
            scene.mesh = wp.from_torch(light.rays.mesh, dtype=wp.uint64)
    return scene


def tensor_device(array: wp.array) -> torch.device:
    """Where an array of a scene lies, as torch says it."""
    return torch.device(str(wp.device_to_torch(array.device)))
