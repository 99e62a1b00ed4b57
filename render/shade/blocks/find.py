"""What is in front at the points of a block.

It is what `find_surface` of `render.shade.points` finds at one, to the bit: the same operations in the same
order. But it is loops of C++ over points side by side, which the compiler makes vectors of; one point after
the other a processor waits for each quotient and root.
"""

from __future__ import annotations

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once
from render.shade.blocks.block import COUNT, PLACEMENT, WIDTH, X, Y

wp.set_module_options(MODULE_OPTIONS)

_FIND = """
    constexpr int W = {width};
    typedef float Four __attribute__((ext_vector_type(4), aligned(4)));
    typedef float Two __attribute__((ext_vector_type(2), aligned(4)));
    typedef float Wide __attribute__((ext_vector_type(W)));
    typedef float Fields[4][W];
    const int count = places.data[{count}], placement = places.data[{placement}];
    const int* const own_faces = places.data + W;
    const float* const x = hits.data + {x} * W;
    const float* const y = hits.data + {y} * W;
    if (count == 0)
        return;

    // Four numbers of a corner are loaded at once and turned field by field, four points by four. What is
    // beyond the last is that one again.
    const auto turn_fields = [](const Four (&of)[W], Fields& fields) {{
        Wide rows[4];
        for (int r = 0; r < 4; ++r) {{
            const auto low = __builtin_shufflevector(of[r], of[r + 4], 0, 1, 2, 3, 4, 5, 6, 7);
            const auto high = __builtin_shufflevector(of[r + 8], of[r + 12], 0, 1, 2, 3, 4, 5, 6, 7);
            rows[r] = __builtin_shufflevector(low, high, {all});
        }}
        const Wide first = __builtin_shufflevector(rows[0], rows[1], {low});
        const Wide second = __builtin_shufflevector(rows[0], rows[1], {high});
        const Wide third = __builtin_shufflevector(rows[2], rows[3], {low});
        const Wide fourth = __builtin_shufflevector(rows[2], rows[3], {high});
        *(Wide*)fields[0] = __builtin_shufflevector(first, third, {front});
        *(Wide*)fields[1] = __builtin_shufflevector(first, third, {back});
        *(Wide*)fields[2] = __builtin_shufflevector(second, fourth, {front});
        *(Wide*)fields[3] = __builtin_shufflevector(second, fourth, {back});
    }};
    alignas(Wide) Fields corners[3], normals_found[3];
    const int first_vert = placement * vert_count, first_normal = body.data[placement] * vert_count;
    const int* indices[W];
    for (int i = 0; i < W; ++i)
        indices[i] = (const int*)(faces.data + own_faces[i < count ? i : count - 1]);
    for (int k = 0; k < 3; ++k) {{
        Four of_verts[W], of_normals[W];
        for (int i = 0; i < W; ++i) {{
            of_verts[i] = *(const Four*)(verts.data + first_vert + indices[i][k]);
            // Three numbers: the last normal has nothing behind it.
            const float* const normal = (const float*)(normals.data + first_normal + indices[i][k]);
            const Two front = *(const Two*)normal;
            of_normals[i] = Four{{front.x, front.y, normal[2], 0.0f}};
        }}
        turn_fields(of_verts, corners[k]);
        turn_fields(of_normals, normals_found[k]);
    }}
    const auto& a = corners[0];
    const auto& b = corners[1];
    const auto& c = corners[2];
    // What is no number counts for nothing, as in C.
    const auto least = [](float bound, float value) {{ return value < bound ? value : bound; }};
    const auto most = [](float bound, float value) {{ return value > bound ? value : bound; }};
    const float* const turn = (const float*)(rotation.data + placement);
    float* const out = hits.data;
    for (int i = 0; i < W; ++i) {{
        // As `find_barycentric` has it.
        const float abx = b[0][i] - a[0][i], aby = b[1][i] - a[1][i];
        const float acx = c[0][i] - a[0][i], acy = c[1][i] - a[1][i];
        const float dx = x[i] - a[0][i], dy = y[i] - a[1][i];
        const float cross = abx * acy - aby * acx;
        const float scale = 1.0f / cross;
        const float inner_b = least(1.0f, most(0.0f, (dx * acy - dy * acx) * scale));
        const float inner_c = least(1.0f - inner_b, most(0.0f, (abx * dy - aby * dx) * scale));
        const float own_b = cross != 0.0f ? inner_b : 0.0f, own_c = cross != 0.0f ? inner_c : 0.0f;
        const float over_a = (1.0f - own_b - own_c) * a[3][i];
        const float over_b = own_b * b[3][i], over_c = own_c * c[3][i];
        const float scale_w = 1.0f / (over_a + over_b + over_c);
        const float wa = over_a * scale_w, wb = over_b * scale_w, wc = over_c * scale_w;
        float n[3];
        for (int j = 0; j < 3; ++j)
            n[j] = wa * normals_found[0][j][i] + wb * normals_found[1][j][i] + wc * normals_found[2][j][i];
        const float length = sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        const float per = 1.0f / most(1.0e-30f, length);
        for (int j = 0; j < 3; ++j)
            n[j] *= per;
        float turned[3];
        for (int j = 0; j < 3; ++j)
            turned[j] = turn[3 * j] * n[0] + turn[3 * j + 1] * n[1] + turn[3 * j + 2] * n[2];
        {face_viewer}
        out[i] = wa;
        out[W + i] = wb;
        out[2 * W + i] = wc;
        out[3 * W + i] = turned[0];
        out[4 * W + i] = turned[1];
        out[5 * W + i] = turned[2];
        out[6 * W + i] = wa * a[2][i] + wb * b[2][i] + wc * c[2][i];
    }}
"""
_FACE_VIEWER = """
        const bool turns_away = turned[2] > 0.0f && abx * acy < aby * acx;
        const float aside = sqrtf(turned[0] * turned[0] + turned[1] * turned[1]);
        const float per_aside = 1.0f / most(1.0e-30f, aside);
        turned[0] = turns_away ? turned[0] * per_aside : turned[0];
        turned[1] = turns_away ? turned[1] * per_aside : turned[1];
        turned[2] = turns_away ? 0.0f : turned[2];
"""


