"""Bodies that a pinhole cannot see: named, with what to look at, and no others are lost."""

import logging

import cv2
import numpy as np
import pytest

from tests.helpers.runs import run


@pytest.fixture
def boxes(tmp_path):
    """Four boxes of the size of people and their photo, as an npz: the second is behind the camera."""
    corners = np.array([[x, y, z] for x in (-0.3, 0.3) for y in (-0.9, 0.9) for z in (-0.2, 0.2)])
    faces = np.array(
        [
            *([0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]),
            *([2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]),
        ]
    )
    shift = np.array([[0, 0, 4], [0.5, 0, -5], [1, 0, 6], [-1, 0, 7]])
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "a.png"), np.zeros((240, 320, 3), np.uint8))
    np.savez(
        tmp_path / "fits.npz",
        vertices=corners + shift[:, None],
        faces=faces,
        K=np.array([[250.0, 0, 160], [0, 250, 120], [0, 0, 1]]),
        image=np.array(["a.png"] * 4),
    )
    return [
        "dataset=meshes",
        f"dataset.fit_file={tmp_path}/fits.npz",
        f"dataset.image_dir={tmp_path}/images",
        f"output.dir={tmp_path}/out",
        "panels=[camera/geo]",
        "device=cpu",
    ]


def test_a_body_behind_its_camera_is_named(boxes):
    report = run(*boxes)
    assert report.rendered == 3
    (problem,) = report.failed
    assert problem.row == 1
    assert problem.reason.startswith("row 1: the body is behind its camera, or at it, or reaches too far")
    assert "its axes (z away from the camera)" in problem.reason


def test_it_is_said_before(boxes, caplog):
    caplog.set_level(logging.INFO, "render")
    run(*boxes)
    told = [(r.levelname, r.getMessage()) for r in caplog.records if r.getMessage().startswith("cameras: ")]
    assert [level for level, _ in told] == ["INFO", "WARNING"]
    assert "pinholes of 250 px (65.2 degrees" in told[0][1]
    assert told[1][1].startswith("cameras: 1 of 4 people that were looked at (row 1) are behind their camera")


def test_turned_axes_put_it_in_front_and_the_others_behind(boxes):
    report = run(*boxes, "dataset.options={axes: opengl}")
    assert [problem.row for problem in report.failed] == [0, 2, 3]
