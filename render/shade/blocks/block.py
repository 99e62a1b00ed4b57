"""Points of one placement side by side, as a CPU colours them; each thread has one block after the other."""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS

wp.set_module_options(MODULE_OPTIONS)

# Points side by side, as many floats as the widest registers hold.
WIDTH = wp.constant(16)
# Of each point: three weights, the normal, the depth, and where it is.
_FIELDS = 9
# Of each point where it goes and its face; then how many there are, and their placement.
_NUMBERS = 2 * WIDTH + 2
COUNT, PLACEMENT = wp.constant(2 * WIDTH), wp.constant(2 * WIDTH + 1)
X, Y = 7, 8


@wp.struct
class Block:
    """Points that are next, as one thread has them.

    Attributes:
        places: Where each point goes, which is a number to whoever lays it down, and its face, WIDTH of each;
            how many points there are, and their placement.
        hits: Weights of the corners, normals, depths, x and y in samples of the shot, field by field, WIDTH
            of each. Once they are shaded, the first four are red, green, blue and coverage.
    """

    places: wp.array(dtype=wp.int32)
    hits: wp.array(dtype=wp.float32)


def allocate_block(device: torch.device) -> Block:
    """A block for one thread after the other; on a GPU, where none is used, an empty one."""
    is_used = device.type == "cpu"
    block = Block()
    block.places = wp.from_torch(torch.zeros(_NUMBERS * is_used, dtype=torch.int32, device=device))
    block.hits = wp.from_torch(torch.zeros(_FIELDS * WIDTH * is_used, dtype=torch.float32, device=device))
    return block


@wp.func
def count_points(places: wp.array(dtype=wp.int32)) -> wp.int32:
    """How many points a block has."""
    return places[COUNT]


@wp.func
def placement_of(places: wp.array(dtype=wp.int32)) -> wp.int32:
    """Whose they are."""
    return places[PLACEMENT]


# What goes by an array's stride, as Warp's own way into it does, is no vector to the compiler.
# How many points there is room for: what is beyond the last is that one again.
@wp.func_native(f"return {WIDTH};")
def count_lanes() -> wp.int32: ...


@wp.func_native("return places.data[number];")
def place_of(places: wp.array(dtype=wp.int32), number: wp.int32) -> wp.int32: ...


@wp.func_native(f"return places.data[{WIDTH} + number];")
def face_of(places: wp.array(dtype=wp.int32), number: wp.int32) -> wp.int32: ...


@wp.func_native(f"return hits.data[{WIDTH} * field + number];")
def read_field(hits: wp.array(dtype=wp.float32), field: wp.int32, number: wp.int32) -> wp.float32: ...


@wp.func_native(f"hits.data[{WIDTH} * field + number] = value;")
def write_field(hits: wp.array(dtype=wp.float32), field: wp.int32, number: wp.int32, value: wp.float32): ...


@wp.func
def read_three(hits: wp.array(dtype=wp.float32), first: wp.int32, number: wp.int32) -> wp.vec3f:
    return wp.vec3f(
        read_field(hits, first, number),
        read_field(hits, first + 1, number),
        read_field(hits, first + 2, number),
    )


@wp.func
def read_shaded(hits: wp.array(dtype=wp.float32), number: wp.int32) -> wp.vec4f:
    """The colour of a point and its coverage, once it is shaded."""
    colour = read_three(hits, 0, number)
    return wp.vec4f(colour[0], colour[1], colour[2], read_field(hits, 3, number))