def _pick(*numbers: int) -> str:
    """Indices for a shuffle of two vectors that does the same to each four of a vector."""
    return ", ".join(str(lane + number) for lane in range(0, WIDTH, 4) for number in numbers)


_SHUFFLES = {
    "all": ", ".join(map(str, range(WIDTH))),
    "low": _pick(0, WIDTH, 1, WIDTH + 1),
    "high": _pick(2, WIDTH + 2, 3, WIDTH + 3),
    "front": _pick(0, 1, WIDTH, WIDTH + 1),
    "back": _pick(2, 3, WIDTH + 2, WIDTH + 3),
}


@build_once
def make_find_surfaces(faces_viewer: bool) -> wp.Function:
    """Makes what finds the surfaces at the points of a block.

    Args:
        faces_viewer: See `make_find_surface`.

    Returns:
        A Warp function from what the scene has of faces, and the block: its faces, x and y, to the fields
        before these.
    """
    text = _FIND.format(
        width=WIDTH,
        count=COUNT,
        placement=PLACEMENT,
        x=X,
        y=Y,
        face_viewer=_FACE_VIEWER if faces_viewer else "",
        **_SHUFFLES,
    )

    @wp.func_native(text)
    def find_surfaces(
        vert_count: wp.int32,
        faces: wp.array(dtype=wp.vec3i),
        verts: wp.array(dtype=wp.vec4f),
        normals: wp.array(dtype=wp.vec3f),
        body: wp.array(dtype=wp.int32),
        rotation: wp.array(dtype=wp.mat33f),
        places: wp.array(dtype=wp.int32),
        hits: wp.array(dtype=wp.float32),
    ): ...

    return find_surfaces
