"""The next covered pixels of a row of a visibility buffer, as a block."""

from __future__ import annotations

import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.shade.blocks.block import COUNT, PLACEMENT, WIDTH, X, Y
from render.types.buffer import Visibility

wp.set_module_options(MODULE_OPTIONS)

_SCAN = """
    constexpr int W = {width};
    long long* const row = keys.data + base;
    int* const columns = places.data;
    int* const faces = columns + W;
    int count = 0, placement = 0;
    // Most of a shot is empty.
    while (x + 8 <= end) {{
        long long all = {empty}LL;
        for (int i = 0; i < 8; ++i)
            all &= row[x + i];
        if (all != {empty}LL)
            break;
        x += 8;
    }}
    unsigned first_id = 0;
    for (; x < end && count < W; ++x) {{
        const long long key = row[x];
        if (key == {empty}LL)
            continue;
        const unsigned id = (unsigned)key;
        if (count == 0) {{
            placement = id / face_count;
            first_id = placement * face_count;
        // Pixels of one placement share what is the same throughout it.
        }} else if (id - first_id >= face_count)
            break;
        if (empties)
            row[x] = {empty}LL;
        columns[count] = x;
        faces[count] = id - first_id;
        ++count;
    }}
    places.data[{count}] = count;
    places.data[{placement}] = placement;
    for (int i = 0; i < W; ++i) {{
        const int column = columns[i < count ? i : count > 0 ? count - 1 : 0];
        hits.data[{x} * W + i] = (float)column + 0.5f;
        hits.data[{y} * W + i] = (float)y + 0.5f;
    }}
    return x;
"""


# Places are columns. It returns the column to go on from next.
@wp.func_native(_SCAN.format(width=WIDTH, empty=Visibility.EMPTY, count=COUNT, placement=PLACEMENT, x=X, y=Y))
def scan_row(
    keys: wp.array(dtype=wp.int64),
    base: wp.int32,
    y: wp.int32,
    x: wp.int32,
    end: wp.int32,
    empties: wp.bool,
    face_count: wp.uint32,
    places: wp.array(dtype=wp.int32),
    hits: wp.array(dtype=wp.float32),
) -> wp.int32: ...
