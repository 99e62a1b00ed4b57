"""Sixteen faces side by side, on a CPU: which of them can cover anything, and their edges.

Text of C++, which two kernels go on with. Its loops over `i` are written for a compiler that makes vectors of
them: one face after the other a processor waits for what it has not foreseen, and for each number's place in
memory. What it finds is what `find_outline` and `covers_from` of `edges.py` say, to the bit.
"""

import torch

from render.rasterize.edges import OFF_GRID

# Faces that are looked at in one call. Most of them cover nothing, and of what is left sixteen are wanted at
# a time; what a call reads of so many stays in the nearest cache.
FACES = 1024

_START = """
    constexpr int W = 16;
    typedef int Ints __attribute__((ext_vector_type(16)));
    typedef float Floats __attribute__((ext_vector_type(16)));
    typedef long long Longs __attribute__((ext_vector_type(16)));
    struct Place { int x, y; };
    struct Vert { float x, y, z, w; };
    const auto least = [](int a, int b) { return a < b ? a : b; };
    const auto most = [](int a, int b) { return a > b ? a : b; };
    // It may wrap around, for places that are not on the grid.
    const auto minus = [](int a, int b) { return (int)((unsigned)a - (unsigned)b); };
    // Of an edge that is so far away the sign alone counts: over 4 x 4 samples it changes by less.
    const auto cut = [](long long value) {
        constexpr int far = 1050000000;
        return (int)(value < -far ? -far : value > far ? far : value);
    };
    Place places[3][W];
    const auto read_places = [&](int number, int i) {
        const int* const own = (const int*)(faces.data + number);
        for (int k = 0; k < 3; ++k)
            places[k][i] = *(const Place*)(grid.data + first_vertex + own[k]);
    };
"""

# What can cover samples and is small is in `found`, `count` of them; what is too large is in `left`.
_SIFT = """
    int found[FACES], count = 0, left_count = 0;
    for (int group = 0; group < FACES && face + group < end; group += W) {
#pragma clang loop vectorize(disable)
        for (int i = 0; i < W; ++i)
            read_places(least(face + group + i, end - 1), i);
        int is_found[W], is_left[W], box_x[W], box_y[W], wide_px[W], high_px[W];
        for (int i = 0; i < W; ++i) {
            const int ax = places[0][i].x, bx = places[1][i].x, cx = places[2][i].x;
            const int ay = places[0][i].y, by = places[1][i].y, cy = places[2][i].y;
            const int low_x = least(least(ax, bx), cx), high_x = most(most(ax, bx), cx);
            const int low_y = least(least(ay, by), cy), high_y = most(most(ay, by), cy);
            // OFF_GRID is less than all that is on it.
            const int is_one = (low_x != OFF_GRID) & (face + group + i < end);
            const unsigned wide = (unsigned)minus(high_x, low_x) >> 12;
            const unsigned high = (unsigned)minus(high_y, low_y) >> 12;
            const long long ahead = (long long)minus(bx, ax) * minus(cy, ay);
            const long long behind = (long long)minus(by, ay) * minus(cx, ax);
            const int is_seen = (ahead < behind) | ((ahead > behind) & !culls);
            const int x0 = most((low_x + TO_FIRST) >> 12, left_px);
            const int y0 = most((low_y + TO_FIRST) >> 12, top_px);
            const int x1 = least((high_x - TO_LAST) >> 12, right_px);
            const int y1 = least((high_y - TO_LAST) >> 12, bottom_px);
            const int is_small = (wide <= 18) & (wide + high <= 18) & (FITS);
            const int is_covering = is_one & (x0 <= x1) & (y0 <= y1);
            is_found[i] = is_covering & is_small & is_seen;
            is_left[i] = is_covering & !is_small;
            box_x[i] = x0;
            box_y[i] = y0;
            wide_px[i] = x1 - x0;
            high_px[i] = y1 - y0;
        }
#pragma clang loop vectorize(disable)
        for (int i = 0; i < W; ++i) {
            left.data[left_count] = face + group + i;
            left_count += is_left[i];
            NOTE
        }
    }
"""

