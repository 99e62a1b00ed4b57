"""Sequences of bodies as one animated scene: who is seen when, and where."""

import cv2
import numpy as np
import pytest

from tests.helpers.gltf_files import check_glb, project_by_camera
from tests.helpers.manifests import counts, read_failures
from tests.helpers.motion_set import make_motion_set
from tests.helpers.runs import files_below, run

# On which of how many frames the person is.
SEQUENCES = {"walk": (5, range(1, 4)), "run": (2, range(2))}
FPS = 25


@pytest.fixture
def moving(demo_set, tmp_path):
    return make_motion_set(demo_set.fit_file, tmp_path / "set", SEQUENCES)


@pytest.fixture
def make(moving, tmp_path):
    words = [*moving.settings, "job=meshes", "motion=sequence", "people=together"]
    return lambda *more: run(*words, f"output.dir={tmp_path / 'out'}", *more)


def test_a_scene_shows_each_frame_in_its_time(make, moving, tmp_path):
    report = make()
    assert (counts(report), report.frames) == ((2, 0, 0), 7)
    glb = check_glb((tmp_path / "out/walk.glb").read_bytes())
    seen = [glb.show((k + 0.5) / FPS) for k in range(5)]
    assert seen == [set(), {"person_0.000001"}, {"person_0.000002"}, {"person_0.000003"}, set()]
    (camera,) = glb.tree["cameras"]
    # The one camera of all, before which the body moves by two pixels a frame.
    middles = [project_by_camera(camera, glb.place(f"person_0.{k:06d}")).mean(0) for k in (1, 2, 3)]
    np.testing.assert_allclose(np.diff(middles, axis=0), [(2, 0), (2, 0)], rtol=0, atol=1e-2)
    assert [node["extras"]["row"] for node in glb.list_nodes().values()] == [0, 1, 2]


def test_what_is_there_is_not_made_again(make, tmp_path):
    make()
    before = files_below(tmp_path / "out")
    report = make()
    assert (counts(report), report.frames) == ((0, 2, 0), 0)
    (tmp_path / "out/run.glb").unlink()
    assert counts(make("batch=1", "threads=1")) == (1, 1, 0)
    assert files_below(tmp_path / "out") == before


def test_pictures_of_unknown_size_cost_their_own_scene(make, moving, tmp_path):
    for path in (moving.image_dir / "run").iterdir():
        path.unlink()
    assert counts(make()) == (1, 0, 2)
    assert {entry["row"] for entry in read_failures(tmp_path / "out")} == {"3", "4"}
    # The frame of the model needs none.
    assert counts(make("frame=model")) == (2, 0, 0)


def test_another_size_of_the_pictures_is_another_camera(make, moving):
    make()
    for path in (moving.image_dir / "run").iterdir():
        cv2.imwrite(str(path), np.zeros((60, 80, 3), np.uint8))
    assert counts(make()) == (1, 1, 0)


def test_a_scene_that_is_too_large_costs_itself(make, monkeypatch, tmp_path):
    monkeypatch.setattr("render.write.meshes.gltf_scene._MOST_BYTES", 200_000)
    assert counts(make()) == (1, 0, 3)
    assert "output=mcs" in read_failures(tmp_path / "out")[0]["reason"]


def test_too_little_memory_costs_the_scene_after_a_second_try(make, monkeypatch, tmp_path):
    tries = []

    def encode(scene):
        tries.append(len(scene.people))
        raise MemoryError

    monkeypatch.setattr("render.write.meshes.gltf_scene.encode_scene", encode)
    assert counts(make()) == (0, 0, 5)
    assert sorted(tries) == [2, 2, 3, 3]
    assert "choose fewer by samples" in read_failures(tmp_path / "out")[0]["reason"]
