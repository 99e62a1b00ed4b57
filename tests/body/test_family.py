"""SMPL, SMPL-H, SMPL-X, MANO and FLAME: held to smplx, and the same bits however they are batched."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from render.body.family.body import FamilyBody
from render.body.model import BODY_MODELS
from render.types.sources import Poses
from tests.helpers.model_files import make_model_file
from tests.helpers.random_poses import as_poses, draw_poses
from tests.helpers.smplx_oracle import pose_by_smplx

CPU = torch.device("cpu")
# Float32 ends at 1e-7 of a metre, and a finger is at the end of a chain of some ten joints.
TOLERANCE_M = 1e-5

Make = Callable[..., tuple[Path, FamilyBody]]


@pytest.fixture(scope="module")
def make(tmp_path_factory) -> Make:
    """A model file and its body, each made once."""
    made: dict[tuple, tuple[Path, FamilyBody]] = {}

    def make(kind: str, columns: int, ext: str = "npz") -> tuple[Path, FamilyBody]:
        if (kind, columns, ext) not in made:
            path = tmp_path_factory.mktemp(kind) / f"{kind.upper()}_NEUTRAL.{ext}"
            make_model_file(kind, path, columns)
            made[kind, columns, ext] = path, BODY_MODELS.load(kind)(path, kind, CPU)
        return made[kind, columns, ext]

    return make


def pose(body: FamilyBody, poses: Poses, index: np.ndarray | None = None):
    index = np.arange(len(poses)) if index is None else index
    inputs = tuple(map(torch.from_numpy, body.prepare(poses, index)))
    bodies = body.allocate(len(index))
    for chunk in body.list_chunks(len(index)):
        body.pose_chunk(inputs, chunk, bodies)
    return bodies


# Kind, columns of the file, its format, betas, expression, numbers of a hand, whether its mean is added.
CASES = {
    "SMPL of 16 columns": ("smpl", 16, "pkl", 16, 0, 0, False),
    "SMPL-H as in AMASS": ("smplh", 16, "npz", 16, 0, 45, False),
    "SMPL-H, mean hands, 10 betas": ("smplh", 16, "npz", 10, 0, 45, True),
    "SMPL-H, hands of 6 components": ("smplh", 16, "npz", 10, 0, 6, True),
    "SMPL-X version 1.0": ("smplx", 20, "npz", 10, 10, 45, False),
    "SMPL-X version 1.0, mean hands": ("smplx", 20, "npz", 10, 10, 45, True),
    "SMPL-X, hands of 12 components": ("smplx", 20, "npz", 10, 10, 12, True),
    "SMPL-X, flat hands of 12 components": ("smplx", 20, "npz", 10, 5, 12, False),
    "SMPL-X, locked head": ("smplx", 16, "npz", 16, 0, 45, False),
    "SMPL-X version 1.1": ("smplx", 400, "npz", 10, 10, 45, False),
    "SMPL-X version 1.1, 16 betas": ("smplx", 400, "npz", 16, 10, 45, False),
    "SMPL-X version 1.1, all columns": ("smplx", 400, "npz", 300, 100, 45, True),
    "MANO": ("mano", 10, "pkl", 10, 0, 45, True),
    "MANO, hands of 6 components": ("mano", 10, "pkl", 10, 0, 6, False),
    "FLAME": ("flame", 20, "pkl", 10, 10, 0, False),
}


@pytest.mark.parametrize(
    ("kind", "columns", "ext", "betas", "expression", "hand_numbers", "adds_hand_mean"),
    CASES.values(),
    ids=CASES,
)
def test_agrees_with_smplx(make, kind, columns, ext, betas, expression, hand_numbers, adds_hand_mean):
    path, body = make(kind, columns, ext)
    if kind == "flame":
        landmarks = {"lmk_face_idx": np.zeros(1, int), "lmk_b_coords": np.eye(3)[:1]}
        (path.parent / "flame_static_embedding.pkl").write_bytes(pickle.dumps(landmarks))
    drawn = draw_poses(kind, 3, betas=betas, expression=expression, hand_numbers=hand_numbers)
    bodies = pose(body, as_poses(kind, drawn, adds_hand_mean=adds_hand_mean))
    verts, joints = pose_by_smplx(kind, path, drawn, columns=columns, adds_hand_mean=adds_hand_mean)
    np.testing.assert_allclose(bodies.verts.numpy(), verts, rtol=0, atol=TOLERANCE_M)
    # smplx leaves MANO's finger tips out, and has FLAME's landmarks from another file.
    common = min(joints.shape[1], bodies.joints.shape[1])
    assert common == {"smpl": 45, "smplh": 73, "smplx": 127, "mano": 16, "flame": 5}[kind]
    found = bodies.joints[:, :common].numpy()
    np.testing.assert_allclose(found, joints[:, :common], rtol=0, atol=TOLERANCE_M)
