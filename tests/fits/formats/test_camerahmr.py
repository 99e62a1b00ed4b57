"""Labels of CameraHMR and BEDLAM: people stand where their own code projects them; others are named."""

import pickle

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.fits.reader import READERS
from tests.helpers.fit_files import project, read_file, recognise

PEOPLE = 5
NAMES = np.array(["train2014/a.jpg", "train2014/a.jpg", "train2014/b.jpg", "c.jpg", "c.jpg"])


@pytest.fixture
def labels():
    """CameraHMR's, of SMPL."""
    rng = np.random.default_rng(3)
    cam_int = np.tile(np.eye(3), (PEOPLE, 1, 1))
    # A camera a photo, of fx, fy, cx, cy.
    numbers = np.array(
        [[700, 710, 320, 240], [700, 710, 320, 240], [900, 900, 200, 150], *[[1, 2, 4, 3]] * 2]
    )
    cam_int[:, (0, 1, 0, 1), (0, 1, 2, 2)] = numbers
    return {
        "imgname": NAMES,
        "center": rng.uniform(100, 300, (PEOPLE, 2)),
        "scale": rng.uniform(1, 3, PEOPLE),
        "pose_cam": rng.normal(0, 0.5, (PEOPLE, 72)),
        "shape": rng.normal(0, 1, (PEOPLE, 10)),
        "trans_cam": rng.uniform([-1, -1, 3], [1, 1, 6], (PEOPLE, 3)),
        "cam_int": cam_int,
        "gtkps": rng.uniform(0, 300, (PEOPLE, 44, 3)),
    }


@pytest.fixture
def bedlam(labels):
    """BEDLAM's, of SMPL-X: each person has extrinsics of his own."""
    rng = np.random.default_rng(4)
    cam_ext = np.tile(np.eye(4), (PEOPLE, 1, 1))
    cam_ext[:, :3, :3] = Rotation.random(PEOPLE, rng=rng).as_matrix()
    cam_ext[:, :3, 3] = rng.uniform([-1, -1, 3], [1, 1, 6], (PEOPLE, 3))
    return labels | {
        "pose_cam": rng.normal(0, 0.5, (PEOPLE, 165)),
        "pose_world": rng.normal(0, 0.5, (PEOPLE, 165)),
        "shape": rng.normal(0, 1, (PEOPLE, 11)),
        "trans_cam": rng.normal(0, 0.3, (PEOPLE, 3)),
        "trans_world": rng.normal(0, 0.3, (PEOPLE, 3)),
        "cam_ext": cam_ext,
        "gtkps": rng.uniform(0, 300, (PEOPLE, 127, 3)),
        "gender": np.array(["female", "male", "female", "male", "male"]),
        "proj_verts": np.zeros((PEOPLE, 437, 3)),
        "motion_info": np.array(["walk"] * PEOPLE),
        "sub": np.array(["rp_aaron_posed_002"] * PEOPLE),
    }


@pytest.fixture
def save(tmp_path):
    def save(held):
        np.savez(tmp_path / "labels.npz", **held)
        return tmp_path / "labels.npz"

    return save


def project_as_bedlam(points, cam_trans, cam_int):
    """df_full_body.project of BEDLAM, in double."""
    points = points + cam_trans
    return ((points / points[:, -1:]) @ cam_int.T)[:, :2]


def bodies_of(fits):
    return [
        (fits.sources[source].bodies, place) for source, place in zip(fits.source, fits.place, strict=True)
    ]


