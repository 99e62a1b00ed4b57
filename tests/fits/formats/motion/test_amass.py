"""AMASS and its like: bodies stand in a world with an up; what is damaged costs its own rows."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.fits.motion import tracks
from render.fits.read import read_fits
from render.types.fits import Unit
from tests.helpers.fit_files import read_file, recognise
from tests.helpers.motion_files import FRAMES, Hostile, find_in_world, make_amass, save_npz

POINTS = np.random.default_rng(1).uniform(-1, 1, (FRAMES, 5, 3))


def make_upright(**changes):
    """As BEDLAM's motion_seq.npz: y is up, and the body stands."""
    held = make_amass(165)
    held["poses"][:, :3] = np.random.default_rng(2).normal(0, 0.1, (FRAMES, 3))
    held["trans"] = np.random.default_rng(3).normal((0, 1.4, 0), 0.1, (FRAMES, 3))
    return held | {"global_ori": held["poses"][:, :3], "motion_info": np.array(["turn", "0"])} | changes


@pytest.mark.parametrize(("numbers", "kind", "rate"), [(156, "smplh", 120), (165, "smplx", 100)])
def test_bodies_are_those_of_the_file_in_a_world_whose_z_is_up(tmp_path, numbers, kind, rate):
    held = make_amass(numbers)
    path = save_npz(tmp_path / "walk_poses.npz", held)
    assert recognise(path) == ["amass"]
    fits, problems = read_file("amass", path)
    assert problems == []
    (source,) = fits.sources
    assert (source.bodies.kind, source.bodies.variant, source.bodies.adds_hand_mean) == (
        kind,
        "female",
        False,
    )
    expected = Rotation.from_rotvec(held["poses"].reshape(-1, 3)).as_matrix().reshape(FRAMES, -1, 3, 3)
    # Of float32.
    np.testing.assert_allclose(source.bodies.rotmat, expected, atol=1e-6)
    np.testing.assert_array_equal(source.bodies.betas, np.tile(np.float32(held["betas"]), (FRAMES, 1)))
    assert set(fits.unit) == {Unit.FRAMED}
    # Right is x, down is -z, and away from the viewer is y.
    world = (POINTS + held["trans"][:, None]) @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    np.testing.assert_allclose(find_in_world(fits, POINTS), world, atol=1e-12)
    np.testing.assert_array_equal(fits.world_rotation, np.tile(np.eye(3), (FRAMES, 1, 1)))
    np.testing.assert_allclose(fits.time_s, np.arange(FRAMES) / rate)
    assert fits.frame.tolist() == list(range(FRAMES))
    assert set(fits.person) == set(fits.identity) == {0}
    assert set(fits.sequence) == {"walk_poses"}
    assert fits.image_name[2] == "walk_poses/000002"


def test_poses_by_their_parts_are_those_as_a_whole(tmp_path):
    held = make_amass(165)
    whole = read_file("amass", save_npz(tmp_path / "a.npz", held))[0]
    ends = {"root_orient": 3, "pose_body": 66, "pose_jaw": 69, "pose_eye": 75, "pose_hand": 165}
    poses = held.pop("poses")
    first = 0
    for key, end in ends.items():
        held[key] = poses[:, first:end]
        first = end
    path = save_npz(tmp_path / "b_stageii.npz", held)
    assert recognise(path) == ["amass"]
    parts = read_file("amass", path)[0]
    np.testing.assert_array_equal(parts.sources[0].bodies.rotmat, whole.sources[0].bodies.rotmat)
    # Without face and hands it is SMPL-H, whose hands are flat then.
    plain = {key: held[key] for key in ("root_orient", "pose_body", "trans", "betas")}
    bodies = read_file("amass", save_npz(tmp_path / "c.npz", plain))[0].sources[0].bodies
    assert (bodies.kind, bodies.variant) == ("smplh", "neutral")
    np.testing.assert_array_equal(bodies.rotmat[:, 22:], np.tile(np.eye(3), (FRAMES, 30, 1, 1)))


@pytest.mark.parametrize("options", [{}, {"up": "y"}])
def test_bodies_that_stand_along_y_are_of_a_world_whose_y_is_up(tmp_path, options):
    held = make_upright()
    fits, _ = read_file("amass", save_npz(tmp_path / "motion_seq.npz", held), **options)
    world = (POINTS + held["trans"][:, None]) * [1, -1, -1]
    np.testing.assert_allclose(find_in_world(fits, POINTS), world, atol=1e-12)
    assert any("y up" in note for note in fits.sources[0].notes)


@pytest.mark.parametrize(
    ("held", "options"),
    [
        (make_upright(), {"up": "z"}),
        # Who lies along y near the floor.
        (make_upright(trans=np.full((FRAMES, 3), 0.2)), {}),
    ],
)
def test_otherwise_z_is_up(tmp_path, held, options):
    fits, _ = read_file("amass", save_npz(tmp_path / "a.npz", held), **options)
    np.testing.assert_allclose(fits.world_m[:, 1], -held["trans"][:, 2])


