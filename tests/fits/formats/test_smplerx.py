"""SMPLer-X's folders: people come out under their own pinholes, with hands added to the mean hands."""

import json
import os

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from tests.helpers.fit_files import project, read_file, recognise

PARTS = {
    "global_orient": 1,
    "body_pose": 21,
    "left_hand_pose": 15,
    "right_hand_pose": 15,
    "jaw_pose": 1,
    "leye_pose": 1,
    "reye_pose": 1,
}


def write_person(folder, frame, person, **meta_changes):
    """What main/inference.py saves of a person; its values, and his box."""
    rng = np.random.default_rng(frame * 10 + person)
    held = {key: rng.normal(0, 0.3, (count, 3)).astype(np.float32) for key, count in PARTS.items()}
    for eye in ("leye_pose", "reye_pose"):
        held[eye] = np.zeros((1, 3))
    held["betas"] = rng.normal(0, 1, (1, 10)).astype(np.float32)
    held["expression"] = rng.normal(0, 1, (1, 10)).astype(np.float32)
    held["transl"] = np.array([[*rng.uniform(-0.3, 0.3, 2), rng.uniform(20, 40)]], np.float32)
    left, top, width = rng.uniform(10, 500, 3)
    box = [left, top, width, width * 256 / 192]
    # Of the network's crop of 192x256 px, put on the box.
    meta = {
        "focal": [5000 / 192 * box[2], 5000 / 256 * box[3]],
        "princpt": [box[2] / 2 + box[0], box[3] / 2 + box[1]],
        "bbox": box,
        "bbox_mmdet": box,
        "bbox_id": person,
        "img_path": f"../demo/images/video/{frame:06d}.jpg",
    }
    for name in ("smplx", "meta"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    np.savez(folder / "smplx" / f"{frame:05}_{person}.npz", **held)
    path = folder / "meta" / f"{frame:05}_{person}.json"
    path.write_text(json.dumps(meta | meta_changes, indent=4))
    return held, box


def test_people_stand_where_the_crop_was(tmp_path):
    people = [write_person(tmp_path, frame, person) for frame, person in ((1, 0), (1, 1), (12, 0))]
    (tmp_path / "img").mkdir()
    assert recognise(tmp_path) == ["smplerx"]
    fits, problems = read_file("smplerx", tmp_path)
    assert problems == []
    assert fits.row.tolist() == [0, 1, 2]
    assert fits.frame.tolist() == [1, 1, 12]
    assert fits.person.tolist() == [0, 1, 0]
    assert fits.image_name.tolist() == ["000001.jpg", "000001.jpg", "000012.jpg"]
    assert not fits.is_metric.any()
    points = np.random.default_rng(1).uniform(-0.9, 0.9, (3, 20, 3))
    expected = []
    for (held, (left, top, width, height)), body in zip(people, points, strict=True):
        # As the network is trained: in its crop, with a focal length of 5000 px.
        moved = body + held["transl"].astype(float)
        in_crop = 5000 * moved[:, :2] / moved[:, 2:] + [192 / 2, 256 / 2]
        expected.append(np.array([left, top]) + in_crop / [192, 256] * [width, height])
    # Of pixels, in doubles.
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=1e-9)


def test_joints_are_in_the_order_of_smplx_and_hands_beside_them(tmp_path):
    held, _ = write_person(tmp_path, 1, 0)
    (source,) = read_file("smplerx", tmp_path)[0].sources
    bodies = source.bodies
    assert (bodies.kind, bodies.variant, bodies.adds_hand_mean) == ("smplx", "neutral", True)
    assert bodies.rotmat.shape == (1, 55, 3, 3)
    order = ("global_orient", "body_pose", "jaw_pose", "leye_pose", "reye_pose")
    angles = np.concatenate([held[key] for key in order])
    # Of float32.
    np.testing.assert_allclose(bodies.rotmat[0, :25], Rotation.from_rotvec(angles).as_matrix(), atol=1e-6)
    np.testing.assert_array_equal(bodies.rotmat[0, 25:], np.broadcast_to(np.eye(3), (30, 3, 3)))
    np.testing.assert_array_equal(bodies.hands[0, 0], held["left_hand_pose"].reshape(45))
    np.testing.assert_array_equal(bodies.hands[0, 1], held["right_hand_pose"].reshape(45))
    np.testing.assert_array_equal(bodies.betas, held["betas"])
    np.testing.assert_array_equal(bodies.expression, held["expression"])


