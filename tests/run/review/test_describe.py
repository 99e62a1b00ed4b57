"""What an audit draws and sees: parts where a person is in front, and none of bodies without them."""

import numpy as np
import pytest
import torch

from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.labels.layer import AMODAL
from render.library.label_renderer import LabelSet
from render.run.review.describe import find_parts
from render.run.review.layers import SKIN_PARTS, drop_missing_parts, find_review_layers
from render.types.labels import Plane
from tests.helpers.made_meshes import FACES
from tests.helpers.runs import configure
from tests.helpers.small_runs import small

__all__ = ["small"]


def test_who_stands_behind_has_the_parts_that_are_seen():
    parts = np.array([[3, 4, 5, 0]], np.uint8)
    instance = np.array([[1, 2, 2, 0]], np.uint16)
    amodal = np.ones((2, 1, 4), bool)
    planes = (
        Plane(AMODAL, ("mask",), amodal[0, ..., None]),
        Plane("skin_parts", ("part",), parts[..., None]),
    )
    drawn = LabelSet(planes, instance, amodal, None, np.zeros((2, 0, 3), np.float32))
    assert find_parts(drawn).tolist() == [[[3, 0, 0, 0]], [[0, 4, 5, 0]]]
    without = LabelSet(planes[:1], instance, amodal, None, np.zeros((2, 0, 3), np.float32))
    assert find_parts(without) is None


@pytest.mark.parametrize("has_dir", [True, False])
def test_bodies_without_parts_are_audited_without_them(small, tmp_path, caplog, has_dir):
    words = [f"dataset.segmentation_dir={tmp_path}"] if has_dir else []
    layers = find_review_layers(configure(*small.settings, "job=audit", *words))
    assert (SKIN_PARTS in layers) == has_dir
    layers = drop_missing_parts(layers, FitBodies([MeshBody("mesh", torch.from_numpy(FACES), 4)]))
    assert [layer.name for layer in layers] == [AMODAL]
    assert ("parts of bodies are not compared" in caplog.text) == has_dir
