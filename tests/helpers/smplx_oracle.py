"""Bodies as smplx has them: the oracle of our own skinning."""

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from smplx import FLAME, MANO, SMPL, SMPLH, SMPLX
from smplx.utils import Struct

from render.body.smpl_arrays import SmplArrays
from tests.helpers.random_poses import Drawn


def make_smplx(arrays: SmplArrays) -> SMPL:
    """The model as smplx has it, without parameters of its own."""
    struct = Struct(
        v_template=arrays.v_template,
        shapedirs=arrays.shapedirs,
        posedirs=arrays.posedirs,
        J_regressor=arrays.J_regressor,
        weights=arrays.weights,
        kintree_table=np.stack([arrays.parents, np.arange(24)]),
        f=arrays.faces,
    )
    # It greets every model of 10 shape coefficients with a warning on standard output.
    with contextlib.redirect_stdout(io.StringIO()):
        model = SMPL("", data_struct=struct, create_body_pose=False, create_betas=False, create_transl=False)
    return model.eval()


def pose_by_smplx(
    kind: str, path: Path, drawn: Drawn, *, columns: int, adds_hand_mean: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and joints of a model file as smplx has them.

    Args:
        kind: Of the file.
        path: Of the file; of FLAME in a folder of its own, as smplx finds it.
        drawn: The poses.
        columns: Of the file.
        adds_hand_mean: Whether the mean hands are added.
    """
    count, hand_numbers = len(drawn.betas), drawn.hands.shape[2]
    # smplx takes ten betas of any file with fewer than 300 columns; those of 16 are all betas.
    base = {"smpl": SMPL, "smplh": SMPLH, "smplx": SMPLX, "mano": MANO, "flame": FLAME}[kind]
    most = 16 if columns == 16 else base.SHAPE_SPACE_DIM
    settings = {
        "ext": path.suffix[1:],
        "batch_size": count,
        "num_betas": drawn.betas.shape[1],
        "num_expression_coeffs": drawn.expression.shape[1],
        "use_pca": hand_numbers < 45,
        "num_pca_comps": hand_numbers,
        "flat_hand_mean": not adds_hand_mean,
    }
    with contextlib.redirect_stdout(io.StringIO()), pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "SHAPE_SPACE_DIM", most)
        model = base(str(path if kind != "flame" else path.parent), **settings).eval()
    turned = torch.from_numpy(drawn.axis_angles)
    inputs = {"betas": torch.from_numpy(drawn.betas), "global_orient": turned[:, 0]}
    if kind in ("smplx", "flame"):
        missing = model.expr_dirs.shape[-1] - drawn.expression.shape[1]
        inputs["expression"] = torch.from_numpy(np.pad(drawn.expression, ((0, 0), (0, missing))))
    if kind in ("smpl", "smplh", "smplx"):
        inputs["body_pose"] = turned[:, 1 : 24 if kind == "smpl" else 22].flatten(1)
    if kind == "flame":
        names, first = ("neck_pose", "jaw_pose", "leye_pose", "reye_pose"), 1
    else:
        names, first = ("jaw_pose", "leye_pose", "reye_pose") if kind == "smplx" else (), 22
    inputs |= {name: turned[:, first + i] for i, name in enumerate(names)}
    hands = ("hand_pose",) if kind == "mano" else ("left_hand_pose", "right_hand_pose")
    for i in range(drawn.hands.shape[1]):
        inputs[hands[i]] = torch.from_numpy(drawn.hands[:, i])
    with torch.inference_mode():
        found = model(**inputs)
    return found.vertices.numpy(), found.joints.numpy()
