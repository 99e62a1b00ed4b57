"""Other bodies that people are tried with: which are opened, and what becomes of their joints."""

import csv
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from render.fits.build import assemble, make_poses
from render.fits.cameras import framed
from render.resources import DEMO_BODY_FILE
from render.run.opening.other_bodies import open_other_bodies
from tests.helpers.runs import configure, run
from tests.helpers.small_set import make_small_set

PEOPLE = 4


def open_for(files: list[str], origin: Path | str | None, job: str = "audit"):
    poses = make_poses("smpl", np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10)))
    fits = assemble("eft", ["a.jpg"], poses, framed(1))
    config = configure("dataset=demo", f"job={job}", *files)
    return open_other_bodies(config, fits, [origin], torch.device("cpu"))


def test_files_of_the_same_kind_are_opened_and_no_others(tmp_path, caplog):
    male, female = tmp_path / "male.npz", tmp_path / "female.npz"
    shutil.copyfile(DEMO_BODY_FILE, male)
    female.write_bytes(b"PK")
    files = [f"body.files.smpl_male={male}", f"body.files.smpl_female={female}", f"body.files.smplx={male}"]
    with caplog.at_level(logging.INFO, "render"):
        others = open_for(files, DEMO_BODY_FILE)
    # The demo body is their own, and smplx takes other poses; one that is damaged hinders nobody.
    assert others.files == ({"smpl_male": male},)
    assert [*others.bodies] == ["smpl_male"]
    assert f"people are not tried with the body smpl_female: {female}" in caplog.text
    assert set(open_for(files, "mannequin-x 0.3.0").bodies) == {"smpl_male", "demo"}
    assert open_for(files, None, job="overlay").bodies == {}


@pytest.mark.slow
@pytest.mark.usefixtures("without_plots")
def test_people_are_tried_again_when_a_file_has_changed(demo_set, tmp_path):
    made = make_small_set(demo_set.fit_file, tmp_path / "set", PEOPLE)
    male, out = tmp_path / "male.npz", tmp_path / "out"

    def audit(factor: float) -> tuple[int, list[dict[str, str]]]:
        arrays = dict(np.load(DEMO_BODY_FILE))
        arrays["v_template"] = arrays["v_template"] * factor
        np.savez(male, **arrays)
        report = run(*made.settings, "job=audit", f"output.dir={out}", f"body.files.smpl_male={male}")
        return report.rendered, list(csv.DictReader((out / "audit.csv").open()))

    (_, taller), (rendered, shorter) = audit(1.2), audit(0.9)
    assert rendered > 0
    for first, second in zip(taller, shorter, strict=True):
        assert first["other_body"] == second["other_body"] == "smpl_male"
        # Without fault they fit with their own body.
        assert (
            float(first["reprojection"])
            < 0.02
            < float(second["if_other_body"])
            < float(first["if_other_body"])
        )
    assert audit(0.9)[0] == 0