# Edges at the first of a face's samples, and by how much they are less to the right and more below.
_SET_UP = """
    for (int group = 0; group < count; group += W) {
        Vert corners[3][W];
#pragma clang loop vectorize(disable)
        for (int i = 0; i < W; ++i) {
            // What is beyond the last is that one again.
            const int number = found[least(group + i, count - 1)];
            read_places(number, i);
            const int* const own = (const int*)(faces.data + number);
            for (int k = 0; k < 3; ++k)
                corners[k][i] = *(const Vert*)(verts.data + first_vertex + own[k]);
        }
        const Vert* const a = corners[0];
        const Vert* const b = corners[1];
        const Vert* const c = corners[2];
        int first_x[W], last_x[W], first_y[W], last_y[W], right[3][W], down[3][W];
        long long edge[3][W];
        float near[W], far[W];
        for (int i = 0; i < W; ++i) {
            int x[3] = { places[0][i].x, places[1][i].x, places[2][i].x };
            int y[3] = { places[0][i].y, places[1][i].y, places[2][i].y };
            const int low_x = least(least(x[0], x[1]), x[2]), high_x = most(most(x[0], x[1]), x[2]);
            const int low_y = least(least(y[0], y[1]), y[2]), high_y = most(most(y[0], y[1]), y[2]);
            const int x0 = most((low_x + TO_FIRST) >> 12, left_px);
            const int y0 = most((low_y + TO_FIRST) >> 12, top_px);
            first_x[i] = x0;
            first_y[i] = y0;
            last_x[i] = least((high_x - TO_LAST) >> 12, right_px);
            last_y[i] = least((high_y - TO_LAST) >> 12, bottom_px);
            // As `find_outline` has it.
            const bool turns
                = (long long)(x[1] - x[0]) * (y[2] - y[0]) < (long long)(y[1] - y[0]) * (x[2] - x[0]);
            const int turned_x = turns ? x[2] : x[1], turned_y = turns ? y[2] : y[1];
            x[2] = turns ? x[1] : x[2];
            y[2] = turns ? y[1] : y[2];
            x[1] = turned_x;
            y[1] = turned_y;
            const int px = x0 * 4096 + TO_LAST, py = y0 * 4096 + TO_LAST;
            for (int k = 0; k < 3; ++k) {
                const int n = (k + 1) % 3;
                // As `covers_from` has it.
                const int dx = x[n] - x[k], dy = y[n] - y[k];
                const int is_top_left = (dy < 0) | ((dy == 0) & (dx > 0));
                edge[k][i] = (long long)dx * (py - y[k]) - (long long)dy * (px - x[k]) - !is_top_left;
                right[k][i] = dy;
                down[k][i] = dx;
            }
            const float nearer = a[i].z < b[i].z ? a[i].z : b[i].z;
            const float farther = a[i].z > b[i].z ? a[i].z : b[i].z;
            near[i] = nearer < c[i].z ? nearer : c[i].z;
            far[i] = farther > c[i].z ? farther : c[i].z;
        }
"""


def make_room(device: torch.device) -> torch.Tensor:
    """For the faces that a thread leaves to others at a time; on a GPU, where it leaves none, nothing."""
    return torch.empty(FACES if device.type == "cpu" else 0, dtype=torch.int32, device=device)


def write_blocks(from_centre: int, fits: str, note: str, rest: str) -> str:
    """The body of a function that goes through FACES faces from `face` on, and says which are left to others.

    Their numbers are in `left`, and it returns how many they are.

    Args:
        from_centre: From the corner of a pixel to what counts of it, in units of the grid: half a pixel where
            faces cover by centres, 0 where any part of it counts.
        fits: What must be true of a face's box beside that it is small.
        note: What is done with each face `i` of sixteen; it adds to `found`.
        rest: What is done with sixteen of those found, `group` being the first, once their edges are known.
    """
    text = _START + _SIFT.replace("FITS", fits).replace("NOTE", note) + _SET_UP + rest
    for name, value in {
        "TO_FIRST": max(from_centre - 1, 0),
        "TO_LAST": from_centre,
        "FACES": FACES,
        "OFF_GRID": f"({OFF_GRID.value + 1} - 1)",
    }.items():
        text = text.replace(name, str(value))
    return text + "    }\n    return left_count;\n"
