"""The volume in which a surface goes through itself, beside formulas and winding numbers."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.review.penetration.measure import measure_penetration_l
from tests.helpers.capsules import make_ball

CORNERS = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
# Counterclockwise seen from outside; the first two are the front, at the least z.
BOX = np.array(
    [
        *((0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3), (0, 4, 5), (0, 5, 1)),
        *((2, 3, 7), (2, 7, 6), (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5)),
    ],
    np.int32,
)


def join(*parts: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """One surface of several."""
    starts = np.cumsum([0, *(len(verts) for verts, _ in parts[:-1])])
    faces = [faces + start for (_, faces), start in zip(parts, starts, strict=True)]
    return np.concatenate([verts for verts, _ in parts]), np.concatenate(faces).astype(np.int32)


def make_box(low: tuple[float, float, float], size: tuple[float, float, float]) -> tuple:
    return low + CORNERS * size, BOX


def make_round(x: float, radius: float) -> tuple:
    verts, faces = make_ball()
    return verts * radius + [x, 0, 0], faces


def test_boxes_overlap_by_the_product_of_three_lengths():
    one, other = make_box((0, 0, 0), (0.3, 0.4, 0.5)), make_box((0.2, 0.1, 0.35), (0.3, 0.2, 0.4))
    # Edges are between cells, so that not a ray is amiss; depths are float32.
    assert measure_penetration_l(*join(one, other)) == pytest.approx(0.1 * 0.2 * 0.15 * 1000, rel=1e-5)
    assert measure_penetration_l(*one) == 0
    # A stranger's mesh may have its faces the other way round.
    verts, faces = join(one, other)
    assert measure_penetration_l(verts, faces[:, ::-1]) == measure_penetration_l(verts, faces)


def test_what_is_covered_three_times_counts_once():
    boxes = [make_box((0.1 * i, 0, 0), (0.3, 0.2, 0.2)) for i in range(3)]
    # From 0.1 to 0.4; between 0.2 and 0.3 there are all three.
    assert measure_penetration_l(*join(*boxes)) == pytest.approx(0.3 * 0.2 * 0.2 * 1000, rel=1e-5)


@pytest.mark.parametrize("apart", [0.0, 0.1, 0.25, 0.3])
def test_balls_overlap_by_a_lens(apart):
    radius = 0.2
    lens = np.pi * (4 * radius + apart) * (2 * radius - apart) ** 2 / 12 * 1000
    found = measure_penetration_l(*join(make_round(0, radius), make_round(apart, radius)))
    # Flat faces lie up to half a per cent of the radius within the ball, and rays are a centimetre apart.
    assert found == pytest.approx(lens, rel=0.04, abs=0.02)


def test_balls_that_only_come_near_do_not_overlap():
    assert measure_penetration_l(*join(make_round(0, 0.2), make_round(0.41, 0.2))) == 0


def test_a_larger_body_has_larger_cells():
    balls = join(make_round(0, 4.0), make_round(4.0, 4.0))
    lens = np.pi * (16 + 4) * 4**2 / 12 * 1000
    assert measure_penetration_l(*balls) == pytest.approx(lens, rel=0.04)


def test_rays_of_too_many_crossings_or_through_holes_are_passed_over():
    shells = [make_box((0, 0, 0.01 * i), (0.2, 0.2, 1.0)) for i in range(17)]
    assert measure_penetration_l(*join(*shells)) == 0
    assert measure_penetration_l(*join(*shells[:16])) > 0
    verts, faces = join(*shells[:2])
    closed = measure_penetration_l(verts, faces)
    # The last two faces are of a side along z, which no ray crosses; the first two of a front.
    assert measure_penetration_l(verts, faces[:-2]) == closed > 0
    assert measure_penetration_l(verts, faces[2:]) == 0


def test_what_has_no_volume_has_no_number():
    verts, faces = make_box((0, 0, 0), (1, 1, 1))
    assert np.isnan(measure_penetration_l(verts, faces[:0]))
    assert np.isnan(measure_penetration_l(np.where(verts > 0, np.inf, verts), faces))
    assert measure_penetration_l(verts * 0, faces) == 0


def test_faces_that_would_take_long_are_not_measured():
    verts, faces = make_ball()
    # Each face of the made-up body reaches from end to end.
    torn = np.random.default_rng(0).choice([0.0, 2.9], size=verts.shape)
    assert np.isnan(measure_penetration_l(torn, faces))


@pytest.fixture(scope="module")
def through(demo_body) -> tuple[np.ndarray, np.ndarray]:
    """The demo body with a forearm through its belly."""
    turns = {"left_shoulder": (0, 0, -75), "left_elbow": (0, 0, -90)}
    rotmat = np.tile(np.eye(3, dtype=np.float32), (1, 24, 1, 1))
    for joint, rotvec in turns.items():
        rotmat[0, demo_body.joint_names.index(joint)] = Rotation.from_rotvec(rotvec, degrees=True).as_matrix()
    posed = demo_body.pose(torch.from_numpy(rotmat), torch.zeros(1, 10))
    return posed.verts[0].numpy(), posed.faces.numpy()


def wind(verts: np.ndarray, faces: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Winding numbers by solid angles (A. Van Oosterom and J. Strackee, 1983): no rays, no grid."""
    corners = verts.astype(np.float64)[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    heights = (normals * corners[:, 0]).sum(1)
    numbers = []
    for point in points:
        away = verts - point
        length = np.linalg.norm(away, axis=1)
        a, b, c = (np.take(away, faces[:, k], axis=0) for k in range(3))
        la, lb, lc = (np.take(length, faces[:, k]) for k in range(3))
        dots = (np.einsum("ij,ij->i", *two) for two in ((a, b), (b, c), (c, a)))
        below = la * lb * lc + sum(dot * far for dot, far in zip(dots, (lc, la, lb), strict=True))
        numbers.append(np.arctan2(heights - normals @ point, below).sum() / (2 * np.pi))
    return np.round(numbers)


def test_an_arm_in_the_belly_is_found_as_by_winding_numbers(through):
    verts, faces = through
    # Around what is covered twice; a lattice, for it is nearer to the volume than random points are.
    step = 0.03
    axes = [np.arange(low, high, step) for low, high in ((-0.115, 0.26), (-0.075, 0.21), (0.015, 0.12))]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    inside = wind(verts, faces, points) >= 2
    expected = inside.sum() * step**3 * 1000
    # Two dozen points, of which some are near the surface.
    assert measure_penetration_l(verts, faces) == pytest.approx(expected, rel=0.1)


def test_from_any_side_it_is_about_the_same(through):
    verts, faces = through
    whole = measure_penetration_l(verts, faces)
    for axis in ("x", "y"):
        turned = verts @ Rotation.from_euler(axis, 90, degrees=True).as_matrix().T
        assert measure_penetration_l(turned, faces) == pytest.approx(whole, rel=0.05)


def test_the_bits_are_the_same_whatever_the_threads(through):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: measure_penetration_l(*through), range(16)))
    assert len(set(found)) == 1