@pytest.mark.parametrize("name", ["labels", "bedlam"])
def test_people_stand_where_their_own_code_projects_them(request, save, name):
    held = request.getfixturevalue(name)
    fits, problems = read_file("camerahmr", save(held))
    assert problems == []
    assert fits.row.tolist() == list(range(PEOPLE))
    assert fits.image_name.tolist() == NAMES.tolist()
    joints = np.random.default_rng(6).uniform(-1, 1, (PEOPLE, 22, 3))
    moved = joints + held["trans_cam"][:, None]
    moves = held["cam_ext"][:, :3, 3] if "cam_ext" in held else np.zeros((PEOPLE, 3))
    expected = [project_as_bedlam(*them) for them in zip(moved, moves, held["cam_int"], strict=True)]
    # Both are in double; a focal length of 900 px loses three digits.
    np.testing.assert_allclose(project(fits, joints), expected, atol=1e-9)
    np.testing.assert_allclose(fits.box_px[:, 2], 200 * held["scale"])
    np.testing.assert_allclose(fits.box_px[:, :2] + fits.box_px[:, 2:] / 2, held["center"])
    kinds = {"labels": "smpl", "bedlam": "smplx"}
    for row, (body, place) in enumerate(bodies_of(fits)):
        assert (body.kind, body.variant, body.adds_hand_mean) == (kinds[name], "neutral", False)
        expected_rotmat = Rotation.from_rotvec(held["pose_cam"][row].reshape(-1, 3)).as_matrix()
        # Of float32.
        np.testing.assert_allclose(body.rotmat[place], expected_rotmat, atol=1e-6)
        np.testing.assert_array_equal(body.betas[place], np.float32(held["shape"][row]))
        assert body.hands.size == 0


def test_depth_is_true_where_people_of_a_photo_share_its_camera(save, labels):
    labels["cam_int"][4, 0, 0] = 1.5
    fits, _ = read_file("camerahmr", save(labels))
    assert fits.is_metric.tolist() == [True, True, True, False, False]


def test_bodies_are_of_their_gender_in_the_order_of_the_file(save, bedlam):
    bedlam["shape"] = bedlam["shape"][:, :10]
    bedlam["gender"] = np.array(["f", "male", "female", "m", "neutral"])
    fits, problems = read_file("camerahmr", save(bedlam))
    assert problems == []
    assert fits.row.tolist() == list(range(PEOPLE))
    found = bodies_of(fits)
    assert [body.variant for body, _ in found] == ["female", "male", "female", "male", "neutral"]
    for row, (body, place) in enumerate(found):
        np.testing.assert_array_equal(body.betas[place], np.float32(bedlam["shape"][row]))
    # Marks and boxes go with them.
    for row, (source, place) in enumerate(zip(fits.source, fits.place, strict=True)):
        points = fits.sources[source].marks.points_px[place]
        np.testing.assert_array_equal(points, np.float32(bedlam["gtkps"][row, :22]))
    np.testing.assert_allclose(fits.box_px[:, 2], 200 * bedlam["scale"])


@pytest.mark.parametrize(("betas", "variants"), [(11, {"neutral"}), (16, {"male", "female"})])
def test_bodies_of_11_betas_are_neutral_whoever_the_subject_is(save, bedlam, betas, variants):
    bedlam["shape"] = np.zeros((PEOPLE, betas))
    fits, _ = read_file("camerahmr", save(bedlam))
    assert {source.bodies.variant for source in fits.sources} == variants


@pytest.mark.parametrize(
    ("pose", "betas", "order", "joints"),
    [(165, 11, "smplx22", 22), (72, 11, "smpl24", 24), (165, 16, "openpose25", 25)],
)
def test_joints_are_those_that_each_release_has_first(save, bedlam, pose, betas, order, joints):
    bedlam |= {"pose_cam": bedlam["pose_cam"][:, :pose], "shape": np.zeros((PEOPLE, betas)), "gender": None}
    fits, _ = read_file("camerahmr", save({key: value for key, value in bedlam.items() if value is not None}))
    (source,) = fits.sources
    assert source.marks.order == order
    np.testing.assert_array_equal(source.marks.points_px, np.float32(bedlam["gtkps"][:, :joints]))


def test_without_extrinsics_the_order_of_joints_is_not_guessed(save, labels):
    (source,) = read_file("camerahmr", save(labels))[0].sources
    assert source.marks.points_px.shape == (PEOPLE, 0, 3)


