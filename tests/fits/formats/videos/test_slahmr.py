"""SLAHMR's world results: people come out where SLAHMR has them, over the frames and on its floor."""

import json
import re

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.types.fits import Unit
from tests.helpers.bombs import Bomb
from tests.helpers.fit_files import project, read_file, recognise

PEOPLE, FRAMES = 3, 5
# Of pixels and of metres, where the file's numbers are float32 with seven digits.
ROUNDING_PX, ROUNDING_M = 2e-3, 3e-6
INTRINS = [900.0, 910.0, 480.0, 270.0]
# Of a floor 1.4 m below the first camera, which looks a little down and leans: a normal and n . x.
UP = np.array([0.1, -0.9, -0.3]) / np.linalg.norm([0.1, -0.9, -0.3])
FLOOR_OFFSET_M = -1.4


def make_result(people=PEOPLE):
    """As its optimizers save a run, with some of what they were at work on."""
    rng = np.random.default_rng(5)
    turned = Rotation.from_rotvec(rng.normal(0, 0.2, (FRAMES, 3))).as_matrix()
    spread = rng.uniform(-1, 1, (people, FRAMES, 2))
    return {
        "trans": np.concatenate([spread, rng.uniform(3, 6, (people, FRAMES, 1))], -1).astype(np.float32),
        "root_orient": rng.normal(0, 1, (people, FRAMES, 3)).astype(np.float32),
        "pose_body": rng.normal(0, 0.4, (people, FRAMES, 63)).astype(np.float32),
        "betas": rng.normal(0, 1, (people, 16)).astype(np.float32),
        "latent_motion": rng.normal(0, 1, (people, FRAMES - 1, 48)),
        "world_scale": np.ones((1, 1), np.float32),
        "cam_R": np.repeat(turned[None], people, 0).astype(np.float32),
        "cam_t": np.repeat(rng.normal(0, 0.2, (1, FRAMES, 3)), people, 0).astype(np.float32),
        "intrins": np.array(INTRINS, np.float32),
        "floor_plane": (UP * FLOOR_OFFSET_M)[None].astype(np.float32),
        "track_mask": np.ones((people, FRAMES), bool),
    }


def save(held, folder):
    path = folder / "run" / "motion_chunks" / "dance_000060_world_results.npz"
    path.parent.mkdir(parents=True)
    np.savez(path, **held)
    return path


def save_tracks(folder, masks, shift=20, first=2):
    tracks = {str(7 + index): {"index": index, "vis_mask": mask} for index, mask in enumerate(masks)}
    meta = {"seq_interval": [first, first + FRAMES], "data_interval": [shift, 90]}
    (folder / "run" / "track_info.json").write_text(json.dumps({"tracks": tracks, "meta": meta}))


def make_points(fits):
    return np.random.default_rng(9).uniform(-0.9, 0.9, (len(fits), 20, 3))


def move(rotation, points, shift):
    return np.einsum("bij,bnj->bni", np.float64(rotation), points) + np.float64(shift)[:, None]


@pytest.mark.parametrize("people", [1, PEOPLE])
def test_people_stand_where_slahmr_has_them(tmp_path, people):
    held = make_result(people)
    path = save(held, tmp_path)
    assert recognise(path) == ["slahmr"]
    fits, problems = read_file("slahmr", path)
    assert problems == []
    count = people * FRAMES
    assert fits.row.tolist() == list(range(count))
    assert fits.frame.tolist() == list(range(FRAMES)) * people
    assert fits.identity.tolist() == fits.person.tolist() == np.repeat(range(people), FRAMES).tolist()
    assert set(fits.sequence) == {"dance_000060_world_results"}
    assert fits.is_metric.all()
    points = make_points(fits)
    in_world = points + held["trans"].reshape(count, 1, 3)
    seen = move(held["cam_R"].reshape(count, 3, 3), in_world, held["cam_t"].reshape(count, 3))
    expected = np.array(INTRINS[:2]) * seen[..., :2] / seen[..., 2:] + INTRINS[2:]
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=ROUNDING_PX)
    (source,) = fits.sources
    bodies = source.bodies
    assert (bodies.kind, bodies.adds_hand_mean, bodies.hands.shape[2]) == ("smplh", False, 0)
    angles = np.concatenate([held["root_orient"], held["pose_body"]], 2).reshape(-1, 3)
    expected = Rotation.from_rotvec(angles).as_matrix().reshape(count, 22, 3, 3)
    # Of float32.
    np.testing.assert_allclose(bodies.rotmat[:, :22], expected, atol=1e-6)
    assert (bodies.rotmat[:, 22:] == np.eye(3)).all()
    np.testing.assert_array_equal(bodies.betas, np.repeat(held["betas"], FRAMES, 0))


