"""The format of the visibility buffer: what a key holds, how keys sort, and where a sample lies.

It is written here and nowhere else, for kernels and for torch. A key has 64 bits: the depth's order in the
upper 32, so that the least key is the nearest, and an id in the lower 32, placement * F + face. EMPTY is
greater than any key. Samples lie row by row of pixels; the 2^b x 2^b samples of a pixel are side by side, row
by row.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.types.buffer import Chunk, Layout, Visibility

wp.set_module_options(MODULE_OPTIONS)

# Ids have 32 bits.
MOST_IDS = 2**32
EMPTY = wp.constant(wp.int64(Visibility.EMPTY))
_ID_MASK = wp.constant(wp.int64(MOST_IDS - 1))


@wp.func
def order_depth(depth: wp.float32) -> wp.int64:
    """A signed 32-bit integer that sorts as the float does, shifted to a key's upper half."""
    bits = wp.cast(depth, wp.int32)
    if bits < 0:
        # Of negative floats those with greater bits are less.
        bits = bits ^ wp.int32(0x7FFFFFFF)
    return wp.int64(bits) << wp.int64(32)


@wp.func
def read_id(key: wp.int64) -> wp.uint32:
    """placement * F + face of a key."""
    # Unsigned, for ids take all 32 bits.
    return wp.uint32(key & _ID_MASK)


@wp.func
def read_depth(key: wp.int64) -> wp.float32:
    """The depth of a key: the way back from `order_depth`."""
    bits = wp.int32(key >> wp.int64(32))
    # Of negative ones all bits but the sign are turned.
    return wp.cast(bits ^ ((bits >> 31) & wp.int32(0x7FFFFFFF)), wp.float32)


# Kernels are built for shots of one sample a pixel and for others; what they share of the format is made for
# each, because the compiler makes better loops of the plain one.
def make_index_row(is_supersampled: bool) -> wp.Function:
    """Makes what finds where the samples of a row begin.

    Args:
        is_supersampled: For shots of more than one sample a pixel.

    Returns:
        A Warp function from `base`, where the shot begins, its `stride`, the row `y` in samples and the
        shot's sample `bits` to an index.
    """

    @wp.func
    def index_row(base: wp.int32, stride: wp.int32, y: wp.int32, bits: wp.int32) -> wp.int32:
        # The row of pixels, and then the row of samples within each of its pixels.
        if wp.static(is_supersampled):
            return base + (y >> bits) * stride + ((y & ((1 << bits) - 1)) << bits)
        return base + y * stride

    return index_row


def make_index_sample(is_supersampled: bool) -> wp.Function:
    """Makes what finds where a sample of such a row lies.

    Args:
        is_supersampled: For shots of more than one sample a pixel.

    Returns:
        A Warp function from `row`, as `index_row` gives it, the column `x` in samples and the shot's sample
        `bits` to an index.
    """

    @wp.func
    def index_sample(row: wp.int32, x: wp.int32, bits: wp.int32) -> wp.int32:
        # A pixel to the right is all samples of a pixel further on.
        if wp.static(is_supersampled):
            return natural(row + ((x >> bits) << (2 * bits)) + (x & ((1 << bits) - 1)))
        return natural(row + x)

    return index_sample


@wp.func
def index_pixel(row: wp.int32, x: wp.int32, bits: wp.int32) -> wp.int32:
    """Where the first sample of a pixel lies.

    Args:
        row: Where the samples of its row of pixels begin.
        x: The pixel's column.
        bits: b of 2^b x 2^b samples a pixel.
    """
    return row + (x << (2 * bits))


@wp.func
def place_sample(x: wp.int32, y: wp.int32, number: wp.int32, bits: wp.int32) -> wp.vec2i:
    """Column and row, in samples, of a pixel's sample of that number.

    Args:
        x, y: The pixel's column and row.
        number: Of the sample, counted row by row within its pixel.
        bits: b of 2^b x 2^b samples a pixel.
    """
    return wp.vec2i((x << bits) + (number & ((1 << bits) - 1)), (y << bits) + (number >> bits))


@wp.func
def locate_sample(index: wp.int32, stride: wp.int32, bits: wp.int32) -> wp.vec2i:
    """Column and row, in samples, of what lies at an index: the way back.

    Args:
        index: Counted from the shot's first sample.
        stride: Samples from one of its rows of pixels to the next.
        bits: b of 2^b x 2^b samples a pixel.
    """
    # Warp divides whole numbers as C does, without a remainder.
    y = index / stride
    column = index - y * stride
    number = column & ((1 << (2 * bits)) - 1)
    return place_sample(column >> (2 * bits), y, number, bits)


def index_samples(layout: Layout, shot: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Where samples of shots lie in the buffer of a whole batch.

    As `make_index_row` and `make_index_sample` have it, for what does not come from our own kernels.

    Args:
        layout: Of the batch.
        shot: (P,) int64, the shot of each sample.
        x: (P,) int64, its column in samples.
        y: (P,) int64, its row in samples.

    Returns:
        (P,) int64.
    """
    bits = layout.sample_bits[shot].long()
    within = (1 << bits) - 1
    row = layout.start[shot] + (y >> bits) * layout.stride[shot]
    return row + ((x >> bits) << (2 * bits)) + ((y & within) << bits) + (x & within)


def pack_keys(
    depth: torch.Tensor, placement: torch.Tensor, face: torch.Tensor, face_count: int
) -> torch.Tensor:
    """Keys that sort as depth does, then by placement and face.

    Args:
        depth: (P,) float32.
        placement: (P,) whole numbers.
        face: (P,) whole numbers.
        face_count: F, of each placement.

    Returns:
        (P,) int64.
    """
    # As `order_depth` has it.
    bits = depth.contiguous().view(torch.int32).long()
    order = torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    return (order << 32) | (placement.long() * face_count + face)


def unpack_keys(keys: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The way back from `pack_keys`.

    Args:
        keys: int64, of any shape.

    Returns:
        Depth in float32 and placement * F + face in int64, of that shape; what EMPTY keys give means nothing.
    """
    order = (keys >> 32).to(torch.int32)
    # As `read_depth` has it.
    depth = (order ^ ((order >> 31) & 0x7FFFFFFF)).view(torch.float32)
    return depth, keys & (MOST_IDS - 1)


def lay_into(keys: torch.Tensor, index: torch.Tensor, nearer: torch.Tensor) -> None:
    """Lays other keys over keys, in place: at each sample the nearest stays.

    Args:
        keys: Of a chunk.
        index: (P,) int64, where in `keys` the others belong.
        nearer: (P,) int64, the other keys.
    """
    keys.scatter_reduce_(0, index, nearer, "amin")


def allocate_keys(chunks: Iterable[Chunk], device: torch.device) -> torch.Tensor:
    """EMPTY keys for each of these chunks in turn.

    Args:
        chunks: At least one.
        device: Where the keys are.

    Returns:
        (P,) int64, as many as the largest chunk has samples.
    """
    most = max(len(chunk.samples) for chunk in chunks)
    return torch.full((most,), Visibility.EMPTY, dtype=torch.int64, device=device)


def allocate_visibility(chunk: Chunk, device: torch.device) -> Visibility:
    """An empty buffer for one chunk."""
    return Visibility(allocate_keys([chunk], device), chunk)
