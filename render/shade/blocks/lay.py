"""Lays the colours of a block over pixels of a row."""

from __future__ import annotations

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once
from render.shade.blocks.block import COUNT, WIDTH

wp.set_module_options(MODULE_OPTIONS)

# As its namesake in `render.shade.points` has it.
QUANTIZE = """const auto quantize = [](float value) {
        const float least = value < 0.0f ? 0.0f : value, inner = least > 1.0f ? 1.0f : least;
        return (int)(255.0f * inner + 0.5f);
    };"""
_LAY = """
    constexpr int W = {width};
    const int count = places.data[{count}];
    const float* const colours[] = {{ hits.data, hits.data + W, hits.data + 2 * W }};
    const float* const coverage = hits.data + 3 * W;
    int is_other = 0;
    for (int i = 0; i < W; ++i)
        is_other |= (i < count) & !({is_opaque});
    if (is_other)
        return false;
    // Three bytes in a number.
    int laid[W];
    {quantize}
    for (int i = 0; i < W; ++i)
        laid[i] = quantize(colours[0][i]) | quantize(colours[1][i]) << 8 | quantize(colours[2][i]) << 16;
    for (int i = 0; i < count; ++i) {{
        unsigned char* const to = pixels.data + at_row + {channels} * places.data[i];
        {store}
    }}
    return true;
"""
_STORE = {
    3: "typedef short __attribute__((aligned(1))) Two; *(Two*)to = (short)laid[i]; to[2] = laid[i] >> 16;",
    4: "typedef int __attribute__((aligned(1))) All; *(All*)to = laid[i] | (int)0xFF000000;",
}


@build_once
def make_lay_block(channels: int, is_label: bool) -> wp.Function:
    """Makes what lays a block whose pixels are all opaque, to the bit as `make_lay_shaded` does one by one.

    Args:
        channels: 3 for RGB, 4 for RGBA.
        is_label: Whether it is opaque whatever `opacity` says.

    Returns:
        A Warp function from the block, which has columns as places, the `opacity`, the index of the row's
        first byte, and `pixels`, to whether it did: where one of them is not opaque, nothing is laid.
    """
    text = _LAY.format(
        width=WIDTH,
        count=COUNT,
        channels=channels,
        quantize=QUANTIZE,
        is_opaque="coverage[i] > 0.0f" if is_label else "opacity * coverage[i] == 1.0f",
        store=_STORE[channels],
    )

    @wp.func_native(text)
    def lay_block(
        places: wp.array(dtype=wp.int32),
        hits: wp.array(dtype=wp.float32),
        opacity: wp.float32,
        at_row: wp.int32,
        pixels: wp.array(dtype=wp.uint8),
    ) -> wp.bool: ...

    return lay_block