# The sign of what the optimizer has says nothing: up is where y is negative.
@pytest.mark.parametrize("sign", [1, -1])
def test_the_floor_lies_level_at_the_worlds_origin(tmp_path, sign):
    held = make_result()
    held["floor_plane"] *= sign
    path = save(held, tmp_path)
    fits, problems = read_file("slahmr", path, space="world")
    assert problems == []
    assert (fits.unit == Unit.FRAMED).all()
    points = make_points(fits)
    found = move(fits.world_rotation, move(fits.rotation, points, np.zeros((len(fits), 3))), fits.world_m)
    in_file = points + held["trans"].reshape(-1, 1, 3)
    # The same plane read with the other sign is on the other side of the origin.
    np.testing.assert_allclose(-found[..., 1], in_file @ UP - sign * FLOOR_OFFSET_M, rtol=0, atol=ROUNDING_M)
    # Nothing else has changed: distances are the same, nobody is mirrored, and left and right are about
    # where the first camera has them.
    flat, flat_in_file = found.reshape(-1, 3), in_file.reshape(-1, 3)
    for one in (0, 17, 150):
        np.testing.assert_allclose(
            np.linalg.norm(flat - flat[one], axis=1),
            np.linalg.norm(flat_in_file - flat_in_file[one], axis=1),
            rtol=0,
            atol=ROUNDING_M,
        )
    np.testing.assert_allclose(np.linalg.det(fits.rotation), 1)
    assert (fits.rotation[:, 0, 0] > 0.9).all()
    over_photos, _ = read_file("slahmr", path)
    again = move(over_photos.rotation, points, np.zeros((len(fits), 3)))
    again = move(over_photos.world_rotation, again, over_photos.world_m)
    np.testing.assert_allclose(again, found, rtol=0, atol=ROUNDING_M)


def test_before_the_last_stage_there_is_no_world(tmp_path):
    held = make_result()
    del held["floor_plane"], held["track_mask"]
    path = save(held, tmp_path)
    fits, _ = read_file("slahmr", path)
    assert len(fits) == PEOPLE * FRAMES
    assert np.isnan(fits.world_rotation).all()
    assert any("no floor_plane" in note for note in fits.sources[0].notes)
    with pytest.raises(FitFileError, match=r"floor_plane: expected the floor, for options={space: world}"):
        read_file("slahmr", path, space="world")


def test_people_are_drawn_from_the_first_frame_in_which_they_are_seen_to_the_last(tmp_path):
    held = make_result()
    held["track_mask"][2, 4] = False
    path = save(held, tmp_path)
    seen = [[0, 0, 0, 1, 0, 1, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 1, 1, 0, 0]]
    save_tracks(tmp_path, [[bool(value) for value in mask] for mask in seen])
    fits, problems = read_file("slahmr", path)
    assert problems == []
    assert fits.row.tolist() == list(range(9))
    assert fits.person.tolist() == [7, 7, 7, 8, 8, 8, 8, 8, 9]
    assert fits.identity.tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 2]
    # Of the pictures of the video.
    assert fits.frame.tolist() == [23, 24, 25, 22, 23, 24, 25, 26, 25]
    assert fits.image_name[0] == "000024.png"
    points = make_points(fits)
    person, time = fits.identity, fits.frame - 22
    in_world = points + held["trans"][person, time][:, None]
    shown = move(held["cam_R"][person, time], in_world, held["cam_t"][person, time])
    expected = np.array(INTRINS[:2]) * shown[..., :2] / shown[..., 2:] + INTRINS[2:]
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=ROUNDING_PX)
    assert (
        fits.sources[0].notes[-1].startswith("left out: 6 entries of people in frames in which they are not")
    )


