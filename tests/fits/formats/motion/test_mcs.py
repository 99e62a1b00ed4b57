"""Scenes of .mcs: people stand where the scene's own camera sees them; hostile scenes are refused by name."""

import copy
import json
import re

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from render.errors import FitFileError
from render.fits.formats.motion import mcs
from render.types.fits import Unit
from tests.helpers.fit_files import project, read_file, recognise
from tests.helpers.motion_files import (
    find_in_world,
    make_cameras,
    make_codec,
    make_scene,
    save_json,
    to_uri,
)

TOTAL = 9
# Of the camera, in float32.
ROUNDING = 1e-5
PRESENCES = [[0, 6], [4, 9]]


@pytest.fixture
def bodies():
    return [make_codec(2, 6, seed=1), make_codec(2, 7, seed=2)]


@pytest.fixture
def scene(bodies):
    return make_scene(list(zip(bodies, PRESENCES, strict=True)), TOTAL)


@pytest.fixture
def read(tmp_path):
    def read(held):
        return read_file("mcs", save_json(tmp_path / "world4d.mcs", held))

    return read


def about(scene):
    return scene["scenes"][0]["extensions"]["MC_scene_description"]


def expect_places(fits, bodies, rotation, transl):
    """That people are where cameras see them, who look at a picture of 1500 x 1000 px."""
    points = np.random.default_rng(1).uniform(-0.5, 0.5, (len(fits), 5, 3))
    focal_px = 500 / np.tan(0.8 / 2)
    first = {person: presence[0] for person, presence in enumerate(PRESENCES)}
    trans = np.array(
        [
            bodies[person]["bodyTranslation"][frame - first[person]]
            for person, frame in zip(fits.person, fits.frame, strict=True)
        ]
    )
    seen = np.einsum("fij,fpj->fpi", rotation[fits.frame], points + trans[:, None])
    seen += transl[fits.frame][:, None]
    expected = focal_px * seen[..., :2] / seen[..., 2:] + [750, 500]
    np.testing.assert_allclose(project(fits, points, (1500, 1000)), expected, atol=1000 * ROUNDING)
    world = (points + trans[:, None]) * [1, -1, -1]
    np.testing.assert_allclose(find_in_world(fits, points), world, atol=ROUNDING)


def test_people_are_where_the_moving_camera_sees_them(read, scene, bodies, tmp_path):
    fits, problems = read(scene)
    assert recognise(tmp_path / "world4d.mcs") == ["mcs"]
    assert problems == []
    assert fits.frame.tolist() == [*range(6), *range(4, 9)]
    assert fits.person.tolist() == fits.identity.tolist() == [0] * 6 + [1] * 5
    assert fits.row.tolist() == list(range(11))
    assert fits.image_name[0] == "world4d/000000"
    # Two people are on one picture.
    assert fits.image_name[4] == fits.image_name[6] == "world4d/000004"
    assert set(fits.unit) == {Unit.HEIGHT}
    assert fits.is_metric.all()
    np.testing.assert_allclose(fits.time_s, fits.frame / np.float64(np.float32(29.97)))
    expect_places(fits, bodies, *make_cameras(TOTAL))
    pose = Rotation.from_matrix(fits.sources[0].bodies.rotmat[6:, 21]).as_rotvec()
    np.testing.assert_allclose(pose, bodies[1]["bodyPose"][:5, 21], atol=1e-6)
    assert any("1.5 times their height" in note for note in fits.sources[0].notes)


def test_a_camera_that_does_not_move_has_its_nodes_place(read, scene, bodies):
    rotation, transl = make_cameras(TOTAL)
    scene["animations"] = []
    node = scene["nodes"][1]
    node["translation"] = (-rotation[2].T @ transl[2]).tolist()
    # Twice as long as a unit.
    node["rotation"] = (2 * Rotation.from_matrix(rotation[2].T @ np.diag([1, -1, -1])).as_quat()).tolist()
    expect_places(read(scene)[0], bodies, rotation[[2] * TOTAL], transl[[2] * TOTAL])


