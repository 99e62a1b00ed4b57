"""SMPL, SMPL-H, SMPL-X, MANO and FLAME: held to smplx, and the same bits however they are batched."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from smplx.joint_names import JOINT_NAMES, SMPLH_JOINT_NAMES
from smplx.vertex_ids import vertex_ids

from render.body.family.body import CHUNK, FamilyBody
from render.body.family.joint_names import SURFACE_21, TIPS_5
from render.body.family.kinds import KINDS
from render.body.model import BODY_MODELS
from render.types.sources import Poses
from tests.helpers.model_files import make_model_file
from tests.helpers.random_poses import as_poses, draw_poses
from tests.helpers.smplx_oracle import pose_by_smplx

CPU = torch.device("cpu")
# Float32 ends at 1e-7 of a metre, and a finger is at the end of a chain of some ten joints.
TOLERANCE_M = 1e-5

Make = Callable[..., tuple[Path, FamilyBody]]


@pytest.fixture(scope="module")
def make(tmp_path_factory) -> Iterator[Make]:
    """A model file and its body, each made once."""
    made: dict[tuple, tuple[Path, FamilyBody]] = {}

    def make(kind: str, columns: int, ext: str = "npz") -> tuple[Path, FamilyBody]:
        if (kind, columns, ext) not in made:
            path = tmp_path_factory.mktemp(kind) / f"{kind.upper()}_NEUTRAL.{ext}"
            make_model_file(kind, path, columns)
            made[kind, columns, ext] = path, BODY_MODELS.load(kind)(path, kind, CPU)
        return made[kind, columns, ext]

    yield make
    # pytest keeps folders of several sessions, and a file has a hundred megabytes.
    for path, _ in made.values():
        path.unlink()


def pose(body: FamilyBody, poses: Poses, index: np.ndarray | None = None):
    index = np.arange(len(poses)) if index is None else index
    inputs = tuple(map(torch.from_numpy, body.prepare(poses, index)))
    bodies = body.allocate(len(index))
    for chunk in body.list_chunks(len(index)):
        body.pose_chunk(inputs, chunk, bodies)
    return bodies


# Kind, columns of the file, its format, betas, expression, numbers of a hand, whether its mean is added.
CASES = {
    "SMPL of 16 columns": ("smpl", 16, "pkl", 16, 0, 0, False),
    "SMPL-H as in AMASS": ("smplh", 16, "npz", 16, 0, 45, False),
    "SMPL-H, hands of 6 components": ("smplh", 16, "npz", 10, 0, 6, True),
    "SMPL-X version 1.0": ("smplx", 20, "npz", 10, 10, 45, False),
    "SMPL-X, hands of 12 components": ("smplx", 20, "npz", 10, 10, 12, True),
    "SMPL-X, flat hands of 12 components": ("smplx", 20, "npz", 10, 5, 12, False),
    "SMPL-X, locked head": ("smplx", 16, "npz", 16, 0, 45, False),
    "SMPL-X version 1.1": ("smplx", 400, "npz", 10, 10, 45, False),
    "SMPL-X version 1.1, all columns": ("smplx", 400, "npz", 300, 100, 45, True),
    "MANO": ("mano", 10, "pkl", 10, 0, 45, True),
    "MANO, hands of 6 components": ("mano", 10, "pkl", 10, 0, 6, False),
    "FLAME": ("flame", 20, "pkl", 10, 10, 0, False),
}


@pytest.mark.parametrize(
    ("kind", "columns", "ext", "betas", "expression", "hand_numbers", "adds_hand_mean"),
    CASES.values(),
    ids=CASES,
)
def test_agrees_with_smplx(make, kind, columns, ext, betas, expression, hand_numbers, adds_hand_mean):
    path, body = make(kind, columns, ext)
    if kind == "flame":
        landmarks = {"lmk_face_idx": np.zeros(1, int), "lmk_b_coords": np.eye(3)[:1]}
        (path.parent / "flame_static_embedding.pkl").write_bytes(pickle.dumps(landmarks))
    drawn = draw_poses(kind, 3, betas=betas, expression=expression, hand_numbers=hand_numbers)
    bodies = pose(body, as_poses(kind, drawn, adds_hand_mean=adds_hand_mean))
    verts, joints = pose_by_smplx(kind, path, drawn, columns=columns, adds_hand_mean=adds_hand_mean)
    np.testing.assert_allclose(bodies.verts.numpy(), verts, rtol=0, atol=TOLERANCE_M)
    # smplx leaves MANO's finger tips out, and has FLAME's landmarks from another file.
    common = min(joints.shape[1], bodies.joints.shape[1])
    assert common == {"smpl": 45, "smplh": 73, "smplx": 127, "mano": 16, "flame": 5}[kind]
    found = bodies.joints[:, :common].numpy()
    np.testing.assert_allclose(found, joints[:, :common], rtol=0, atol=TOLERANCE_M)


def test_joints_are_named_as_smplx_names_them(make):
    assert list(make("smplx", 20)[1].joint_names) == JOINT_NAMES[:127]
    assert list(make("smplh", 16)[1].joint_names) == SMPLH_JOINT_NAMES
    smpl = make("smpl", 16)[1].joint_names
    assert smpl[:22] + smpl[24:] == (*SMPLH_JOINT_NAMES[:22], *SMPLH_JOINT_NAMES[52:])
    assert smpl[22:24] == ("left_hand", "right_hand")


@pytest.mark.parametrize(("kind", "names"), [("smplh", SURFACE_21), ("smplx", SURFACE_21), ("mano", TIPS_5)])
def test_vertices_that_are_joints_are_those_of_smplx(kind, names):
    expected = sorted(vertex_ids[kind].values())
    assert sorted(KINDS[kind].joint_verts.values()) == expected
    assert tuple(KINDS[kind].joint_verts) == names


def test_the_tips_of_a_hand_are_its_vertices(make):
    _, body = make("mano", 10, "pkl")
    bodies = pose(body, as_poses("mano", draw_poses("mano", 2)))
    assert body.joint_names[16:] == TIPS_5
    assert torch.equal(bodies.joints[:, 16:], bodies.verts[:, list(KINDS["mano"].joint_verts.values())])


def test_fingers_may_be_among_the_rotations(make):
    _, body = make("smplx", 20)
    drawn = draw_poses("smplx", 2)
    poses = as_poses("smplx", drawn)
    rotmat, coefficients = body.prepare(poses, np.arange(2))
    fingers = Rotation.from_rotvec(drawn.hands.reshape(-1, 3)).as_matrix().reshape(2, 30, 3, 3)
    np.testing.assert_allclose(rotmat[:, 25:], fingers, atol=1e-6)
    # What is there already is not filled in, nor is a mean added to it.
    none = np.zeros((2, 2, 0), np.float32)
    filled = replace(poses, rotmat=rotmat, hands=none, adds_hand_mean=True)
    again, same = body.prepare(filled, np.arange(2))
    assert np.array_equal(again, rotmat)
    assert np.array_equal(same, coefficients)
    assert np.array_equal(poses.rotmat[:, 25:], np.tile(np.eye(3), (2, 30, 1, 1)))


@pytest.mark.parametrize(
    ("kind", "columns", "ext", "betas", "expression", "size"),
    [
        ("smpl", 16, "pkl", 10, 0, 10),
        ("smpl", 16, "pkl", 11, 0, 16),
        ("smplx", 20, "npz", 10, 0, 20),
        ("smplx", 20, "npz", 4, 10, 20),
        ("smplx", 400, "npz", 10, 10, 20),
        ("smplx", 400, "npz", 16, 50, 116),
        ("smplx", 400, "npz", 17, 0, 310),
    ],
)
def test_a_body_takes_no_more_columns_than_its_poses_need(make, kind, columns, ext, betas, expression, size):
    _, body = make(kind, columns, ext)
    drawn = draw_poses(kind, 2, betas=betas, expression=expression, hand_numbers=0)
    _, coefficients = body.prepare(as_poses(kind, drawn), np.arange(2))
    assert coefficients.shape == (2, size)
    assert np.array_equal(coefficients[:, :betas], drawn.betas)
    assert np.count_nonzero(coefficients) == 2 * (betas + expression)


@pytest.mark.parametrize(("kind", "columns", "ext"), [("smplx", 20, "npz"), ("mano", 10, "pkl")])
def test_a_body_is_the_same_bits_in_any_batch(make, kind, columns, ext):
    _, body = make(kind, columns, ext)
    count = CHUNK["cpu"] + 1
    poses = as_poses(kind, draw_poses(kind, count, hand_numbers=12), adds_hand_mean=True)
    together = pose(body, poses)
    order = np.random.default_rng(1).permutation(count)
    shuffled = pose(body, poses, order)
    alone = pose(body, poses, np.array([count - 1]))
    for name in ("verts", "normals", "joints"):
        assert torch.equal(getattr(together, name)[order], getattr(shuffled, name)), name
        assert torch.equal(getattr(together, name)[-1:], getattr(alone, name)), name


def test_people_of_the_library_give_coefficients_in_one_array(make):
    _, body = make("flame", 20, "pkl")
    drawn = draw_poses("flame", 2, expression=6, hand_numbers=0)
    poses = as_poses("flame", drawn)
    given = np.concatenate([drawn.betas, drawn.expression], 1)
    expected = pose(body, poses)
    bodies = body.pose(torch.from_numpy(poses.rotmat), torch.from_numpy(given))
    assert torch.equal(bodies.verts, expected.verts)
    with pytest.raises(ValueError, match=r"betas: expected at most 20 coefficients .* found \(2, 21\)"):
        body.pose(torch.from_numpy(poses.rotmat), torch.zeros(2, 21))
    with pytest.raises(ValueError, match=r"pose_rotmat: expected shape \(2, 5, 3, 3\), found \(2, 4, 3, 3\)"):
        body.pose(torch.from_numpy(poses.rotmat[:, :4]), torch.from_numpy(given))
