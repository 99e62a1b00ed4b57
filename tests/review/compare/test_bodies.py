"""How far two bodies are apart, beside sums by hand and SciPy's own alignment."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import procrustes
from scipy.spatial.transform import Rotation

from render.body.family.joint_names import SMPL_24
from render.review.compare.bodies import COLUMNS, compare_bodies
from render.review.compare.joints import KINDS, describe_joints, pair_joints
from render.review.compare.regressor import Regressor
from render.review.image import Pose, ReviewedPerson
from tests.helpers.reviewed import make_person

FACES = np.array([[0, 1, 2], [2, 1, 3]], np.int32)


def make_body(seed: int, kind: str = "smpl", names: tuple[str, ...] = SMPL_24, **changed) -> ReviewedPerson:
    random = np.random.default_rng(seed)
    joints_m = random.normal(0, 0.3, (len(names), 3)).astype(np.float32)
    person = make_person(
        dict(zip(names, joints_m.tolist(), strict=True)),
        pose=Pose(kind, np.tile(np.eye(3), (24, 1, 1)), np.zeros(10)),
        verts_m=random.normal(0, 0.3, (40, 3)).astype(np.float32),
        faces=FACES,
    )
    return replace(person, **changed)


def compare(a, b, regressor=None, roots=None) -> dict[str, float]:
    row = compare_bodies(a, b, pair_joints(a, b, regressor), roots)
    return {column.name: value for column, value in zip(COLUMNS, row, strict=True)}


def near(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(np.asarray(a, np.float64) - b, axis=1).mean()) * 1000


def test_the_numbers_are_those_of_other_programs():
    a, b = make_body(1), make_body(2)
    found = compare(a, b)
    here, there = a.joints_m.astype(np.float64), b.joints_m.astype(np.float64)
    assert found["mpjpe_mm"] == pytest.approx(near(here - here[0], there - there[0]), abs=1e-6)
    assert found["pve_mm"] == pytest.approx(near(a.verts_m - here[0], b.verts_m - there[0]), abs=1e-6)
    # SciPy's lays the second over the first, both of size 1, and may mirror, as these clouds need not.
    target, moved, _ = procrustes(there, here)
    assert np.linalg.det(Rotation.align_vectors(target, here - here.mean(0))[0].as_matrix()) > 0
    size = np.linalg.norm(there - there.mean(0))
    assert found["pa_mpjpe_mm"] == pytest.approx(size * near(moved, target), rel=1e-9)
    worst = int(np.linalg.norm((here - here[0]) - (there - there[0]), axis=1).argmax())
    choices = next(column.choices for column in COLUMNS if column.name == "worst_joint")
    assert choices[int(found["worst_joint"])] == SMPL_24[worst]
    assert (KINDS[int(found["joints"])], found["joint_count"]) == ("smpl", 24)


def test_a_forearm_that_is_turned_moves_what_hangs_on_it():
    a = make_body(1)
    # By 60 degrees about the elbow: a chord as long as the lever.
    elbow, wrist, hand = (SMPL_24.index(f"left_{name}") for name in ("elbow", "wrist", "hand"))
    turn = Rotation.from_rotvec(np.pi / 3 * np.array([0, 0, 1])).as_matrix()
    here = a.joints_m.astype(np.float64)
    here[[wrist, hand]] = here[elbow] + [[0.25, 0, 0], [0.33, 0, 0]]
    moved = here.copy()
    moved[[wrist, hand]] = here[elbow] + (here[[wrist, hand]] - here[elbow]) @ turn.T
    found = compare(replace(a, joints_m=here), replace(a, joints_m=moved))
    assert found["left_wrist_mm"] == pytest.approx(250)
    assert found["mpjpe_mm"] == pytest.approx((250 + 330) / 24)
    assert found["worst_joint_mm"] == pytest.approx(330)
    assert found["pve_mm"] == 0


def test_a_body_against_itself_is_0_wherever_it_is_and_however_large():
    a = make_body(3)
    moved = replace(a, joints_m=a.joints_m + 2, verts_m=a.verts_m + 2)
    for other in (a, moved):
        found = compare(a, other)
        # Of float32 numbers of 2 m.
        assert found["mpjpe_mm"] == pytest.approx(0, abs=1e-3)
        assert found["pve_mm"] == pytest.approx(0, abs=1e-3)
    turn = Rotation.from_rotvec([1, 2, 3]).as_matrix()
    found = compare(a, replace(a, joints_m=1.3 * a.joints_m.astype(np.float64) @ turn.T))
    assert found["pa_mpjpe_mm"] == pytest.approx(0, abs=1e-9)
    assert found["mpjpe_mm"] > 100


def test_models_of_other_kinds_are_compared_by_names_about_the_pelvis():
    a = make_body(1)
    names = ("nose", "left_knee", "pelvis", "right_wrist", "neck", "left_foot")
    # The last is a point on the surface, which no pose turns.
    pose = Pose("smplx", np.tile(np.eye(3), (5, 1, 1)), np.zeros(10))
    b = make_body(2, "smplx", names, pose=pose, verts_m=np.zeros((50, 3), np.float32))
    found = compare(a, b)
    shared = [name for name in SMPL_24 if name in names[:5]]
    here, there = (
        np.array([one.joints_m[one.joint_names.index(name)] for name in ("pelvis", *shared)], np.float64)
        for one in (a, b)
    )
    assert found["mpjpe_mm"] == pytest.approx(near(here[1:] - here[0], there[1:] - there[0]))
    assert found["joint_count"] == 4
    assert np.isnan(found["pve_mm"])
    assert describe_joints("same", 4, "") == "4 joints of the same names"


def test_hips_stand_for_a_pelvis_and_nothing_for_joints():
    names = ("left_hip", "right_hip", "left_knee")
    a, b = make_body(1, names=names, pose=None), make_body(2, names=names, pose=None)
    here, there = (one.joints_m.astype(np.float64) for one in (a, b))
    expected = near(here - here[:2].mean(0), there - there[:2].mean(0))
    assert compare(a, b)["mpjpe_mm"] == pytest.approx(expected)
    bare = [replace(one, joint_names=(), joints_m=np.zeros((0, 3))) for one in (a, b)]
    found = compare(*bare)
    assert np.isnan([found[name] for name in ("mpjpe_mm", "pa_mpjpe_mm", "pve_mm", "joints")]).all()
    roots = (np.full(3, 0.1), np.zeros(3))
    assert compare(*bare, roots=roots)["pve_mm"] == pytest.approx(near(a.verts_m - roots[0], b.verts_m))


def test_joints_of_a_matrix_are_aligned_by_its_first_row_and_judged_by_those_that_are_asked_for():
    a, b = make_body(1), make_body(2)
    matrix = np.random.default_rng(0).random((17, 40))
    found = compare(a, b, Regressor("h36m.npy", matrix, np.array([4, 1, 9])))
    here, there = (matrix @ one.verts_m for one in (a, b))
    here, there = here - here[0], there - there[0]
    assert found["mpjpe_mm"] == pytest.approx(near(here[[4, 1, 9]], there[[4, 1, 9]]), rel=1e-6)
    # The root of the vertices too.
    at = [(matrix @ one.verts_m)[0] for one in (a, b)]
    assert found["pve_mm"] == pytest.approx(near(a.verts_m - at[0], b.verts_m - at[1]), rel=1e-6)
    assert describe_joints("file", 3, "h36m.npy") == "3 joints of h36m.npy"
    choices = next(column.choices for column in COLUMNS if column.name == "worst_joint")
    assert choices[int(found["worst_joint"])] in ("row 4", "row 1", "row 9")