def test_more_cameras_than_poses_are_those_of_the_first_frames(tmp_path):
    held = make_result()
    short = {key: held[key][:, :3] for key in ("trans", "root_orient", "pose_body", "track_mask")}
    fits, problems = read_file("slahmr", save(held | short, tmp_path))
    assert problems == []
    assert fits.frame.tolist() == [0, 1, 2] * PEOPLE


def test_a_damaged_frame_costs_its_own_row(tmp_path):
    held = make_result()
    held["trans"][0, 1, 2] = np.nan
    held["cam_R"][1, 2] = 0
    held["pose_body"][2, 4, 0] = np.nan
    path = save(held, tmp_path)
    fits, problems = read_file("slahmr", path)
    assert [problem.row for problem in problems] == [1, 7, 14]
    starts = ("translation: expected finite numbers", "camera rotation: expected", "pose: expected rotations")
    for problem, start in zip(problems, starts, strict=True):
        assert problem.reason.startswith(start)
    assert len(fits) == PEOPLE * FRAMES - 3
    # The camera is not asked for there.
    problems = read_file("slahmr", path, space="world")[1]
    assert [problem.row for problem in problems] == [1, 14]
    assert problems[0].reason.startswith("place in the world: expected finite numbers")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"root_orient": np.zeros((PEOPLE, 4, 3))}, "root_orient: expected 3x5x3 numbers, found"),
        ({"cam_R": np.zeros((PEOPLE, 4, 3, 3))}, "cam_R: expected 5 frames, as trans has, found 4"),
        ({"intrins": np.zeros(3)}, "intrins: expected 4 numbers, found"),
        ({"floor_plane": np.zeros((1, 3))}, "floor_plane: expected a normal times a distance"),
        ({"floor_plane": np.full((1, 3), np.nan)}, "floor_plane: expected a normal times a distance"),
        ({"floor_plane": np.zeros((0, 3))}, "floor_plane: expected a normal times a distance"),
        ({"track_mask": np.zeros((PEOPLE, FRAMES), bool)}, "nobody is tracked in it"),
    ],
)
def test_a_file_of_other_shapes_is_refused(tmp_path, change, message):
    with pytest.raises(FitFileError, match=re.escape(message)):
        read_file("slahmr", save(make_result() | change, tmp_path))


def test_its_input_is_no_result(tmp_path):
    held = {key: make_result()[key] for key in ("trans", "root_orient", "pose_body")}
    path = save(held, tmp_path)
    assert recognise(path) == []
    with pytest.raises(FitFileError, match=r"found no betas. Name a file of motion_chunks/ or smooth_fit/"):
        read_file("slahmr", path)


ALL_SEEN = [True] * (2 + FRAMES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "track_info.json: expected SLAHMR's {tracks"),
        ("[]", "meta: expected values by name"),
        ({"tracks": {}}, "tracks: expected 3 people, found 0"),
        ({"meta": {"seq_interval": [-1, 4], "data_interval": [0, 9]}}, "meta: expected intervals of frames"),
        (
            {"meta": {"seq_interval": [0.5, 4], "data_interval": [0, 9]}},
            "seq_interval: expected whole numbers",
        ),
        (
            {"tracks": {str(k): {"index": 1, "vis_mask": ALL_SEEN} for k in range(3)}},
            "index: expected each number below 3 once, found 1",
        ),
        (
            {"tracks": {str(k): {"index": k, "vis_mask": "11"} for k in range(3)}},
            "vis_mask: expected N numbers",
        ),
    ],
)
def test_a_damaged_track_file_is_named(tmp_path, content, message):
    path = save(make_result(), tmp_path)
    save_tracks(tmp_path, [ALL_SEEN] * PEOPLE)
    info = tmp_path / "run" / "track_info.json"
    if isinstance(content, dict):
        content = json.dumps(json.loads(info.read_text()) | content)
    info.write_text(content)
    with pytest.raises(FitFileError, match=re.escape(message)):
        read_file("slahmr", path)


def test_nothing_of_a_file_is_run(tmp_path, capsys):
    path = save(make_result() | {"trans": np.array([Bomb()], object)}, tmp_path)
    with pytest.raises(FitFileError, match=r"dance_000060_world_results\.npz: .*builtin\w*\.print"):
        read_file("slahmr", path)
    assert capsys.readouterr().out == ""
