"""What a viewer finds in a data set: photos with their people, sequences with their frames."""

import numpy as np
import pytest

from tests.helpers.motion_files import make_amass
from tests.helpers.motion_set import make_motion_set
from tests.helpers.viewed import opened, project


def test_the_people_of_a_photo_are_on_one_stage_or_each_on_his_own(demo):
    with opened(*demo, "samples=0:3", "people=together") as source:
        assert [len(subject.shots[0].people) for subject in source.subjects] == [2, 1]
        (subject, _) = source.subjects
        stage = source.loader.load(subject.shots, 0, 320)
    assert [person.key for person in stage.people] == ["row_0_annotation_1", "row_1_annotation_2"]
    assert [person.label for person in stage.people] == ["row 0, annotation 1", "row 1, annotation 2"]
    assert stage.name == "demo_000000.jpg"
    # No larger than it is asked for, and as the photo otherwise.
    assert stage.photo.shape == (240, 320, 3)
    assert stage.lens.size_px == (640, 480)


def test_frames_of_a_sequence_are_made_when_they_are_asked_for(demo_set, tmp_path, monkeypatch):
    made = make_motion_set(demo_set.fit_file, tmp_path, {"walk": (40, range(2, 40))})
    with opened(*made.settings, "job=video", f"output.dir={tmp_path}/out") as source:
        (subject,) = source.subjects
        assert (subject.name, len(subject.shots), len(subject.starts_s)) == ("walk", 40, 41)
        batches = []
        make = source.loader._make
        monkeypatch.setattr(source.loader, "_make", lambda shots: batches.append(len(shots)) or make(shots))
        stages = [source.loader.load(subject.shots, number, 64) for number in (0, 1, 2, 3, 39, 20, 3)]
    assert [len(stage.people) for stage in stages] == [0, 0, 1, 1, 1, 1, 1]
    # Those near each other together, and once.
    assert batches == [16, 8, 16]
    assert {person.key for stage in stages for person in stage.people} == {"person_0"}
    middles = [project(stage.lens, stage.people[0].verts).mean(0) for stage in stages[2:4]]
    np.testing.assert_allclose(middles[1] - middles[0], [2, 0], atol=0.05)


def test_motion_without_a_camera_stands_upright_in_its_world(tmp_path):
    frames = 24
    walk = make_amass(frames=frames)
    walk["poses"] = np.zeros((frames, 156))
    # AMASS has its z up.
    walk["poses"][:, 0] = np.pi / 2
    walk["trans"] = np.linspace([0, 0, 1.0], [0, -4, 1.0], frames)
    walk["betas"] = np.zeros(16)
    np.savez(tmp_path / "walk.npz", **walk)
    words = ["dataset=amass", f"dataset.fit_file={tmp_path}/walk.npz", "body=mannequin", "device=cpu"]
    with opened(*words, f"output.dir={tmp_path}/out") as source:
        (subject,) = source.subjects
        assert len(subject.shots) == frames
        first, last = (source.loader.load(subject.shots, number, 64) for number in (0, frames - 1))
        reach_m = source.loader.find_reach(subject.shots)
    assert first.lens is None
    assert first.photo is None
    low, high = first.bounds_m
    # y down: taller than wide and deep.
    assert high[1] - low[1] > 1.4 > high[2] - low[2]
    moved = np.subtract(last.bounds_m, first.bounds_m)
    np.testing.assert_allclose(np.abs(moved).max(1), 4, atol=0.05)
    np.testing.assert_allclose(reach_m[0], np.minimum(low, last.bounds_m[0]), atol=1e-5)
    np.testing.assert_allclose(reach_m[1], np.maximum(high, last.bounds_m[1]), atol=1e-5)


def test_errors_of_another_file_are_there_where_they_are_asked_for(demo_set, demo, tmp_path):
    words = ["look=error", "crowd_look=error", f"reference={demo_set.fit_file}", "align=none"]
    with opened(*demo, *words, "samples=0") as source:
        stage = source.loader.load(source.subjects[0].shots, 0, 64)
    (person,) = stage.people
    np.testing.assert_allclose(person.values, 0, atol=1e-3)


@pytest.mark.parametrize("count", [1, 2])
def test_a_photo_has_no_reach(demo, count):
    with opened(*demo, f"samples=0:{count}") as source:
        assert source.loader.find_reach(source.subjects[0].shots) is None
