"""Bodies and meshes of any numbers, on any device."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from render import (
    RenderError,
    build_sheets,
    load_body,
    make_bodies,
    pose_bodies,
    rasterize_sheets,
)
from tests.helpers.squares import SQUARE, make_square


def test_meshes_are_copies():
    verts, faces = torch.tensor(SQUARE[0], dtype=torch.float32), torch.tensor(SQUARE[1], dtype=torch.int32)
    made = make_bodies(verts, faces)
    verts += 5
    faces += 5
    assert made.verts.max() == 1
    assert made.faces.max() == 3


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64", "int8", "int64"])
def test_faces_may_be_any_whole_numbers(dtype):
    assert make_bodies(SQUARE[0], np.array(SQUARE[1], dtype)).faces.tolist() == SQUARE[1]
    with pytest.raises(ValueError, match="faces: expected vertices"):
        make_bodies(SQUARE[0], np.array([[0, 1, 100]], dtype))


def test_numbers_may_be_of_any_kind(demo_body):
    """Lists of tensors, double precision, with gradients, read-only or backwards."""
    pose_rotmat, betas = np.tile(np.eye(3), (2, 24, 1, 1)), np.linspace(0, 1, 20).reshape(2, 10)
    expected = pose_bodies(demo_body, pose_rotmat, betas).verts
    fixed = betas.copy()
    fixed.flags.writeable = False
    for turn, shape in [
        ([torch.tensor(one) for one in pose_rotmat], torch.tensor(betas, requires_grad=True)),
        (pose_rotmat.tolist(), fixed),
        (pose_rotmat[::-1], betas.astype(np.float32)),
    ]:
        np.testing.assert_allclose(pose_bodies(demo_body, turn, shape).verts, expected, rtol=0, atol=1e-6)
    grown = replace(make_square(), verts=torch.tensor(SQUARE[0], dtype=torch.float64, requires_grad=True))
    assert len(rasterize_sheets(build_sheets(grown, ["camera/geo"], size_px=(20, 20))).face)


@pytest.mark.parametrize("device", [torch.device("cpu"), "cpu"])
def test_devices_may_be_torch_s(device):
    assert load_body(device=device).device.type == "cpu"
    assert make_bodies(torch.tensor(SQUARE[0]), SQUARE[1], device).verts.device.type == "cpu"
    with pytest.raises(RenderError, match="device: expected auto, cpu, cuda or cuda:N, found 'mps'"):
        load_body(device=torch.device("mps"))


def test_a_body_is_called_as_its_file_is_unless_it_is_given_a_name():
    assert load_body(device="cpu").name == "demo_smpl"
    assert load_body(device="cpu", name="ours").name == "ours"


def test_an_unknown_body_model_is_refused_with_those_there_are():
    with pytest.raises(
        RenderError, match=r"no body model 'smpl_x'; did you mean 'smplx'\? There are: smpl, "
    ):
        load_body(device="cpu", model="smpl_x")
