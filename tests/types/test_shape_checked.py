"""Types check the shapes of their arrays, of those too that may be left out."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from render.types.bodies import Bodies, TextureMap
from render.types.sources import Meshes

VERTS = torch.zeros(2, 4, 3)
BODIES = Bodies(VERTS, VERTS, VERTS[:, :0], torch.zeros(1, 3, dtype=torch.int32))


def test_what_may_be_left_out_is_not_shown_and_not_checked():
    assert repr(BODIES) == "Bodies(verts[2, 4, 3], normals[2, 4, 3], joints[2, 0, 3], faces[1, 3])"
    painted = replace(BODIES, colors=torch.zeros(2, 4, 3, dtype=torch.uint8))
    assert repr(painted).endswith("faces[1, 3], colors[2, 4, 3])")
    assert repr(TextureMap(torch.zeros(5, 3, 2))) == "TextureMap(uv[5, 3, 2])"


def test_what_is_there_is_checked():
    with pytest.raises(ValueError, match=r"Bodies.colors: expected shape \(2, 4, 3\), found \(2, 5, 3\)"):
        replace(BODIES, colors=torch.zeros(2, 5, 3))
    with pytest.raises(TypeError, match=r"Bodies.colors: expected an array, found a str without a shape"):
        replace(BODIES, colors="red")
    verts = np.zeros((2, 4, 3), np.float32)
    with pytest.raises(ValueError, match=r"Meshes.colors: expected shape"):
        Meshes("", np.zeros((1, 3), np.int32), verts, verts[:, :3])


def test_other_arrays_may_not_be_left_out():
    with pytest.raises(TypeError, match=r"Bodies.normals: expected an array, found a NoneType"):
        replace(BODIES, normals=None)
