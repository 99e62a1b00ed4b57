"""The mannequin, held to the package that it is read from, and what is said where that is missing."""

import json
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.body.anatomy import find_anatomy
from render.body.figures import wooden
from render.body.figures.wooden import BETAS, JOINT_NAMES, Figure
from render.body.models import mannequin
from render.body.models.mannequin import SMPL_PELVIS_M, MannequinBody
from render.errors import BodyModelError
from render.library.bodies import load_body
from render.record.fingerprint import Fingerprint
from render.run.opening.bodies import open_chosen
from render.types.bodies import Bodies
from render.types.sources import Meshes, Poses
from tests.helpers.fit_tables import make_table
from tests.helpers.random_poses import Drawn, as_poses, draw_poses
from tests.helpers.runs import configure, run

CPU = torch.device("cpu")
# Numbers of about 1 m in float32, added up in another order.
ROUNDING_M = 1e-5
# What the package bends with betas is linear here; drawn betas of spread 1 give 0.1 to 5 mm, at the feet.
BEND_M = 0.01


@pytest.fixture(scope="module")
def package():
    return pytest.importorskip("mannequin", reason="pip install mannequin-x", exc_type=ImportError)


@pytest.fixture(scope="module")
def figure(package) -> Figure:
    return wooden.read_figure()


@pytest.fixture
def body(figure, monkeypatch) -> MannequinBody:
    monkeypatch.setattr(mannequin, "read_figure", lambda: figure)
    return mannequin.open_body(None, "mannequin", CPU)


def pose(body: MannequinBody, poses: Poses) -> Bodies:
    body.check(poses)
    inputs = tuple(torch.from_numpy(array) for array in body.prepare(poses, np.arange(len(poses))))
    bodies = body.allocate(len(poses))
    for chunk in body.list_chunks(len(poses)):
        body.pose_chunk(inputs, chunk, bodies)
    return bodies


