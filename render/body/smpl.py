"""SMPL bodies posed by smplx."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import torch
from smplx import SMPL
from smplx.utils import Struct

from render.body.model_file import read_model_file
from render.body.normals import VertexNormals
from render.types import Bodies

# Matrix products round differently for different batch sizes, so bodies are posed in parcels of one size, the
# last one filled up: a body's vertices are then the same bits whatever is posed beside it.
PARCEL = 16


class SmplBody:
    """A body model in SMPL's layout: 24 joints, shape coefficients, rotation matrices in, vertices out.

    path: a registered SMPL file (.pkl), a conversion (.npz) or the demo body. Raises BodyModelError where the
    file is missing, damaged or not of that layout.
    """

    def __init__(self, path: Path, name: str, device: torch.device) -> None:
        arrays = read_model_file(path)
        self.name = name
        self.device = device
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
            model = SMPL(
                "", data_struct=struct, create_body_pose=False, create_betas=False, create_transl=False
            )
        self._model = model.to(device).eval()
        self.faces = torch.from_numpy(arrays.faces.astype(np.int32)).to(device)
        self.v_template = model.v_template
        self.weights = model.lbs_weights
        self._normals = VertexNormals(self.faces, len(arrays.v_template))

    @torch.inference_mode()
    def pose(self, pose_rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
        """Bodies from rotations (M, 24, 3, 3), joint 0 the global orientation, and betas (M, 10), float32.

        The frame is that of joint 0: EFT's fits have the picture's y down and z away in it.
        """
        count = len(betas)
        padded = -(-count // PARCEL) * PARCEL
        rotmat = torch.eye(3, device=self.device).repeat(padded, 24, 1, 1)
        shape = torch.zeros(padded, betas.shape[1], device=self.device)
        rotmat[:count], shape[:count] = pose_rotmat.to(self.device), betas.to(self.device)
        parts = [
            self._model(
                betas=shape[i : i + PARCEL],
                global_orient=rotmat[i : i + PARCEL, :1].contiguous(),
                body_pose=rotmat[i : i + PARCEL, 1:].contiguous(),
                pose2rot=False,
            )
            for i in range(0, padded, PARCEL)
        ]
        verts = torch.cat([part.vertices for part in parts])[:count].contiguous()
        joints = torch.cat([part.joints for part in parts])[:count].contiguous()
        return Bodies(verts=verts, normals=self._normals(verts), joints=joints, faces=self.faces)
