"""SMPL-X parameters in a JSON file a frame: LHM's and ExAvatar's people stand where these draw them."""

import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import ConfigError, FitFileError
from render.fits.reader import READERS
from render.types.fits import Unit
from tests.helpers.fit_files import project, read_file, recognise

PARTS = {"root_pose": (3,), "body_pose": (21, 3), "jaw_pose": (3,), "leye_pose": (3,), "reye_pose": (3,)}
HANDS = {"lhand_pose": (15, 3), "rhand_pose": (15, 3)}
# Of pixels, in doubles.
ROUNDING_PX = 1e-8
# LHM's margin is a fifth of each side here, in whole pixels.
PHOTO_WH, FRAME_WH, MARGIN = (1600, 900), (960, 540), 0.2


def make_frame(number):
    rng = np.random.default_rng(number)
    held = {key: rng.normal(0, 0.3, shape).tolist() for key, shape in (PARTS | HANDS).items()}
    return held | {"trans": [*rng.uniform(-0.5, 0.5, 2), rng.uniform(3, 5)]}


def write_lhm(folder, numbers):
    """As video2motion.py saves a video: its frames are halved here, and a margin is put around them."""
    (folder / "smplx_params").mkdir(parents=True)
    frames = {}
    for number in numbers:
        frames[number] = make_frame(number) | {
            "betas": np.random.default_rng(0).normal(0, 1, 10).tolist(),
            "focal": [800.0, 810.0],
            "princpt": [FRAME_WH[0] / 2 + 3, FRAME_WH[1] / 2 - 5],
            "img_size_wh": list(FRAME_WH),
            "pad_ratio": MARGIN,
        }
        (folder / "smplx_params" / f"{number:05}.json").write_text(json.dumps(frames[number]))
    return frames


@pytest.mark.parametrize("named", ["", "smplx_params"])
def test_people_stand_where_lhm_has_them(tmp_path, named):
    frames = write_lhm(tmp_path, [3, 1])
    (tmp_path / "photos").mkdir()
    for name in ("000001.png", "000002.png", "frame_0003.jpg", "notes_3.txt"):
        (tmp_path / "photos" / name).touch()
    folder = tmp_path / named
    assert recognise(folder) == ["smplx_json"]
    fits, problems = read_file("smplx_json", folder, tmp_path / "photos")
    assert problems == []
    assert fits.frame.tolist() == [1, 3]
    assert fits.identity.tolist() == [0, 0]
    assert set(fits.sequence) == {tmp_path.name}
    assert fits.image_name.tolist() == ["000001.png", "frame_0003.jpg"]
    assert (fits.unit == Unit.SIDE).all()
    points = np.random.default_rng(2).uniform(-0.9, 0.9, (2, 20, 3))
    expected = []
    for number, body in zip((1, 3), points, strict=True):
        frame = frames[number]
        moved = body + frame["trans"]
        in_frame = np.array(frame["focal"]) * moved[:, :2] / moved[:, 2:] + frame["princpt"]
        # Out of the margin, then to the size of the photo.
        inner = np.array(FRAME_WH) / (1 + MARGIN)
        expected.append((in_frame - (FRAME_WH - inner) / 2) * PHOTO_WH[0] / inner[0])
    np.testing.assert_allclose(project(fits, points, PHOTO_WH), expected, rtol=0, atol=ROUNDING_PX)


def test_joints_are_in_the_order_of_smplx_and_hands_beside_them(tmp_path):
    held = write_lhm(tmp_path, [1])[1]
    (source,) = read_file("smplx_json", tmp_path)[0].sources
    bodies = source.bodies
    assert (bodies.kind, bodies.adds_hand_mean, bodies.expression.shape) == ("smplx", False, (1, 0))
    angles = np.concatenate([np.reshape(held[key], (-1, 3)) for key in PARTS])
    # Of float32.
    np.testing.assert_allclose(bodies.rotmat[0, :25], Rotation.from_rotvec(angles).as_matrix(), atol=1e-6)
    assert (bodies.rotmat[0, 25:] == np.eye(3)).all()
    expected = [np.ravel(held["lhand_pose"]), np.ravel(held["rhand_pose"])]
    np.testing.assert_array_equal(bodies.hands[0], np.float32(expected))
    np.testing.assert_array_equal(bodies.betas[0], np.float32(held["betas"]))


def write_exavatar(folder, numbers):
    """As fit.py saves a subject, with a camera that is turned."""
    rng = np.random.default_rng(5)
    optimized = folder / "smplx_optimized"
    (optimized / "smplx_params").mkdir(parents=True)
    (folder / "cam_params").mkdir()
    turn = Rotation.from_rotvec([0.1, -0.2, 0.3]).as_matrix()
    camera = {"R": turn.tolist(), "t": [0.1, 0.2, 0.5], "focal": [2000, 2100], "princpt": [800, 450]}
    betas = rng.normal(0, 1, 100).tolist()
    (optimized / "shape_param.json").write_text(json.dumps(betas))
    frames = {}
    for number in numbers:
        frames[number] = make_frame(number) | {"expr": rng.normal(0, 1, 50).tolist()}
        (optimized / "smplx_params" / f"{number}.json").write_text(json.dumps(frames[number]))
        (folder / "cam_params" / f"{number}.json").write_text(json.dumps(camera))
    return frames, camera, betas