def pose_theirs(
    package, drawn: Drawn, row: int, *, adds_hand_mean: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and joints as the package has them, of a row of SMPL-X's or SMPL's poses."""
    theirs = package.Mannequin("wooden", flat_hand_mean=not adds_hand_mean, shape=drawn.betas[row, :BETAS])
    parameters = theirs.rest_pose()
    parameters["pelvis_rotation"] = drawn.axis_angles[row, 0]
    parameters["body_pose"] = drawn.axis_angles[row, 1:22]
    if drawn.hands.size:
        parameters["hand_pose"] = drawn.hands[row].reshape(30, 3)
    return theirs.vertices(parameters), theirs.joint_transforms(parameters)[:, :3, 3]


@pytest.mark.parametrize("adds_hand_mean", [True, False])
def test_bodies_are_those_of_the_package(package, body, adds_hand_mean):
    drawn = draw_poses("smplx", 3, expression=10)
    # Where its vertices are exact: no shape, and the whole of one beta.
    betas = np.zeros_like(drawn.betas)
    betas[1, 0] = betas[2, 6] = 1
    drawn = replace(drawn, betas=betas)
    bodies = pose(body, as_poses("smplx", drawn, adds_hand_mean=adds_hand_mean))
    for row in range(3):
        verts, joints = pose_theirs(package, drawn, row, adds_hand_mean=adds_hand_mean)
        np.testing.assert_allclose(bodies.verts[row], verts, rtol=0, atol=ROUNDING_M)
        np.testing.assert_allclose(bodies.joints[row], joints, rtol=0, atol=ROUNDING_M)


def test_of_any_betas_joints_are_exact_and_vertices_nearly(package, body):
    drawn = draw_poses("smplx", 2, betas=16)
    bodies = pose(body, as_poses("smplx", drawn, adds_hand_mean=True))
    for row in range(2):
        verts, joints = pose_theirs(package, drawn, row)
        np.testing.assert_allclose(bodies.joints[row], joints, rtol=0, atol=ROUNDING_M)
        np.testing.assert_allclose(bodies.verts[row], verts, rtol=0, atol=BEND_M)
        # Most of them by far less.
        assert np.median(np.abs(bodies.verts[row].numpy() - verts)) < 1e-3


@pytest.mark.parametrize("variant", ["neutral", "male", "female"])
def test_of_smpl_the_pelvis_is_smpl_s_and_hands_are_relaxed(package, body, variant):
    drawn = draw_poses("smpl", 1)
    poses = replace(as_poses("smpl", drawn), variant=variant)
    bodies = pose(body, poses)
    _, joints = pose_theirs(package, drawn, 0)
    np.testing.assert_allclose(bodies.joints[0, 0], SMPL_PELVIS_M[variant], rtol=0, atol=ROUNDING_M)
    np.testing.assert_allclose(
        bodies.joints[0] - bodies.joints[0, :1], joints - joints[:1], rtol=0, atol=ROUNDING_M
    )
    # SMPL's hand joints, its last two, move nothing.
    still = replace(drawn, axis_angles=drawn.axis_angles * (np.arange(24) < 22)[None, :, None])
    assert torch.equal(pose(body, replace(as_poses("smpl", still), variant=variant)).verts, bodies.verts)


def test_smplh_has_the_fingers_of_smplx(body):
    drawn = draw_poses("smplh", 1)
    angles = np.concatenate([drawn.axis_angles, np.full((1, 3, 3), 0.4, np.float32)], 1)
    mean = as_poses("smplx", replace(drawn, axis_angles=angles), adds_hand_mean=True)
    of_smplx, of_smplh = pose(body, mean), pose(body, as_poses("smplh", drawn, adds_hand_mean=True))
    apart = of_smplx.verts - of_smplh.verts
    # As a whole: the jaw and the eyes of SMPL-X move nothing.
    np.testing.assert_allclose(apart[0], apart[0, :1].expand(len(apart[0]), 3), rtol=0, atol=ROUNDING_M)


def test_fingers_may_be_among_the_rotations(body):
    drawn = draw_poses("smplx", 1)
    apart = as_poses("smplx", drawn)
    rotmat = apart.rotmat.copy()
    rotmat[:, 25:] = Rotation.from_rotvec(drawn.hands.reshape(-1, 3)).as_matrix().reshape(1, 30, 3, 3)
    among = replace(apart, rotmat=rotmat, hands=np.zeros((1, 0, 0), np.float32))
    expected = pose(body, apart).verts
    np.testing.assert_allclose(pose(body, among).verts, expected, rtol=0, atol=ROUNDING_M)


def test_hands_in_components_are_relaxed(body):
    drawn = draw_poses("smplx", 1, hand_numbers=12)
    relaxed = replace(drawn, hands=np.zeros((1, 2, 45), np.float32))
    expected = pose(body, as_poses("smplx", relaxed, adds_hand_mean=True)).verts
    assert torch.equal(pose(body, as_poses("smplx", drawn)).verts, expected)


def test_a_body_is_the_same_bits_whatever_is_posed_beside_it(body):
    poses = as_poses("smplx", draw_poses("smplx", 10))
    together = pose(body, poses)
    rows = np.array([9])
    alone = pose(body, replace(poses, **{key: getattr(poses, key)[rows] for key in poses.SHAPES}))
    for part in ("verts", "normals", "joints"):
        assert torch.equal(getattr(together, part)[9:], getattr(alone, part))


def test_poses_of_other_people_s_code(body):
    rest = torch.eye(3).expand(1, len(JOINT_NAMES), 3, 3)
    bodies = body.pose(rest, torch.zeros(1, 3))
    np.testing.assert_allclose(bodies.verts[0], body.v_template, rtol=0, atol=ROUNDING_M)
    with pytest.raises(
        ValueError, match=r"pose_rotmat: expected shape \(1, 54, 3, 3\), found \(1, 24, 3, 3\)"
    ):
        body.pose(rest[:, :24], torch.zeros(1, 10))
    with pytest.raises(ValueError, match="betas: expected at most 10 coefficients"):
        body.pose(rest, torch.zeros(1, 11))


def test_its_parts_are_closed_shells_whose_faces_look_outside(body):
    faces, verts = body.faces.long().numpy(), body.v_template.double().numpy()
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    there = np.unique(edges, axis=0)
    assert body.is_closed
    assert len(there) == len(edges)
    # Each edge is passed in either direction.
    assert np.array_equal(there, np.unique(edges[:, ::-1], axis=0))
    a, b, c = verts[faces].transpose(1, 0, 2)
    # That of a person, m^3.
    assert 0.04 < (np.cross(a, b) * c).sum() / 6 < 0.12


def test_what_annotations_find(body):
    anatomy = find_anatomy(body)
    # OpenPose's nose, eyes and ears are in the face, which there is not; all others are there.
    assert np.flatnonzero(anatomy.openpose18 < 0).tolist() == [0, 14, 15, 16, 17]
    head = body.v_template[anatomy.head]
    assert len(head) > 100
    # In rest the head is the highest part.
    assert head[:, 1].max() == body.v_template[:, 1].max()


# What is refused.


def test_the_package_that_is_missing_is_named(monkeypatch):
    def find_version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(wooden, "version", find_version)
    with pytest.raises(BodyModelError, match=r"needs the package mannequin-x: pip install mannequin-x$"):
        load_body(model="mannequin")


def test_a_version_that_is_not_known_is_named(monkeypatch):
    monkeypatch.setattr(wooden, "version", lambda name: "0.4.1")
    expected = r"mannequin-x: expected version 0\.3\.x, found 0\.4\.1: pip install 'mannequin-x>=0\.3,<0\.4'"
    with pytest.raises(BodyModelError, match=expected):
        load_body(model="mannequin")


def test_a_package_whose_parts_are_others_is_named(package, monkeypatch):
    monkeypatch.setattr(package.Mannequin, "_bind_skin", lambda self: None)
    with pytest.raises(
        BodyModelError, match=r"mannequin-x 0\.3\..* cannot be used: .*AttributeError"
    ) as caught:
        wooden.read_figure()
    assert "\n" not in str(caught.value)


def test_a_file_is_not_taken():
    with pytest.raises(BodyModelError, match=r"expected none, .* found /a/model\.npz; set body\.path=null"):
        load_body("/a/model.npz", model="mannequin")


@pytest.mark.parametrize("kind", ["smpl", "smplx", "mesh"])
def test_other_models_need_a_file(kind):
    config = configure("body=smpl", f"body.model={kind}", "body.path=null")
    with pytest.raises(BodyModelError, match=r"expected (the|a) file .*found none.*[Ss]et"):
        open_chosen(config.body, CPU)


def test_other_bodies_are_refused(body):
    with pytest.raises(BodyModelError, match="expected poses of SMPL, SMPL-H or SMPL-X, found poses of mano"):
        body.check(as_poses("mano", draw_poses("mano", 1)))
    with pytest.raises(BodyModelError, match="found meshes"):
        body.check(Meshes("", np.zeros((1, 3), np.int32), np.zeros((1, 3, 3), np.float32)))
    poses = as_poses("smplx", draw_poses("smplx", 1))
    with pytest.raises(BodyModelError, match="expected rotations of 55 joints, as SMPL-X has, found 54"):
        body.check(replace(poses, rotmat=poses.rotmat[:, :54]))
    with pytest.raises(BodyModelError, match="expected 2 hands of at most 45 numbers, found 1 of 45"):
        body.check(replace(poses, hands=poses.hands[:, :1]))


# Runs.


def configure_demo(demo_set, out: Path, *words: str) -> tuple[str, ...]:
    settings = (f"dataset.root={demo_set.root}", "body=mannequin", "samples=0:3", "device=cpu")
    return (*settings, f"output.dir={out}", *words)


def test_a_run_draws_it_where_the_people_are(demo_set, body, tmp_path):
    """Over the generator's masks; it has shapes of its own, and stands as SMPL does, not as the demo body."""
    words = configure_demo(demo_set, tmp_path, "panels=[camera/normal/white]", "output=png")
    assert run(*words).rendered == 3
    shares = []
    for row, entry in enumerate(json.loads(demo_set.fit_file.read_text())["data"][:3]):
        sheet = cv2.imread(str(tmp_path / f"{Path(entry['imageName']).stem}_{row}.png"))
        mask = cv2.imread(str(demo_set.folder / "masks" / f"{entry['annotId']}.png"), cv2.IMREAD_GRAYSCALE)
        drawn, person = (sheet != 255).any(2), mask > 0
        shares.append((drawn & person).sum() / (drawn | person).sum())
    # 0.60, and 0.50 where the pelvis is left where SMPL-X has it.
    assert np.mean(shares) > 0.57


def test_charts_are_for_other_bodies(demo_set, body, tmp_path):
    with pytest.raises(BodyModelError, match=r"body\.charts: .* body=mannequin has no DensePose charts"):
        run(*configure_demo(demo_set, tmp_path, "panels=[camera/densepose]"))


def test_what_is_drawn_depends_on_the_package_s_version():
    config, fits = configure("body=mannequin"), make_table(1)
    hashes = [
        Fingerprint(config, "warp", (f"mannequin-x {version}",), None, {}).hash_people(fits, (0,), None)
        for version in ("0.3.0", "0.3.1")
    ]
    assert hashes[0] != hashes[1]
