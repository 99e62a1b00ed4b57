"""Lays the colours of edge pixels over what is there, and empties their keys, many of them side by side."""

from __future__ import annotations

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once
from render.rasterize.edge_pixels.samples import SAMPLES
from render.shade.blocks.block import WIDTH
from render.shade.blocks.edge_surfaces import FIRST_SUM
from render.shade.blocks.lay import QUANTIZE
from render.types.buffer import Visibility

wp.set_module_options(MODULE_OPTIONS)

_LAY = """
    constexpr int W = {width}, C = {channels};
    const float* const sums = points.data + {first_sum};
    const float* const covered = sums + 3 * W;
    int to[W], laid[C][W];
    float below[C][W];
#pragma clang loop vectorize(disable)
    for (int i = 0; i < W; ++i) {{
        const int* const place = (const int*)(places.data + first + begin + (i < count ? i : count - 1));
        const int shot = row_shot.data[place[0]], y = place[0] - first_row.data[shot];
        if (empties) {{
            const int at = (int)(start.data[shot] - origin) + y * stride.data[shot] + place[1];
            keys.data[at] = {empty}LL;
            // Of all pixels in the word at once, for none of them keeps its mark.
            bits.data[at >> 5] = 0;
        }}
        to[i] = (int)layer_start.data[shot] + y * layer_stride.data[shot] + C * place[1];
        for (int k = 0; k < C; ++k)
            below[k][i] = pixels.data[to[i] + k];
    }}
    {quantize}
    // As `lay_over` has it.
    for (int i = 0; i < W; ++i) {{
        const float alpha = opacity * covered[i] / {samples}.0f;
        {mix}
    }}
    for (int i = 0; i < count; ++i)
        for (int k = 0; k < C && covered[i] > 0.0f; ++k)
            pixels.data[to[i] + k] = laid[k][i];
"""
_MIX = {
    3: """
        for (int k = 0; k < 3; ++k) {
            const float colour = sums[k * W + i] / covered[i];
            laid[k][i] = quantize(alpha * colour + (1.0f - alpha) * below[k][i] / 255.0f);
        }
""",
    4: """
        const float under = below[3][i] / 255.0f * (1.0f - alpha), whole = alpha + under;
        for (int k = 0; k < 3; ++k) {
            const float colour = sums[k * W + i] / covered[i];
            laid[k][i] = quantize((alpha * colour + under * below[k][i] / 255.0f) / whole);
        }
        laid[3][i] = quantize(whole);
""",
}


@build_once
def make_lay_edges(channels: int) -> wp.Function:
    """Makes what lays down the pixels of `count` slots from `begin` on.

    Args:
        channels: 3 for RGB, 4 for RGBA.

    Returns:
        A Warp function from these, the chunk's `origin`, the `opacity`, whether keys become EMPTY, the places
        of slots, the keys and the bits of marks, where shots and layers lie, the sums of colours, and
        `pixels`.
    """
    text = _LAY.format(
        width=WIDTH,
        channels=channels,
        quantize=QUANTIZE,
        first_sum=FIRST_SUM,
        empty=Visibility.EMPTY,
        samples=SAMPLES,
        mix=_MIX[channels],
    )

    @wp.func_native(text)
    def lay_edges(
        first: wp.int32,
        begin: wp.int32,
        count: wp.int32,
        origin: wp.int64,
        opacity: wp.float32,
        empties: wp.bool,
        places: wp.array(dtype=wp.vec2i),
        keys: wp.array(dtype=wp.int64),
        bits: wp.array(dtype=wp.int32),
        row_shot: wp.array(dtype=wp.int32),
        first_row: wp.array(dtype=wp.int32),
        start: wp.array(dtype=wp.int64),
        stride: wp.array(dtype=wp.int32),
        layer_start: wp.array(dtype=wp.int64),
        layer_stride: wp.array(dtype=wp.int32),
        points: wp.array(dtype=wp.float32),
        pixels: wp.array(dtype=wp.uint8),
    ): ...

    return lay_edges
