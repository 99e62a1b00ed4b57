"""The resolve kernel against its numpy twin, and what it leaves alone."""

import numpy as np
import pytest
import torch
from drawing import face_picture, make_draws, rasterize_all
from scipy.spatial.transform import Rotation

from render.shade import MODES
from render.shade.resolve import resolve
from render.types import Bodies, Canvas

SIZE_HW = (64, 80)


def shade_geo(normal: np.ndarray) -> np.ndarray:
    z = normal[:, 2:]
    return np.repeat(z + 0.2 * np.maximum(0, 1 - 2 * z * z) ** 16, 3, 1)


def shade_normal(normal: np.ndarray) -> np.ndarray:
    return (normal + 1) / 2


TWINS = {"geo": shade_geo, "normal": shade_normal}


def make_sphere() -> tuple[np.ndarray, np.ndarray]:
    """Unit sphere: vertices, which are their own normals, and faces with the outside to the outside."""
    u, v = np.meshgrid(np.linspace(0.01, np.pi - 0.01, 20), np.linspace(0, 2 * np.pi, 41)[:-1], indexing="ij")
    verts = np.stack([np.sin(u) * np.cos(v), np.cos(u), np.sin(u) * np.sin(v)], 2).reshape(-1, 3)
    i, j = (n.ravel() for n in np.meshgrid(np.arange(19), np.arange(40), indexing="ij"))
    a, b, c, d = 40 * i + j, 40 * i + (j + 1) % 40, 40 * (i + 1) + j, 40 * (i + 1) + (j + 1) % 40
    return verts, np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])


def blank_canvas(height: int, width: int, colour: int, rects: list[tuple[int, int, int, int]]) -> Canvas:
    return Canvas(
        pixels=torch.full((height * width * 3,), colour, dtype=torch.uint8),
        panel_rect=torch.tensor(rects, dtype=torch.int32),
        panel_start=torch.zeros(len(rects), dtype=torch.int64),
        panel_stride=torch.full((len(rects),), width * 3, dtype=torch.int32),
    )


@pytest.mark.parametrize("mode", MODES)
def test_agrees_with_numpy(mode):
    unit, faces = make_sphere()
    turn = Rotation.from_euler("xyz", [20, 30, 40], degrees=True).as_matrix()
    verts = (unit @ turn.T * 28 + [40, 30, 100])[None]
    draws = make_draws(verts, faces, cull=True)
    draws.rotation[0] = torch.from_numpy(turn)
    normals = torch.from_numpy(unit).float()[None]
    bodies = Bodies(normals, normals, torch.zeros(1, 1, 3), draws.faces)
    height, width = SIZE_HW
    canvas = blank_canvas(height, width, 7, [(0, 0, width, height)])
    visibility = rasterize_all(draws, [(0, 0, width, height)])
    resolve(mode, bodies, draws, visibility, canvas, range(1))

    _, fragments, at = face_picture(draws, SIZE_HW)
    corners = unit[faces[fragments.face.numpy()]]
    normal = (corners * fragments.bary.numpy()[:, :, None]).sum(1) @ turn.T
    normal = normal / np.linalg.norm(normal, axis=1, keepdims=True) * [1, -1, -1]
    expected = np.full((height, width, 3), 7, np.uint8)
    colour = np.clip(TWINS[mode](normal), 0, 1)
    expected[at[:, 0], at[:, 1]] = np.round(255 * colour)
    picture = canvas.pixels.view(height, width, 3).numpy()
    assert len(at) > 2000
    np.testing.assert_allclose(picture.astype(int), expected, atol=1)


def test_every_mode_has_a_twin():
    assert set(TWINS) == set(MODES)


def test_the_head_light_is_full_in_the_middle_and_dark_at_the_rim():
    unit, faces = make_sphere()
    draws = make_draws((unit * 28 + [40, 30, 100])[None], faces, cull=True)
    normals = torch.from_numpy(unit).float()[None]
    canvas = blank_canvas(64, 80, 255, [(0, 0, 80, 64)])
    bodies = Bodies(normals, normals, torch.zeros(1, 1, 3), draws.faces)
    resolve("geo", bodies, draws, rasterize_all(draws, [(0, 0, 80, 64)]), canvas, range(1))
    grey = canvas.pixels.view(64, 80, 3)[:, :, 0].numpy()
    assert grey[30, 40] >= 254
    # n.z at r of the radius is sqrt(1 - r^2).
    assert abs(int(grey[30, 40 + 14]) - 255 * (1 - (14.5 / 28) ** 2) ** 0.5) < 3


def test_two_panels_of_one_sheet_do_not_touch():
    unit, faces = make_sphere()
    verts = np.stack([unit * 40 + [20, 20, 100], unit * 40 + [60, 20, 100]])
    draws = make_draws(verts, faces, panel=[0, 1], cull=True)
    rects = [(0, 0, 40, 40), (40, 0, 40, 40)]
    normals = torch.from_numpy(unit).float()[None].repeat(2, 1, 1)
    bodies = Bodies(normals, normals, torch.zeros(2, 1, 3), draws.faces)
    visibility = rasterize_all(draws, rects)
    both, first = blank_canvas(40, 80, 0, rects), blank_canvas(40, 80, 0, rects)
    resolve("normal", bodies, draws, visibility, both, range(2))
    resolve("normal", bodies, draws, visibility, first, range(1))
    both_picture, first_picture = (c.pixels.view(40, 80, 3) for c in (both, first))
    assert torch.equal(both_picture[:, :40], first_picture[:, :40])
    assert torch.equal(both_picture[:, :40], both_picture[:, 40:])
    assert (first_picture[:, 40:] == 0).all()
