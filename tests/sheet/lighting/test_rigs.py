"""The lights of the studio stand on the ground, and go around it with the viewer."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.sheet.lighting.rigs import Rigs, find_rigs

FLIP = np.diag([1.0, -1.0, -1.0])


def find(view: np.ndarray, stage: np.ndarray | None = None, factor: float = 1.0) -> Rigs:
    """Of one placement that sees its stage through `view`, of a body that `stage` sets upright."""
    standing = np.eye(3) if stage is None else stage
    rotation = torch.from_numpy(view @ standing).float()[None]
    matrix = torch.from_numpy(factor * standing)[None]
    return find_rigs(rotation, matrix, torch.zeros(1, dtype=torch.int64))


def test_for_a_level_viewer_the_rig_is_the_view():
    for turn in (0, 50, 170):
        view = Rotation.from_euler("y", turn, degrees=True).as_matrix()
        rigs = find(view)
        # float32 rotations.
        np.testing.assert_allclose(rigs.of_normals[0].numpy(), np.eye(3), atol=1e-6)
        np.testing.assert_allclose(rigs.axes[0].numpy(), FLIP @ view, atol=1e-6)


@pytest.mark.parametrize("raised", [15, 60, 90])
def test_a_raised_viewer_has_the_same_lights(raised):
    turn = Rotation.from_euler("y", 40, degrees=True).as_matrix()
    view = Rotation.from_euler("x", raised, degrees=True).as_matrix() @ turn
    rigs = find(view)
    np.testing.assert_allclose(rigs.axes[0].numpy(), find(turn).axes[0].numpy(), atol=1e-6)
    # What faces such a viewer looks up or down, and neither left nor right.
    facing = rigs.of_normals[0].numpy() @ [0, 0, 1]
    assert abs(facing[0]) < 1e-6
    assert abs(facing[1]) == pytest.approx(np.sin(np.deg2rad(raised)), abs=1e-6)


def test_a_tilted_photo_has_upright_lights():
    stage = Rotation.from_euler("zx", [20, 10], degrees=True).as_matrix()
    rigs = find(stage.T, stage, factor=128.0)
    np.testing.assert_allclose(rigs.axes[0].numpy()[1], [0, -1, 0], atol=1e-6)
    # Up on the stage, in the frame of normals for shading, is up in the rig.
    up = FLIP @ stage.T @ [0, -1, 0]
    np.testing.assert_allclose(rigs.of_normals[0].numpy() @ up, [0, 1, 0], atol=1e-6)


def test_who_lies_on_his_side_has_some_light():
    view = Rotation.from_euler("z", 90, degrees=True).as_matrix()
    axes = find(view).axes[0].numpy()
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
