"""Bodies stand upright and face the viewer, whichever axis points up where they come from."""

import numpy as np
import pytest
import torch

from render import build_sheets, make_bodies, pose_bodies, rasterize_sheets

# No two of its axes can be exchanged, and no sign changed, without it being seen.
POINTS = [[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]]
FACES = [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]
REST = np.tile(np.eye(3), (2, 24, 1, 1))


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        ("-y", [[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]]),
        ("y", [[0, 0, 0], [1, 0, 0], [0, -2, 0], [0, 0, -3]]),
        ("z", [[0, 0, 0], [1, 0, 0], [0, 0, 2], [0, -3, 0]]),
    ],
)
def test_meshes_are_turned_and_not_mirrored(up, expected):
    made, plain = make_bodies([POINTS], FACES, up=up), make_bodies([POINTS], FACES)
    assert made.verts.tolist() == [expected]
    # The columns of the rotation are where the axes went.
    turn = made.verts[0, 1:].T / torch.tensor([1.0, 2.0, 3.0])
    assert torch.linalg.det(turn) == 1
    torch.testing.assert_close(made.normals[0], plain.normals[0] @ turn.T)


def test_posed_bodies_are_turned_with_joints_and_normals(demo_body):
    plain = pose_bodies(demo_body, REST, np.zeros((2, 10)))
    for up, (x, y, z) in {"y": ("x", "-y", "-z"), "z": ("x", "-z", "y")}.items():
        turned = pose_bodies(demo_body, REST, np.zeros((2, 10)), up=up)
        for name in ("verts", "normals", "joints"):
            column = dict(zip("xyz", getattr(plain, name).unbind(-1), strict=True))
            wanted = [-column[axis[1]] if axis[0] == "-" else column[axis] for axis in (x, y, z)]
            assert (getattr(turned, name) == torch.stack(wanted, -1)).all()


def test_a_rest_pose_stands_upright_and_faces_the_viewer(demo_body):
    rest = pose_bodies(demo_body, REST, np.zeros((2, 10)), up="y")
    head, foot, toe, ankle, left, right = (rest.joints[0, j] for j in (15, 7, 10, 7, 16, 17))
    assert head[1] < foot[1]
    # Towards the viewer is -z; a person who is seen from the front has the left arm on the picture's right.
    assert toe[2] < ankle[2]
    assert left[0] > right[0]
    # AMASS turns SMPL's y to z by a quarter about x.
    amass = REST.copy()
    amass[:, 0] = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    same = pose_bodies(demo_body, amass, np.zeros((2, 10)), up="z")
    offset = same.verts - rest.verts
    assert (offset - offset[:, :1]).abs().max() < 1e-5
    sheets = build_sheets(rest, ["camera/normal"], size_px=(60, 80))
    assert len(rasterize_sheets(sheets).face)
