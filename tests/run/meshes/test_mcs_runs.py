"""Sequences as .mcs scenes: they come back as they were, and other programs read them."""

import json

import numpy as np
import pytest

from tests.helpers.fit_files import project, read_file
from tests.helpers.made_meshes import write_obj
from tests.helpers.motion_files import find_in_world, make_codec, make_scene, save_json
from tests.helpers.runs import run

FRAMES = 6
# Rotations, translations and quaternions are float32 in the file.
CLOSE = 1e-6
CLOSE_PX = 1e-2


def make_world(tmp_path, bodies=((0, 6), (2, 5))):
    """Two people of SMPL before a camera that moves."""
    made = []
    for seed, (first, end) in enumerate(bodies):
        held = make_codec(0, end - first, seed)
        held["gender"] = np.int32(0)
        # The demo body has no face.
        del held["expressionParameters"]
        made.append((held, [first, end]))
    return save_json(tmp_path / "walk.mcs", make_scene(made, FRAMES))


def write(fit_file, out, *words, dataset="mcs"):
    return run(
        f"dataset={dataset}",
        f"dataset.fit_file={fit_file}",
        "dataset.image_dir=null",
        "body=demo",
        "device=cpu",
        "threads=2",
        "job=meshes",
        "motion=sequence",
        "people=together",
        "output=mcs",
        f"output.dir={out}",
        *words,
    )


def expect_same(found, expected, points):
    """The same poses, before the same cameras, in the same world."""
    for one in (found, expected):
        assert len(one) == 9
    bodies = [fits.sources[0].bodies for fits in (found, expected)]
    np.testing.assert_allclose(bodies[0].rotmat, bodies[1].rotmat, rtol=0, atol=CLOSE)
    np.testing.assert_allclose(bodies[0].betas, bodies[1].betas, rtol=0, atol=CLOSE)
    np.testing.assert_array_equal(found.frame, expected.frame)
    np.testing.assert_allclose(
        *(find_in_world(fits, points) for fits in (found, expected)), rtol=0, atol=4e-6
    )
    np.testing.assert_allclose(*(project(fits, points) for fits in (found, expected)), rtol=0, atol=CLOSE_PX)


def test_a_scene_read_written_and_read_is_the_same(tmp_path):
    fit_file = make_world(tmp_path)
    report = write(fit_file, tmp_path / "out")
    assert (report.rendered, report.failed) == (1, [])
    (written,) = (tmp_path / "out").glob("*.mcs")
    points = np.random.default_rng(0).normal(0, 0.5, (9, 20, 3))
    found, problems = read_file("mcs", written)
    assert problems == []
    expect_same(found, read_file("mcs", fit_file)[0], points)
    # About 30 frames a second.
    np.testing.assert_allclose(np.diff(found.time_s[:6]), 1 / 29.97, rtol=1e-3)


def test_smplcodec_reads_the_bodies(tmp_path):
    mcs = pytest.importorskip("smplcodec.mcs")
    write(make_world(tmp_path), tmp_path / "out")
    (written,) = (tmp_path / "out").glob("*.mcs")
    bodies = mcs.extract_smpl_from_mcs(written)
    for seed, body in enumerate(bodies):
        held = make_codec(0, body.frame_count, seed)
        assert body.smpl_version.value == 0
        np.testing.assert_allclose(body.body_translation, held["bodyTranslation"], rtol=0, atol=CLOSE)
        np.testing.assert_allclose(body.shape_parameters, held["shapeParameters"], rtol=0, atol=CLOSE)
    assert [body.frame_count for body in bodies] == [6, 3]


def test_the_same_sequence_makes_the_same_bytes(tmp_path):
    fit_file = make_world(tmp_path)
    for out in ("a", "b"):
        write(fit_file, tmp_path / out)
    first, again = (next((tmp_path / out).glob("*.mcs")).read_bytes() for out in ("a", "b"))
    assert first == again


def test_meshes_have_no_poses_to_write(tmp_path):
    folder = tmp_path / "meshes"
    folder.mkdir()
    write_obj(folder / "a.obj", np.add(np.eye(4, 3), (0, 0, 4)))
    save_json(folder / "camera.json", {"fov": 60})
    report = write(folder, tmp_path / "out", dataset="meshes")
    assert report.rendered == 0
    (problem,) = report.failed
    assert "expected poses of smpl" in problem.reason
    assert "output=glb" in problem.reason
    assert json.loads((tmp_path / "out/manifest.jsonl").read_text() or "null") is None