def test_between_keys_the_camera_is_between_them(read, scene, bodies):
    rotation, transl = make_cameras(TOTAL)
    keys = [0, 4, 7]
    times = np.float32(np.array(keys) / np.float64(np.float32(29.97)))
    position = -np.einsum("fji,fj->fi", rotation, transl)
    turns = Rotation.from_matrix(rotation.transpose(0, 2, 1) @ np.diag([1, -1, -1]))
    quaternion = turns.as_quat()[keys]
    # The same turn, to which the way is longer.
    quaternion[1] *= -1
    for i, values in enumerate((times, position[keys], quaternion)):
        content = np.asarray(values, np.float32).tobytes()
        scene["buffers"][2 + i] = {"byteLength": len(content), "uri": to_uri(content)}
        scene["bufferViews"][2 + i]["byteLength"] = len(content)
        scene["accessors"][i]["count"] = len(keys)
    at = np.minimum(np.arange(TOTAL), keys[-1])
    between = Slerp(keys, turns[keys])(at).as_matrix()
    places = np.column_stack([np.interp(at, keys, position[keys, axis]) for axis in range(3)])
    seen = np.diag([1, -1, -1]) @ between.transpose(0, 2, 1)
    expect_places(read(scene)[0], bodies, seen, -np.einsum("fij,fj->fi", seen, places))
    for sampler in scene["animations"][0]["samplers"]:
        sampler["interpolation"] = "STEP"
    held = np.array([0, 0, 0, 0, 4, 4, 4, 7, 7])
    # Whose key is a rounding behind its frame.
    is_clear = ~np.isin(np.arange(TOTAL), keys)
    fits = read(scene)[0]
    fits = fits.take(np.flatnonzero(is_clear[fits.frame]))
    expect_places(fits, bodies, rotation[held], transl[held])


def test_without_a_camera_people_are_shown_whole(read, scene, bodies):
    del scene["nodes"][1]["camera"]
    fits, _ = read(scene)
    assert set(fits.unit) == {Unit.FRAMED}
    np.testing.assert_allclose(fits.world_m[:6], bodies[0]["bodyTranslation"] * np.float32([1, -1, -1]))


