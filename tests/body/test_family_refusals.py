"""What SMPL's family refuses in words: files of other kinds, damaged ones, and poses that do not fit."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from render.body.family.body import FamilyBody
from render.body.family.kinds import KINDS
from render.body.model import BODY_MODELS
from render.body.model_file import read_model_file
from render.config.groups import BODY_FILES
from render.errors import BodyModelError
from render.resources import DEMO_BODY_FILE
from render.types.sources import Meshes
from tests.body.test_file_kind import MODELS, model_of
from tests.helpers.model_files import make_arrays, make_model_file
from tests.helpers.random_poses import as_poses, draw_poses

CPU = torch.device("cpu")


def open_kind(kind: str, path: Path) -> FamilyBody:
    return BODY_MODELS.load(kind)(path, kind, CPU)


def refusal(kind: str, path: Path) -> str:
    with pytest.raises(BodyModelError) as caught:
        open_kind(kind, path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


# Files.

TAKEN = {"SMPL-H": "smplh", "SMPL-X": "smplx", "MANO": "mano", "FLAME": "flame"}


@pytest.mark.parametrize(
    ("title", "wanted"), [("SMPL-H", "smplx"), ("SMPL-X", "smplh"), ("MANO", "smplx"), ("FLAME", "mano")]
)
def test_a_model_of_another_kind_is_named_with_what_takes_it(tmp_path, title, wanted):
    path = tmp_path / "model.npz"
    *sizes, called = MODELS[title]
    np.savez(path, **model_of(*sizes))
    kind = KINDS[wanted]
    expected = f": this is {called}; body.model={wanted} needs {kind.title} ({kind.joints} joints). Use "
    assert expected in refusal(wanted, path)
    assert f"which body.model={TAKEN[title]} takes" in expected
    assert refusal(wanted, path).endswith(f"model file as distributed: {kind.register}.")


def test_smpl_is_named_where_another_is_wanted(tmp_path):
    np.savez(tmp_path / "smpl.npz", **model_of(24, 6890, 10, 207))
    expected = "this is SMPL (24 joints, 6890 vertices), which body.model=smpl takes; body.model=smplx needs"
    assert expected in refusal("smplx", tmp_path / "smpl.npz")
    # STAR has SMPL's joints, but is not SMPL.
    np.savez(tmp_path / "star.npz", **model_of(24, 6890, 10, 93))
    assert "this is STAR (93 pose correctives" in refusal("smplx", tmp_path / "star.npz")
    found = refusal("smplx", DEMO_BODY_FILE)
    assert "this is SMPL in the demo body's layout, which body.model=smpl takes" in found


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_file_is_told_where_to_get_it(tmp_path, kind):
    found = refusal(kind, tmp_path / "none.npz")
    assert "there is no such body model file" in found
    assert KINDS[kind].register in found


@pytest.mark.parametrize("name", [name for name in BODY_FILES if name.partition("_")[0] in KINDS])
def test_a_missing_file_is_told_as_the_download_calls_it(tmp_path, name):
    """The file that is asked for is the one that the path ends with, of men and women too."""
    kind, path = name.partition("_")[0], tmp_path / BODY_FILES[name]
    with pytest.raises(BodyModelError) as caught:
        BODY_MODELS.load(kind)(path, name, CPU)
    called = Path(BODY_FILES[name]).relative_to(f"extradata/{kind}").as_posix()
    found = str(caught.value)
    assert found.startswith(f"{path}: there is no such body model file.")
    assert f"({called}" in found
    assert found.endswith(f" and put it at {path}.")


@pytest.mark.parametrize("key", ["v_template", "shapedirs", "weights", "f"])
def test_a_missing_key_is_named(tmp_path, key):
    make_model_file("mano", tmp_path / "mano.pkl", without=[key])
    assert f"expected the key {key}, found J_regressor, " in refusal("mano", tmp_path / "mano.pkl")


FAULTS = {
    "columns": ("shapedirs", np.zeros((778, 3, 401)), "10 to 400 shape coefficients, found 401"),
    "few columns": ("shapedirs", np.zeros((778, 3, 9)), r"shape \(778, 3, 10\), found"),
    "correctives": ("posedirs", np.zeros((778, 3, 207)), r"posedirs: expected .* \(778, 3, 135\), found"),
    "mean": ("hands_mean", np.zeros(44), r"hands_mean: expected numbers of shape \(45,\), found"),
    "infinite mean": ("hands_mean", np.full(45, np.inf), "hands_mean: expected finite numbers, found inf"),
    "components": ("hands_components", np.zeros((46, 45)), r"hands_components: .* \(45, 45\), found"),
    "no components": ("hands_components", np.zeros((0, 45)), r"hands_components: .* \(1, 45\), found"),
    "verts": ("v_template", np.zeros((700, 3)), r"shapedirs: expected numbers of shape \(700, 3, 10\)"),
}


@pytest.mark.parametrize(("key", "array", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_damaged_file_is_refused_by_key(tmp_path, key, array, expected):
    np.savez(tmp_path / "mano.npz", **make_arrays("mano") | {key: array})
    assert re.search(expected, refusal("mano", tmp_path / "mano.npz"))


LANDMARKS = {
    "too few": ({"lmk_faces_idx": np.zeros(50, int)}, r"lmk_faces_idx: expected integers of shape \(51,\)"),
    "beyond the faces": ({"lmk_faces_idx": np.full(51, 10)}, "expected indices of 10 faces, found 10 to 10"),
    "floats": ({"lmk_faces_idx": np.zeros(51)}, "lmk_faces_idx: expected integers"),
    "coordinates": ({"lmk_bary_coords": np.zeros((51, 2))}, "lmk_bary_coords: expected numbers of shape"),
}


@pytest.mark.parametrize(("changed", "expected"), LANDMARKS.values(), ids=LANDMARKS)
def test_landmarks_that_cannot_be_are_refused(tmp_path, changed, expected):
    model = model_of(55, 200, 10, 486)
    model["weights"][:, 0] = 1
    model["kintree_table"][0, 0] = -1
    intact = {"lmk_faces_idx": np.zeros(51, int), "lmk_bary_coords": np.zeros((51, 3))}
    np.savez(tmp_path / "smplx.npz", **model | intact)
    assert len(read_model_file(tmp_path / "smplx.npz", KINDS["smplx"]).landmarks.verts) == 51
    np.savez(tmp_path / "smplx.npz", **model | intact | changed)
    assert re.search(expected, refusal("smplx", tmp_path / "smplx.npz"))


def test_a_model_needs_the_vertices_that_count_as_joints(tmp_path):
    model = model_of(55, 200, 10, 486)
    model["weights"][:, 0] = 1
    model["kintree_table"][0, 0] = -1
    np.savez(tmp_path / "smplx.npz", **model)
    expected = "SMPL-X's 10475 vertices, of which smplx counts some, up to the 9929th, as joints; found 200"
    assert expected in refusal("smplx", tmp_path / "smplx.npz")


# Poses.


@pytest.fixture(scope="module")
def hand(tmp_path_factory) -> FamilyBody:
    return open_kind(
        "mano", make_model_file("mano", tmp_path_factory.mktemp("mano") / "m.npz", components=12)
    )


@pytest.fixture(scope="module")
def bare_hand(tmp_path_factory) -> FamilyBody:
    """Without what some files leave out."""
    path = tmp_path_factory.mktemp("mano") / "bare.npz"
    return open_kind("mano", make_model_file("mano", path, without=["hands_mean", "hands_components"]))


@pytest.fixture(scope="module")
def head(tmp_path_factory) -> FamilyBody:
    return open_kind("flame", make_model_file("flame", tmp_path_factory.mktemp("flame") / "f.npz", 20))


def pose_refusal(body: FamilyBody, poses) -> str:
    with pytest.raises(BodyModelError) as caught:
        body.prepare(poses, np.arange(len(poses)))
    with pytest.raises(BodyModelError, match=re.escape(str(caught.value))):
        body.check(poses)
    return str(caught.value).partition(": ")[2]


def test_poses_of_another_kind_are_refused(hand):
    found = pose_refusal(hand, as_poses("smplx", draw_poses("smplx", 2)))
    assert found.startswith("this body is MANO (a hand), found poses of SMPL-X. Set body.model=smplx, and ")
    assert hand.accepts == {"mano"}


def test_poses_of_other_joints_are_refused(hand):
    poses = as_poses("mano", draw_poses("mano", 2))
    short = replace(poses, rotmat=poses.rotmat[:, :15])
    assert pose_refusal(hand, short) == "expected rotations of 16 joints, as MANO (a hand) has, found 15."


def test_coefficients_that_the_file_lacks_are_refused_unless_they_are_zero(hand, head):
    poses = as_poses("mano", draw_poses("mano", 3, betas=11))
    assert pose_refusal(hand, poses).startswith("the model file has 10 betas, found 11. Use a model file ")
    poses.betas[:2, 10] = 0
    hand.prepare(poses, np.array([0, 1]))
    with pytest.raises(BodyModelError, match="10 betas, found 11"):
        hand.prepare(poses, np.array([1, 2]))
    poses.betas[:, 10] = 0
    hand.check(poses)
    poses = as_poses("flame", draw_poses("flame", 2, expression=50))
    assert pose_refusal(head, poses).startswith("the model file has 10 expression coefficients, found 50. ")
    assert "has 0 expression coefficients, found 1." in pose_refusal(
        hand, as_poses("mano", draw_poses("mano", 2, expression=1))
    )


def test_hands_that_the_file_cannot_pose_are_refused(hand, bare_hand, head):
    def draw(numbers, **changed):
        return replace(as_poses("mano", draw_poses("mano", 2, hand_numbers=numbers)), **changed)

    hand.check(draw(12))
    expected = "expected at most 12 principal components a hand, as the model file has, found 13."
    assert pose_refusal(hand, draw(13)) == expected
    assert pose_refusal(hand, draw(46)).endswith("or fewer principal components, found 46 numbers.")
    bare_hand.check(draw(45))
    bare_hand.check(draw(0, adds_hand_mean=True))
    expected = "hands of 12 principal components need the key hands_components, which the model file does not"
    assert pose_refusal(bare_hand, draw(12)).startswith(expected)
    mean = draw(45, adds_hand_mean=True)
    assert "the key hands_mean, which the model file" in pose_refusal(bare_hand, mean)
    two = replace(draw(45), hands=np.zeros((2, 2, 45), np.float32))
    assert pose_refusal(hand, two) == "hands: expected 1, as many as MANO (a hand) has, found 2."


def test_meshes_are_no_poses(tmp_path):
    path = make_model_file("mano", tmp_path / "mano.npz")
    meshes = Meshes("mano", np.zeros((0, 3), np.int32), np.zeros((1, 778, 3), np.float32))
    with pytest.raises(BodyModelError, match=r"expected poses of MANO .*, found meshes"):
        open_kind("mano", path).check(meshes)
