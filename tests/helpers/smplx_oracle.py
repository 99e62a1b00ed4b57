"""Bodies as smplx has them: the oracle of our own skinning."""

import contextlib
import io

import numpy as np
from smplx import SMPL
from smplx.utils import Struct

from render.body.smpl_arrays import SmplArrays


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