def test_a_folder_is_read_with_those_below_it(tmp_path):
    for name, numbers in (("CMU/01/01_01_poses.npz", 156), ("BMLmovi/1/x_stageii.npz", 165), ("a.npz", 156)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        save_npz(tmp_path / name, make_amass(numbers) | {"gender": np.array("male")})
    # What AMASS has of each subject, and what is no motion.
    save_npz(tmp_path / "CMU/01/shape.npz", {"betas": np.zeros(16)})
    save_npz(tmp_path / "CMU/01/neutral_stagei.npz", {"betas": np.zeros(16)})
    (tmp_path / "CMU/01/00_broken_poses.npz").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "LICENSE.txt").touch()
    (tmp_path / "CMU/02").symlink_to(tmp_path)
    assert recognise(tmp_path) == ["amass"]
    fits, problems = read_file("amass", tmp_path)
    (problem,) = problems
    names = ["BMLmovi/1/x_stageii", "CMU/01/01_01_poses", "a"]
    assert fits.sequence.tolist() == [name for name in names for _ in range(FRAMES)]
    # A file that cannot be read takes one row.
    assert problem.row == FRAMES
    assert problem.reason.startswith("CMU/01/00_broken_poses.npz: file: expected an npz, found ")
    assert fits.row.tolist() == [*range(FRAMES), *range(FRAMES + 1, 3 * FRAMES + 1)]
    assert fits.frame.tolist() == [*range(FRAMES)] * 3
    # Two sources: those of SMPL-H go together.
    assert [(s.bodies.kind, len(s)) for s in fits.sources] == [("smplx", FRAMES), ("smplh", 2 * FRAMES)]
    alone = read_file("amass", tmp_path / "a.npz")[0]
    np.testing.assert_array_equal(
        fits.sources[1].bodies.rotmat[fits.place[-FRAMES:]], alone.sources[0].bodies.rotmat
    )


@pytest.mark.parametrize("key", ["poses", "trans"])
def test_a_damaged_frame_costs_its_own_row(tmp_path, key):
    held = make_amass()
    held[key][2, 0] = np.nan
    fits, problems = read_file("amass", save_npz(tmp_path / "a.npz", held))
    assert [problem.row for problem in problems] == [2]
    assert problems[0].image_name == "a/000002"
    assert fits.frame.tolist() == [0, 1, 3, 4, 5]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"trans": None}, "trans: expected numbers, found nothing"),
        ({"trans": np.zeros((FRAMES - 1, 3))}, "poses: expected 6x72 numbers or"),
        ({"trans": np.zeros((0, 3))}, "trans: expected a row for each frame, found none"),
        ({"poses": np.zeros((FRAMES, 100))}, "found numbers of shape 6x100"),
        ({"betas": np.zeros(10**6)}, "betas: expected up to 400 numbers, found 1000000"),
        ({"gender": np.array("robot")}, 'gender: expected male, female or neutral, found the string "robot"'),
        ({"mocap_framerate": np.array(0.0)}, "mocap_framerate: expected frames a second"),
        ({"mocap_framerate": np.array([1.0, 2.0])}, "mocap_framerate: expected a number, found"),
    ],
)
def test_other_arrays_are_refused_by_name(tmp_path, changes, found):
    held = {key: value for key, value in (make_amass() | changes).items() if value is not None}
    found = found.replace("6x72", f"{len(held['trans'])}x72") if "trans" in held else found
    with pytest.raises(FitFileError, match=found):
        read_file("amass", save_npz(tmp_path / "a.npz", held))


def test_a_hostile_file_runs_nothing(tmp_path):
    hostile = Hostile(tmp_path / "ran")
    path = save_npz(tmp_path / "a.npz", make_amass() | {"gender": np.array(hostile, object)})
    with pytest.raises(FitFileError, match=r"asks for posix\.mkdir"):
        read_file("amass", path)
    assert not (tmp_path / "ran").exists()


def test_more_frames_than_can_be_held_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tracks, "MOST_FRAMES", FRAMES + 1)
    for name in ("a.npz", "b.npz"):
        save_npz(tmp_path / name, make_amass())
    assert len(read_file("amass", tmp_path / "a.npz")[0]) == FRAMES
    with pytest.raises(
        FitFileError, match=f"up to {FRAMES + 1}, found {2 * FRAMES}. Set dataset.fit_file to"
    ):
        read_file("amass", tmp_path)


def test_it_is_read_again_as_it_was(tmp_path):
    path = save_npz(tmp_path / "a.npz", make_amass())
    first, again = (read_fits("auto", path)[0] for _ in range(2))
    for name in ("world_m", "world_rotation", "rotation", "time_s"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert again.sequence.tolist() == ["a"] * FRAMES