def test_people_stand_where_exavatar_has_them(tmp_path):
    frames, camera, betas = write_exavatar(tmp_path, [0, 10, 2])
    assert recognise(tmp_path) == ["smplx_json"]
    fits, problems = read_file("smplx_json", tmp_path)
    assert problems == []
    assert fits.frame.tolist() == [0, 2, 10]
    points = np.random.default_rng(2).uniform(-0.9, 0.9, (3, 20, 3))
    expected = []
    for number, body in zip((0, 2, 10), points, strict=True):
        moved = (body + frames[number]["trans"]) @ np.array(camera["R"]).T + camera["t"]
        expected.append(np.array(camera["focal"]) * moved[:, :2] / moved[:, 2:] + camera["princpt"])
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=ROUNDING_PX)
    (source,) = fits.sources
    assert source.bodies.adds_hand_mean
    np.testing.assert_array_equal(source.bodies.betas, np.float32([betas] * 3))
    np.testing.assert_array_equal(source.bodies.expression[1], np.float32(frames[2]["expr"]))


@pytest.mark.parametrize(("hands", "adds"), [("flat", False), ("mean", True)])
def test_what_hands_are_can_be_said(tmp_path, hands, adds):
    write_lhm(tmp_path / "lhm", [1])
    write_exavatar(tmp_path / "exavatar", [1])
    for name in ("lhm", "exavatar"):
        (source,) = read_file("smplx_json", tmp_path / name, hands=hands)[0].sources
        assert source.bodies.adds_hand_mean == adds
    with pytest.raises(ConfigError, match="expected flat or mean, found 'open'"):
        READERS.load("smplx_json").check_options("dataset.options", {"hands": "open"})


def test_a_camera_without_the_frames_size_is_in_pixels_of_the_photo(tmp_path):
    """As the fork of Human3R writes it, whose intrinsics are of the original size."""
    held = write_lhm(tmp_path, [1])[1]
    del held["img_size_wh"], held["pad_ratio"]
    (tmp_path / "smplx_params" / "00001.json").write_text(json.dumps(held))
    fits, _ = read_file("smplx_json", tmp_path)
    assert fits.unit.tolist() == [Unit.PIXELS]
    assert fits.focal.tolist() == [held["focal"]]
    assert fits.center.tolist() == [held["princpt"]]


def test_frames_that_cannot_be_read_are_named(tmp_path):
    held = write_lhm(tmp_path, range(1, 9))[8]
    changes = {
        1: {"root_pose": [0, 0]},
        2: {"betas": [0.0] * 11},
        3: {"img_size_wh": [0, 0]},
        4: {"focal": None},
        5: {"betas": None},
        6: {"trans": [0, 0, "far"]},
    }
    for number, change in changes.items():
        text = json.dumps(held | change)
        (tmp_path / "smplx_params" / f"{number:05}.json").write_text(text)
    (tmp_path / "smplx_params" / "00007.json").write_text('{"root_pose"')
    # The number of betas is that of the first frame that is right.
    (tmp_path / "smplx_params" / "00000.json").write_text(json.dumps(held))
    fits, problems = read_file("smplx_json", tmp_path)
    assert fits.frame.tolist() == [0, 8]
    assert fits.row.tolist() == [0, 8]
    assert [problem.row for problem in problems] == list(range(1, 8))
    reasons = [problem.reason for problem in problems]
    assert reasons[:6] == [
        "00001.json: root_pose: expected 1x3 numbers or 3 numbers, found a list of 2",
        "00002.json: betas: expected 10 numbers as before, found 11",
        "00003.json: img_size_wh: expected numbers above 0, found [0, 0]",
        "00004.json: cam_params/00004.json: expected a camera, as there is no focal in the frame's file, "
        "found nothing",
        "00005.json: shape_param: expected N numbers or 1xN numbers, found nothing",
        "00006.json: trans: expected 1x3 numbers or 3 numbers, found texts of shape 3",
    ]
    assert reasons[6].startswith("00007.json: the file: expected values by name, found it is not JSON")
    assert problems[0].image_name == "000001.png"


def test_other_folders_are_not_taken_for_these(tmp_path):
    assert recognise(tmp_path) == []
    (tmp_path / "00001.json").write_text('{"root_pose": [0, 0, 0]}')
    assert recognise(tmp_path) == []
    (tmp_path / "00001.json").write_text("damaged")
    assert recognise(tmp_path) == []
    with pytest.raises(FitFileError, match="none of its 1 rows can be drawn"):
        read_file("smplx_json", tmp_path)
    (tmp_path / "00001.json").unlink()
    with pytest.raises(FitFileError, match=r"there is none\. Set dataset\.fit_file to the folder that holds"):
        read_file("smplx_json", tmp_path)