def test_people_who_cannot_be_read_are_named(tmp_path):
    for person in range(7):
        write_person(tmp_path, 3, person)
    held, _ = write_person(tmp_path, 3, 7)
    (tmp_path / "meta" / "00003_0.json").unlink()
    (tmp_path / "meta" / "00003_1.json").write_text('{"focal": [1, ')
    write_person(tmp_path, 3, 2, focal=5000)
    write_person(tmp_path, 3, 3, focal=[0, 10])
    np.savez(tmp_path / "smplx" / "00003_4.npz", **held | {"body_pose": np.zeros((20, 3))})
    (tmp_path / "smplx" / "00003_5.npz").write_bytes(b"PK\x03\x04 damaged")
    (tmp_path / "meta" / "00003_6.json").write_text("[]")
    fits, problems = read_file("smplerx", tmp_path)
    assert fits.row.tolist() == [7]
    assert [problem.row for problem in problems] == list(range(7))
    reasons = [problem.reason for problem in problems]
    assert reasons[0] == "00003_0: meta: expected a file, found nothing"
    assert reasons[1].startswith("00003_1: meta: expected values of a person, found it is not JSON")
    assert reasons[2] == "00003_2: focal: expected 2 numbers, found the number 5000"
    assert reasons[3].startswith("camera: expected a scale or a focal length above 0")
    assert reasons[4] == (
        "00003_4: body_pose: expected 21x3 numbers or 63 numbers or 1x63 numbers, found numbers of shape 20x3"
    )
    assert reasons[5].startswith("00003_5: smplx: expected values of a person")
    assert reasons[6] == "00003_6: meta: expected values of a person by name, found another value"


def test_photos_are_found_below_the_image_folder(tmp_path):
    write_person(tmp_path / "out", 1, 0)
    (tmp_path / "photos" / "video").mkdir(parents=True)
    (tmp_path / "photos" / "video" / "000001.jpg").touch()
    fits, _ = read_file("smplerx", tmp_path / "out", tmp_path / "photos")
    assert fits.image_name.tolist() == ["video/000001.jpg"]


def test_a_pipe_of_a_persons_name_is_not_waited_for(tmp_path):
    write_person(tmp_path, 1, 0)
    os.mkfifo(tmp_path / "smplx" / "00001_1.npz")
    (tmp_path / "meta" / "00001_1.json").write_text("{}")
    _, (problem,) = read_file("smplerx", tmp_path)
    reason = "00001_1: smplx: expected values of a person, found Not a regular file"
    assert (problem.row, problem.reason) == (1, reason)


def test_other_folders_are_not_taken_for_smplerxs(tmp_path):
    assert recognise(tmp_path) == []
    for name in ("smplx", "meta"):
        (tmp_path / name).mkdir()
    (tmp_path / "smplx" / "person.npz").touch()
    assert recognise(tmp_path) == []
    with pytest.raises(
        FitFileError, match=r"there is none\. Set dataset\.fit_file to SMPLer-X's output folder"
    ):
        read_file("smplerx", tmp_path)


def test_a_folder_of_damaged_people_is_refused(tmp_path):
    write_person(tmp_path, 1, 0, focal="a")
    with pytest.raises(FitFileError, match=r"none of its 1 rows .*00001_0: focal: expected 2 numbers"):
        read_file("smplerx", tmp_path)
