"""Files that the programs themselves wrote, of other projects and therefore not among ours.

SMPL_RENDER_REAL_FILES names a folder with

- mhr/: img_subj00.npz to img_subj03.npz of tools/mhr_smpl_conversion/data/sam3d_body_outputs in
  facebookresearch/MHR, four people of one photo of 1920 x 890 px that is not there;
- romp/: romp_output.npz and input.jpg of examples/resources/romp in eth-ait/aitviewer;
- motion/: the .smpl files and apose_to_handsFront_smplx.npz of test/files in Meshcapade/smplcodec,
  smplx_animation.npz of blender/smplx_anim_to_alembic in PerceivingSystems/bedlam_render, and
  amass_sample.npz of support_data/github_data in nghorbani/amass.
"""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from render import load_body, read_fits, write_smpl
from render.body.model import pose_all
from render.errors import FitFileError
from render.fits.joint_orders import ORDERS
from render.types.fits import Unit
from tests.helpers.fit_files import project, read_file, recognise

FOLDER = os.environ.get("SMPL_RENDER_REAL_FILES")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="SMPL_RENDER_REAL_FILES names no folder")
# Of pixels, where the files' numbers are float32: seven digits of up to 1920 px.
ROUNDING_PX = 1e-3


@pytest.fixture
def people(tmp_path):
    """The four of SAM-3D-Body, by a folder of photos in which theirs is."""
    (tmp_path / "img.jpg").touch()
    fits, problems = read_file("sam3d", Path(FOLDER, "mhr"), tmp_path)
    assert problems == []
    assert fits.image_name.tolist() == ["img.jpg"] * 4
    assert fits.person.tolist() == [0, 1, 2, 3]
    return fits


def expect_own_joints(fits, picture_wh):
    (source,) = fits.sources
    found = project(fits, source.marks.points_m.astype(np.float64), picture_wh)
    assert (source.marks.points_px[..., 2] == 1).all()
    np.testing.assert_allclose(found, source.marks.points_px[..., :2], rtol=0, atol=ROUNDING_PX)


def test_files_are_told_from_one_another():
    assert recognise(Path(FOLDER, "mhr", "img_subj00.npz")) == ["sam3d"]
    assert recognise(Path(FOLDER, "romp", "romp_output.npz")) == ["romp"]


def test_the_camera_of_sam3d_is_recovered(people):
    assert set(people.unit) == {Unit.PIXELS}
    # Of the camera that the joints were projected with, and 960 and 445 are the middle of the photo.
    np.testing.assert_allclose(people.focal, 2535.27, rtol=0, atol=0.01)
    np.testing.assert_allclose(people.center, [[960, 445]] * 4, rtol=0, atol=0.01)
    assert len(np.unique(np.column_stack([people.focal, people.center]), axis=0)) == 1
    expect_own_joints(people, (1920, 890))


def test_the_people_of_sam3d_stand_behind_one_another(people):
    assert people.is_metric.all()
    verts = people.sources[0].bodies.verts[people.place] + people.transl_m[:, None]
    # From left to right, each stands nearer than the one before.
    assert np.argsort(np.median(verts[..., 2], 1)).tolist() == [3, 2, 1, 0]
    assert np.argsort(np.median(verts[..., 0], 1)).tolist() == [0, 1, 2, 3]
    # With an arm up.
    height_m = np.ptp(verts[..., 1], 1)
    assert ((height_m > 1.4) & (height_m < 2.3)).all()


@pytest.mark.parametrize("number", range(4))
def test_a_person_of_sam3d_alone_has_the_same_camera(people, number):
    alone, _ = read_file("sam3d", Path(FOLDER, "mhr", f"img_subj0{number}.npz"))
    # Each fit rounds on its own.
    np.testing.assert_allclose(alone.focal[0], people.focal[number], rtol=0, atol=1e-3)
    np.testing.assert_allclose(alone.center[0], people.center[number], rtol=0, atol=1e-3)


def test_joints_of_sam3d_have_their_names(people):
    expect_sides(people, "mhr70")


def test_joints_of_romp_are_where_romp_has_them():
    folder = Path(FOLDER, "romp")
    fits, problems = read_file("romp", folder / "romp_output.npz", folder)
    assert problems == []
    with Image.open(folder / "input.jpg") as photo:
        expect_own_joints(fits, photo.size)
    expect_sides(fits, "romp71")


