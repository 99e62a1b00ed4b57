"""The doctor's line on cameras: what the fits are, and the mistake that they are made with."""

import json

import numpy as np
import pytest

from tests.helpers.findings import find

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_fits_that_are_on_their_joints(demo):
    finding = find(*demo, "panels=[camera/geo]", until="cameras")["cameras"]
    assert finding.state == "ok"
    assert "poses of smpl; weak perspective s X + t in a square crop" in finding.text
    assert "2D joints are off by less than 0.01 px" in finding.text


def test_a_camera_of_another_convention(fit_set):
    """HMR's s (X + t) in a file of EFT, whose camera is s X + t; of all photos but one no size is known."""
    data, folder, settings = fit_set
    for entry in data["data"]:
        scale, *shift = entry["parm_cam"]
        entry["parm_cam"] = [scale, *(np.array(shift) / scale).tolist()]
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    for photo in sorted((folder / "images").iterdir())[1:]:
        photo.unlink()
    finding = find(*settings, until="cameras")["cameras"]
    assert finding.state == "warn"
    # A few pixels, which vanish.
    assert "expected at most 1 % of a person, found a median of" in finding.text
    assert "off by less than 0.01 px if the camera were s (X + t) and not s X + t" in finding.text


def test_bodies_with_y_up(fit_set):
    data, folder, settings = fit_set
    for entry in data["data"]:
        pose = np.array(entry["parm_pose"])
        pose[0] = np.diag([1.0, -1.0, -1.0]) @ pose[0]
        entry["parm_pose"] = pose.tolist()
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    finding = find(*settings, until="cameras")["cameras"]
    assert finding.state == "warn"
    assert "if y and z of the bodies were negated: the axes are most likely those of another" in finding.text


def test_nothing_is_looked_at_without_fits(fit_set):
    _, folder, settings = fit_set
    finding = find(*settings, f"dataset.fit_file={folder}/nothing.json", until="cameras")["cameras"]
    assert finding.state == "warn"
    assert finding.text == "not looked at, because there are no fits or no bodies yet"
