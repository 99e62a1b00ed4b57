"""SMPL bodies: the model as smplx loads it, posed by our own skinning."""

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
from render.body.skinning import Skinning
from render.body.smpl_arrays import SmplArrays
from render.types import Bodies

# Matrix products round differently for different batch sizes, so bodies are posed in parcels of one size, the
# last one filled up: a body's vertices are then the same bits whatever is posed beside it. On the CPU a
# parcel and its face normals stay in the cache of a core.
PARCEL = {"cpu": 32, "cuda": 512}


class SmplBody:
    """A body model in SMPL's layout: 24 joints, shape coefficients, rotation matrices in, vertices out.

    path: a registered SMPL file (.pkl), a conversion (.npz) or the demo body. Raises BodyModelError where the
    file is missing, damaged or not of that layout.
    """

    def __init__(self, path: Path, name: str, device: torch.device) -> None:
        arrays = read_model_file(path)
        model = make_smplx(arrays).to(device)
        self.name = name
        self.device = device
        self.faces = torch.from_numpy(arrays.faces.astype(np.int32)).to(device)
        self.v_template = model.v_template
        self.weights = model.lbs_weights
        self.J_regressor = model.J_regressor
        # Joints that smplx adds are vertices: nose, eyes, ears, toes, finger tips.
        self._joint_verts = model.vertex_joint_selector.extra_joints_idxs
        self._skin = Skinning(
            model.v_template,
            model.shapedirs,
            model.posedirs,
            model.J_regressor,
            model.lbs_weights,
            model.parents,
        )
        self._find_normals = VertexNormals(self.faces, len(arrays.v_template))

    def allocate(self, count: int) -> Bodies:
        """Room for `count` bodies, not yet posed."""
        verts = torch.empty(count, len(self.v_template), 3, dtype=torch.float32, device=self.device)
        joint_count = self._skin.joint_count + len(self._joint_verts)
        joints = torch.empty(count, joint_count, 3, dtype=torch.float32, device=self.device)
        return Bodies(verts=verts, normals=torch.empty_like(verts), joints=joints, faces=self.faces)

    def list_parcels(self, count: int) -> list[slice]:
        """The parts in which `count` bodies are posed."""
        parcel = PARCEL[self.device.type]
        return [slice(i, min(i + parcel, count)) for i in range(0, count, parcel)]

    @torch.inference_mode()
    def pose_parcel(
        self, pose_rotmat: torch.Tensor, betas: torch.Tensor, parcel: slice, bodies: Bodies
    ) -> None:
        """Poses the bodies of one of `list_parcels`, in place. Threads may each take parcels of their own."""
        verts, normals, joints = (part[parcel] for part in (bodies.verts, bodies.normals, bodies.joints))
        posed_joints = torch.empty(
            len(verts), self._skin.joint_count, 3, dtype=torch.float32, device=self.device
        )
        self._skin(pose_rotmat[parcel], betas[parcel], PARCEL[self.device.type], verts, posed_joints)
        joints[:, : self._skin.joint_count] = posed_joints
        joints[:, self._skin.joint_count :] = verts[:, self._joint_verts]
        self._find_normals(verts, normals)

    def pose(self, pose_rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
        """Bodies from rotations (M, 24, 3, 3), joint 0 the global orientation, and betas (M, 10), float32.

        The frame is that of joint 0: EFT's fits have the picture's y down and z away in it.
        """
        bodies = self.allocate(len(betas))
        pose_rotmat, betas = pose_rotmat.to(self.device).contiguous(), betas.to(self.device)
        for parcel in self.list_parcels(len(betas)):
            self.pose_parcel(pose_rotmat, betas, parcel, bodies)
        return bodies


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