def test_rows_that_cannot_be_drawn_are_named(save, bedlam):
    bedlam["shape"] = bedlam["shape"][:, :10]
    bedlam["cam_int"][0, 0, 1] = 3
    bedlam["gender"] = np.array(["f", "unknown", "f", "f", "f"])
    bedlam["pose_cam"][2, 7] = np.nan
    bedlam["cam_int"][3, 0, 0] = -1
    fits, problems = read_file("camerahmr", save(bedlam))
    assert fits.row.tolist() == [4]
    assert [problem.row for problem in problems] == [0, 1, 2, 3]
    assert [problem.image_name for problem in problems] == NAMES[:4].tolist()
    skewed, gender, pose, focal = [problem.reason for problem in problems]
    assert skewed.startswith(
        "cam_int: expected a camera matrix fx 0 cx, 0 fy cy, 0 0 1, found [[700.0, 3.0, "
    )
    assert gender == 'gender: expected male, female or neutral, found the string "unknown"'
    assert pose.startswith("pose: expected rotations")
    assert pose.endswith("at joint 2")
    assert focal.startswith("camera: expected a scale or a focal length above 0")


def test_what_looks_wrong_is_said_once(save, bedlam):
    assert not any(
        "norm" in note or "lying" in note for note in notes_of(read_file("camerahmr", save(bedlam)))
    )
    # 16 betas of 6 have a norm of 24.
    bedlam["shape"] = np.vstack([np.full((1, 16), 6.0), np.zeros((PEOPLE - 1, 16))])
    bedlam["cam_int"][:, :2, 2] = 360, 640
    notes = notes_of(read_file("camerahmr", save(bedlam)))
    assert "shape: 1 of 2 bodies look wrong, with betas of a norm above 20" in notes
    assert any("lying" in note for note in notes)


def notes_of(found):
    return [note for source in found[0].sources for note in source.notes]


def test_of_paths_of_another_machine_the_name_is_taken(save, labels):
    labels["imgname"] = np.array([f"/home/them/coco/{NAMES[0]}", *NAMES[1:]])
    fits, _ = read_file("camerahmr", save(labels))
    assert fits.image_name.tolist() == ["a.jpg", *NAMES[1:].tolist()]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pose_cam": np.zeros((PEOPLE, 71))}, "pose_cam: expected 5x72 numbers or 5x165"),
        ({"pose_cam": np.zeros((PEOPLE - 1, 72))}, "found numbers of shape 4x72"),
        ({"cam_int": np.zeros((PEOPLE, 4))}, "cam_int: expected 5x3x3 numbers"),
        ({"shape": np.full((PEOPLE, 10), "a")}, "shape: expected 5xN numbers, found texts"),
        ({"trans_cam": None}, "found no trans_cam"),
        ({"pose_cam": None}, "found no pose_cam and no pose"),
        ({"imgname": np.array("a.jpg")}, "imgname: expected a list of texts"),
        ({"imgname": NAMES[:0]}, "it has no rows"),
        ({"cam_ext": np.zeros((PEOPLE, 3, 3))}, "cam_ext: expected 5x4x4 numbers"),
    ],
)
def test_files_of_other_shapes_are_refused(save, labels, change, said):
    held = {key: value for key, value in (labels | change).items() if value is not None}
    path = save(held)
    with pytest.raises(FitFileError) as refused:
        read_file("camerahmr", path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


class Trap:
    def __reduce__(self):
        return print, ("this was run",)


def test_a_file_that_runs_code_is_refused_by_the_name_and_nothing_is_run(save, labels, capsys):
    labels["imgname"] = np.array([Trap()] * PEOPLE, object)
    with pytest.raises(FitFileError, match="print"):
        read_file("camerahmr", save(labels))
    assert capsys.readouterr().out == ""


def test_damaged_files_are_refused(save, labels):
    path = save(labels)
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", pickle.dumps({"pose_cam": 1}), b"PK\3\4" + bytes(60)):
        path.write_bytes(damaged)
        with pytest.raises(FitFileError):
            read_file("camerahmr", path)


def test_it_is_recognised_and_its_photos_are_read_without_exif(save, labels, bedlam):
    assert recognise(save(labels)) == ["camerahmr"]
    assert recognise(save(bedlam)) == ["camerahmr"]
    assert READERS.load("camerahmr").ignores_exif