def expect_sides(fits, order):
    """That joints of one name are near one another, and the person's parts in their order."""
    (source,) = fits.sources
    assert source.marks.order == order
    names = np.array(ORDERS[order])
    for joints in source.marks.points_m:
        assert len(joints) == len(names)

        def place(name, joints=joints):
            found = joints[names == name]
            # Hips are another point in each of the orders that ROMP's is made of.
            assert np.ptp(found, axis=0).max(initial=0) < 0.25, name
            return found.mean(0)

        for upper, lower in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist")):
            left_m, right_m = (
                np.linalg.norm(place(f"{side}_{upper}") - place(f"{side}_{lower}"))
                for side in ("left", "right")
            )
            # A bone is a sixth to a half of a metre, and people are alike on both sides.
            assert 0.15 < left_m < 0.5
            assert abs(left_m - right_m) < 0.05
        for side, other in (("left", "right"), ("right", "left")):
            for far in ("thumb_tip", "index_tip", "pinky_tip"):
                assert np.linalg.norm(place(f"{side}_{far}") - place(f"{side}_wrist")) < 0.25
            for far in ("big_toe", "small_toe", "heel"):
                assert np.linalg.norm(place(f"{side}_{far}") - place(f"{side}_ankle")) < 0.3
            assert np.linalg.norm(place(f"{side}_ear") - place(f"{side}_eye")) < np.linalg.norm(
                place(f"{side}_ear") - place(f"{other}_eye")
            )
        assert np.linalg.norm(place("nose") - place("left_eye")) < 0.1


# Frames of each, their model and their rate.
MOTIONS = {
    "amass_sample.npz": (601, "smplh", 120),
    "apose_to_handsFront_smplx.npz": (34, "smplx", np.nan),
    "smplx_animation.npz": (126, "smplx", 30),
    "avatar.smpl": (601, "smplx", 120),
    "avatar_vertexoffsets.smpl": (1, "smplx", np.nan),
    "default.smpl": (1, "smplx", np.nan),
    "pose_avatar.smpl": (1, "smplx", np.nan),
}


@pytest.mark.parametrize("name", MOTIONS)
def test_people_of_motions_stand_upright(name):
    path = Path(FOLDER, "motion", name)
    count, kind, rate = MOTIONS[name]
    assert recognise(path) == [path.suffix[1:].replace("npz", "amass")]
    fits, problems = read_fits("auto", path)
    assert (len(fits), problems) == (count, [])
    (source,) = fits.sources
    assert source.bodies.kind == kind
    np.testing.assert_array_equal(fits.time_s, np.arange(count) / rate)
    pytest.importorskip("mannequin", reason="pip install mannequin-x")
    body = load_body(model="mannequin", device="cpu")
    some = fits.take(np.linspace(0, count - 1, min(count, 9)).astype(int))
    inputs = tuple(torch.from_numpy(array) for array in body.prepare(source.bodies, some.place))
    joints = pose_all(body, inputs, len(some)).joints.numpy().astype(np.float64)
    # To the world, where y is down.
    height_m = -np.einsum("ni,npi->np", (some.world_rotation @ some.rotation)[:, 1], joints)
    head, pelvis, foot = (
        height_m[:, body.joint_names.index(joint)] for joint in ("head", "pelvis", "left_foot")
    )
    # Some sit, and all hold their heads up.
    assert (head - pelvis > 0.4).all()
    assert (pelvis - foot > 0.4).all()


@pytest.mark.parametrize(("name", "model"), [("avatar_skel.smpl", "SKEL"), ("avatar_smplpp.smpl", "SMPL")])
def test_motions_of_other_models_are_refused_by_name(name, model):
    with pytest.raises(FitFileError, match=f"smplVersion: expected .*, found . {model}"):
        read_fits("auto", Path(FOLDER, "motion", name))


@pytest.mark.parametrize("name", [name for name in MOTIONS if name.endswith(".smpl")])
def test_motions_read_written_and_read_are_equal(tmp_path, name):
    fits, _ = read_fits("smpl", Path(FOLDER, "motion", name))
    again, _ = read_fits("smpl", write_smpl(tmp_path / "again.smpl", fits))
    for column in ("world_m", "world_rotation", "rotation", "time_s"):
        np.testing.assert_array_equal(getattr(again, column), getattr(fits, column))
    one, other = again.sources[0].bodies, fits.sources[0].bodies
    # The last place of float32.
    np.testing.assert_allclose(one.rotmat, other.rotmat, rtol=0, atol=2**-23)
    np.testing.assert_array_equal(one.betas, other.betas)
