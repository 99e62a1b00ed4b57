"""DensePose's atlas: each part in its square, as the notebook that came with the atlas reads it."""

import numpy as np
import torch

from render.body.charts import read_charts
from render.body.surface.atlas import make_atlas
from render.types.bodies import Charts
from tests.helpers.painting import make_texels, sample_bilinear


def make_charts(part, uv) -> Charts:
    return Charts(
        torch.tensor(part, dtype=torch.int32),
        torch.tensor(uv, dtype=torch.float32),
        torch.ones(9, dtype=torch.float64),
    )


def transfer(atlas: np.ndarray, part: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """The nearest texel, as `TransferTexture` of DensePose's notebook has it; uv in bytes."""
    squares = np.zeros([24, 200, 200, 3])
    for i in range(4):
        for j in range(6):
            squares[6 * i + j] = atlas[200 * j : 200 * j + 200, 200 * i : 200 * i + 200]
    row, column = (255 - uv[:, 1]) * 199 / 255, uv[:, 0] * 199 / 255
    return squares[part - 1, row.astype(int), column.astype(int)]


def test_every_part_is_read_where_the_notebook_reads_it():
    rng = np.random.default_rng(8)
    part = np.repeat(np.arange(1, 25), 8)
    # Bytes at which the notebook has a texel's middle, so that its rounding down changes nothing.
    uv = rng.integers(0, 2, (len(part), 3, 2)) * 255
    corners = np.arange(len(part) * 3).reshape(-1, 3)
    found = make_atlas(make_charts(part, uv / 255), torch.from_numpy(corners.astype(np.int32))).numpy()
    atlas = rng.integers(0, 256, (1200, 800, 3), np.uint8)
    expected = transfer(atlas, np.repeat(part, 3), uv.reshape(-1, 2))
    # float32 places a texel to a ten-thousandth.
    np.testing.assert_allclose(255 * sample_bilinear(atlas, found.reshape(-1, 2)), expected, atol=0.2)


def test_between_texels_it_is_near_the_notebook(demo_set, demo_body):
    """On the demo body with a smooth picture: the notebook takes the texel before, we are between two."""
    charts = read_charts(demo_set.charts_file, demo_body.faces, demo_body.vert_count)
    found = make_atlas(charts, demo_body.faces).numpy()[:, 0]
    picked = np.flatnonzero(charts.part.numpy() > 0)[::97]
    atlas = make_texels(1200, 800)
    atlas[:, :, 2] = 0
    uv = np.floor(255 * charts.uv.numpy()[picked, 0])
    expected = transfer(atlas, charts.part.numpy()[picked], uv)
    ours = 255 * sample_bilinear(atlas, found[picked])
    # A byte of u or v, and a texel, of a ramp of 255 over 800: together less than one.
    assert np.abs(ours - expected).max() <= 1.5


def test_nothing_of_the_next_square_is_seen():
    """At the borders of squares of two colours, which lie side by side and one below the other."""
    part, row, column = np.arange(1, 25), np.arange(24) % 6, np.arange(24) // 6
    corners = np.array([[[0, 0], [1, 0], [1, 1]]] * 24 + [[[0, 1], [0, 0], [1, 1]]] * 24)
    faces = torch.arange(144, dtype=torch.int32).view(48, 3)
    found = make_atlas(make_charts([*part, *part], corners), faces).numpy()
    light = (row + column) % 2 * 255
    for side in (200, 400):
        atlas = np.zeros((6 * side, 4 * side, 3), np.uint8)
        for p in range(24):
            at = np.s_[side * row[p] : side * (row[p] + 1), side * column[p] : side * (column[p] + 1)]
            atlas[at] = light[p]
        seen = 255 * sample_bilinear(atlas, found.reshape(-1, 2))[:, 0]
        # float32, times 255.
        np.testing.assert_allclose(seen, np.repeat([*light, *light], 3), atol=0.2)


def test_a_face_without_chart_has_a_colour_of_its_neighbour():
    charts = make_charts([3, 0, 0], [[[0, 0], [1, 0], [1, 1]]] + [[[0, 0]] * 3] * 2)
    found = make_atlas(charts, torch.tensor([[0, 1, 2], [5, 2, 1], [6, 7, 8]], dtype=torch.int32))
    assert (found[1] == found[0, 2]).all()
    # Nobody's neighbour.
    assert (found[2] == 0).all()
