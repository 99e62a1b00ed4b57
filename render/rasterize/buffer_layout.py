"""Where the shots lie in the visibility buffer, and in which chunks it is filled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch
from render.compute.transfer import upload
from render.rasterize.buffer import MOST_IDS
from render.types.buffer import Chunk, Layout
from render.types.placements import Placements

wp.set_module_options(MODULE_OPTIONS)


# Keys in a cache line.
LINE_SAMPLES = 8


# A thread a shot: joins the bounds of its placements.
@wp.kernel
def bound_shots(
    low: wp.array(dtype=wp.vec3f),
    high: wp.array(dtype=wp.vec3f),
    first_placement: wp.array(dtype=wp.int32),
    size: wp.array(dtype=wp.vec2i),
    sample_bits: wp.array(dtype=wp.int32),
    rect: wp.array(dtype=wp.vec4i),
    depth_range: wp.array(dtype=wp.vec2f),
):
    shot = wp.tid()
    least = wp.vec3f(wp.inf, wp.inf, wp.inf)
    most = -least
    for placement in range(first_placement[shot], first_placement[shot + 1]):
        least = wp.min(least, low[placement])
        most = wp.max(most, high[placement])
    depth_range[shot] = wp.vec2f(least[2], most[2])
    # Pixel centres lie at + 0.5, so rounding bounds outwards to whole pixels loses none. Infinities of shots
    # without placements are clamped before they become integers.
    # Bounds are in samples, the rectangle is in pixels.
    scale = 1.0 / wp.float32(1 << sample_bits[shot])
    w, h = wp.float32(size[shot][0]), wp.float32(size[shot][1])
    x0 = wp.int32(wp.clamp(wp.floor(least[0] * scale), 0.0, w))
    y0 = wp.int32(wp.clamp(wp.floor(least[1] * scale), 0.0, h))
    x1 = wp.int32(wp.clamp(wp.ceil(most[0] * scale), 0.0, w))
    y1 = wp.int32(wp.clamp(wp.ceil(most[1] * scale), 0.0, h))
    # Without placements the left edge comes out right of the right one.
    rect[shot] = wp.vec4i(x0, y0, wp.max(x1 - x0, 0), wp.max(y1 - y0, 0))


class ShotRows:
    """The shots' places as the host knows them: sizes and sample counts, without what is drawn on them.

    Args:
        size_px: (K, 2) width and height.
        sample_bits: (K,), b for 2^b x 2^b samples a pixel.
        shot: (D,) of each placement, ascending.
        face_count: F.

    Attributes:
        size_px: (K, 2) int32, as given.
        sample_bits: (K,) int32, as given.
        stride: (K,) samples from one row of pixels to the next.
        start: (K + 1,) index of each shot's first sample, and the end.
        first_row: (K + 1,) rows of pixels before each shot, and all of them.
        first_placement: (K + 1,) index of each shot's first placement, and the end.

    Raises:
        ValueError: The placements are not grouped by shot, or placements x faces do not fit 32 bits.
    """

    def __init__(
        self, size_px: np.ndarray, sample_bits: np.ndarray, shot: np.ndarray, face_count: int
    ) -> None:
        if len(shot) * face_count >= MOST_IDS:
            raise ValueError(
                f"{len(shot)} placements x {face_count} faces do not fit 32-bit ids: split the batch"
            )
        if (np.diff(shot) < 0).any():
            raise ValueError("placements must be in the order of their shots")
        self.size_px = size_px.astype(np.int32)
        self.sample_bits = sample_bits.astype(np.int32)
        # An odd number of cache lines a row: with a multiple of a power of two, as in photos 640 pixels wide,
        # the pixels of a column would share few places of the cache.
        lines = -(-(size_px[:, 0].astype(np.int64) << (2 * self.sample_bits)) // LINE_SAMPLES) | 1
        self.stride = lines * LINE_SAMPLES
        self.start = np.append(0, np.cumsum(self.stride * size_px[:, 1]))
        self.first_row = np.append(0, np.cumsum(size_px[:, 1]))
        self.first_placement = np.searchsorted(shot, np.arange(len(size_px) + 1))
        # To look one number up takes a tenth of the time in a list.
        self._starts, self._first_rows = self.start.tolist(), self.first_row.tolist()

    def split(self, shots: range, small: int, large: int) -> Iterator[Chunk]:
        """Shots in chunks: neighbours together, or one alone.

        A shot that is too large is split between rows, one that has a row of more samples into single rows.

        Args:
            shots: Which.
            small: Samples up to which neighbours are together.
            large: Samples up to which a shot stays whole.

        Yields:
            The chunks, in the order of the shots.
        """
        begin = shots.start
        while begin < shots.stop:
            end = begin + 1
            while end < shots.stop and self._starts[end + 1] - self._starts[begin] <= small:
                end += 1
            # The first of them may be too large on its own.
            if end == begin + 1 and self._starts[end] - self._starts[begin] > large:
                yield from self._split_shot(begin, large)
            else:
                yield self._chunk(begin, end, self._first_rows[begin], self._first_rows[end])
            begin = end

    def widen(self, chunk: Chunk) -> Chunk:
        """The chunk with the rows above and below it, where a shot goes on there."""
        first = bisect_right(self._first_rows, chunk.rows.start) - 1
        last = bisect_right(self._first_rows, chunk.rows.stop - 1) - 1
        above = int(chunk.rows.start > self._first_rows[first])
        below = int(chunk.rows.stop < self._first_rows[last + 1])
        if not (above or below):
            return chunk
        return Chunk(
            rows=range(chunk.rows.start - above, chunk.rows.stop + below),
            placements=chunk.placements,
            samples=range(
                chunk.samples.start - above * int(self.stride[first]),
                chunk.samples.stop + below * int(self.stride[last]),
            ),
        )

    def _split_shot(self, shot: int, large: int) -> Iterator[Chunk]:
        step = max(1, int(large // self.stride[shot]))
        first, end = self._first_rows[shot], self._first_rows[shot + 1]
        for row in range(first, end, step):
            yield self._chunk(shot, shot + 1, row, min(row + step, end))

    def _chunk(self, begin: int, end: int, first_row: int, end_row: int) -> Chunk:
        """Rows [first_row, end_row), the first of them in shot `begin`, the last in `end - 1`."""
        first = self._starts[begin] + (first_row - self._first_rows[begin]) * int(self.stride[begin])
        last = self._starts[end] - (self._first_rows[end] - end_row) * int(self.stride[end - 1])
        return Chunk(
            rows=range(first_row, end_row),
            placements=range(int(self.first_placement[begin]), int(self.first_placement[end])),
            samples=range(first, last),
        )


def lay_out(placements: Placements, rows: ShotRows) -> Layout:
    """The layout of the placements' shots, on their device; the host waits for nothing."""
    device, count = placements.verts.device, len(rows.size_px)
    first_placement, size, sample_bits = (
        upload(a.astype(np.int32), device) for a in (rows.first_placement, rows.size_px, rows.sample_bits)
    )
    layout = Layout(
        rect=torch.empty(count, 4, dtype=torch.int32, device=device),
        stride=upload(rows.stride.astype(np.int32), device),
        sample_bits=sample_bits,
        start=upload(rows.start, device),
        first_row=upload(rows.first_row.astype(np.int32), device),
        row_shot=upload(np.repeat(np.arange(count, dtype=np.int32), rows.size_px[:, 1]), device),
        depth_range=torch.empty(count, 2, dtype=torch.float32, device=device),
        size=size,
    )
    launch(
        bound_shots,
        count,
        [
            placements.low,
            placements.high,
            first_placement,
            size,
            sample_bits,
            layout.rect,
            layout.depth_range,
        ],
        device,
    )
    return layout
