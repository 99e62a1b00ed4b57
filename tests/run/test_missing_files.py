"""What is said of files of bodies that are not there: what can be drawn without them comes with it."""

import re

import numpy as np
import pytest
import torch

from render.body.mesh_body import MeshBody
from render.errors import BodyModelError
from render.fits.build import assemble, make_poses
from render.fits.cameras import pinhole
from render.run.opening.bodies import open_bodies
from render.run.opening.charts import open_charts
from tests.helpers.runs import configure

CPU = torch.device("cpu")
WITHOUT = r"there is no such body model file\..* Without one, body=mannequin draws these poses\.$"


def make_fits(bodies):
    return assemble("eft", ["a.jpg"], bodies, pinhole([500], np.zeros((1, 2)), [[0, 0, 3]], is_metric=True))


@pytest.mark.parametrize(
    ("kind", "joints", "words"),
    [
        ("smpl", 24, ["body.path=nowhere.pkl"]),
        ("smplh", 52, ["body.files.smplh=nowhere.npz"]),
        ("smplx", 55, ["body.files.smplx=nowhere.npz"]),
    ],
)
def test_poses_without_a_model_file_are_told_of_the_mannequin(tmp_path, kind, joints, words):
    poses = make_poses(kind, np.tile(np.eye(3), (1, joints, 1, 1)), np.zeros((1, 10)))
    config = configure("dataset=eft", "dataset.fit_file=a.json", "dataset.image_dir=b", *words)
    with pytest.raises(BodyModelError, match=WITHOUT):
        open_bodies(config.body, make_fits(poses), CPU)
    # One that is there and damaged is to be mended.
    (tmp_path / "there.npz").write_bytes(b"PK")
    there = [f"{word.partition('=')[0]}={tmp_path / 'there.npz'}" for word in words]
    config = configure("dataset=eft", "dataset.fit_file=a.json", "dataset.image_dir=b", *there)
    with pytest.raises(BodyModelError) as caught:
        open_bodies(config.body, make_fits(poses), CPU)
    assert "mannequin" not in str(caught.value)


def test_meshes_without_charts_are_not_told_to_fetch_those_of_smpl():
    faces = np.array([[0, 1, 2]], np.int32)
    model = MeshBody("mhr", torch.from_numpy(faces), 3)
    config = configure("dataset=demo", "panels=[camera/iuv]", "output=png", "body.charts=nowhere.mat")
    said = "nowhere.mat: there are no charts: DensePose's are of SMPL's 6890 vertices, and mhr has 3. Choose"
    with pytest.raises(BodyModelError, match=re.escape(said)):
        open_charts(config, [model])