def test_a_damaged_key_of_the_camera_costs_its_own_frames(read, scene):
    rotation = np.frombuffer(mcs.Gltf(scene).read_view(4), "<f4").reshape(TOTAL, 4).copy()
    rotation[5] = 0
    scene["buffers"][4]["uri"] = to_uri(rotation.tobytes())
    fits, problems = read(scene)
    # Both are in it.
    assert [problem.row for problem in problems] == [5, 7]
    assert 5 not in fits.frame


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda body, scene: body.update(frame_presence=[0, 7]), "frame_presence: expected up to 6 frames"),
        (lambda body, scene: body.update(frame_presence=[0, 10**15]), "frame_presence: expected the first"),
        (lambda body, scene: body.update(frame_presence=[5, 5]), "frame_presence: expected the first"),
        (lambda body, scene: body.update(frame_presence=[True, 5]), "frame_presence: expected the first"),
        (
            lambda body, scene: body.update(bufferView=-1),
            "bufferViews: expected one of 5, found the number -1",
        ),
        (
            lambda body, scene: body.update(bufferView=99),
            "bufferViews: expected one of 5, found the number 99",
        ),
        (lambda body, scene: body.update(bufferView=2), "bufferView: expected a .smpl file, found"),
        (
            lambda body, scene: scene["bufferViews"][0].update(byteOffset=10**18),
            r"bufferViews\[0\]: expected a",
        ),
        (lambda body, scene: scene["bufferViews"][0].update(byteLength=-1), r"bufferViews\[0\].byteLength"),
        (
            lambda body, scene: scene["buffers"][0].update(uri="a.bin"),
            r"buffers\[0\].uri: expected its content",
        ),
        (
            lambda body, scene: scene["buffers"][0].update(uri="data:;base64,?"),
            r"buffers\[0\].uri: expected base",
        ),
        (lambda body, scene: scene["buffers"][0].update(uri="file:///etc/passwd"), r"buffers\[0\].uri"),
    ],
)
def test_a_body_that_cannot_be_read_takes_one_row(read, scene, change, found):
    change(about(scene)["smpl_bodies"][0], scene)
    fits, (problem,) = read(scene)
    assert problem.row == 0
    assert problem.reason.startswith("smpl_bodies[0]: ")
    assert re.search(found, problem.reason)
    assert fits.row.tolist() == list(range(1, 6))
    assert set(fits.person) == {1}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda scene: about(scene).update(num_frames=1e9), "num_frames: expected a whole number"),
        (lambda scene: about(scene).update(smpl_bodies=[{}] * 2000), "smpl_bodies: expected a list of up to"),
        (lambda scene: about(scene).update(smpl_bodies=[]), "nobody is in it"),
        (lambda scene: scene["scenes"][0].pop("extensions"), "MC_scene_description: expected an object"),
        (lambda scene: scene.update(scene=7), "scenes: expected one of 1, found the number 7"),
        (lambda scene: scene["cameras"][0].pop("perspective"), r"cameras\[0\]: expected a perspective"),
        (lambda scene: scene["cameras"][0]["perspective"].update(yfov=4), r"yfov: expected an angle above 0"),
        (lambda scene: scene["nodes"][1].update(matrix=[1] * 16), r"nodes\[1\]: expected a camera that"),
        (
            lambda scene: scene["nodes"][0].update(translation=[1, 0, 0]),
            r"nodes\[0\]: expected a camera that",
        ),
        (lambda scene: scene["accessors"][1].update(count=10**15), r"accessors\[1\]: expected 10+ entries"),
        (
            lambda scene: scene["accessors"][2].update(componentType=5120),
            r"accessors\[2\]: expected VEC4 of fl",
        ),
        (
            lambda scene: scene["animations"][0]["samplers"][0].update(interpolation="CUBICSPLINE"),
            "LINEAR or STEP, found the string",
        ),
    ],
)
def test_other_scenes_are_refused_by_name(read, scene, change, found):
    change(scene)
    with pytest.raises(FitFileError, match=found):
        read(scene)


@pytest.mark.parametrize("target", [None, [], {"node": 1, "path": []}, {"node": 0, "path": "rotation"}])
def test_what_moves_something_else_is_passed_over(read, scene, target):
    for channel in scene["animations"][0]["channels"]:
        channel["target"] = target
    fits, _ = read(scene)
    # As the node is: without a turn, at the origin.
    np.testing.assert_array_equal(fits.rotation, np.tile(np.diag([1.0, -1, -1]), (len(fits), 1, 1)))


def test_a_node_above_itself_is_no_endless_way(read, scene, bodies):
    scene["nodes"][1]["children"] = [0]
    expect_places(read(scene)[0], bodies, *make_cameras(TOTAL))


def test_buffers_that_unpack_to_too_much_are_refused(read, bodies, monkeypatch):
    monkeypatch.setattr(mcs, "MOST_BYTES", 1 << 20)
    # A thousandth of it when packed.
    bomb = bodies[0] | {"vertexOffsets": np.zeros((100_000, 3), np.float32)}
    scene = make_scene([(bomb, [0, 6]), (bodies[1], [0, 5])], TOTAL)
    assert len(json.dumps(scene["buffers"][0])) < 20_000
    fits, (problem,) = read(scene)
    assert problem.reason.endswith("its arrays unpack to more than 1 MiB")
    assert set(fits.person) == {1}


def test_more_frames_than_can_be_held_are_refused(read, scene, monkeypatch):
    monkeypatch.setattr("render.fits.motion.tracks.MOST_FRAMES", 10)
    with pytest.raises(FitFileError, match="frames: expected up to 10, found 11"):
        read(scene)


def test_a_body_may_be_in_a_part_of_its_frames(read, bodies, scene):
    held = copy.deepcopy(scene)
    about(held)["smpl_bodies"][0]["frame_presence"] = [0, 2]
    assert read(held)[0].frame.tolist() == [0, 1, *range(4, 9)]
