"""SMPL's layout: 24 joints, 10 shape coefficients, from a registered file, a conversion or the demo body."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from render.body.model_file import read_model_file
from render.body.normals import VertexNormals
from render.body.skinning import Skinning
from render.errors import BodyModelError
from render.types.bodies import Bodies

# Matrix products round differently for different batch sizes, so bodies are posed in chunks of one size, the
# last one filled up: a body's vertices are then the same bits whatever is posed beside it. On the CPU a
# chunk and its face normals stay in the cache of a core.
CHUNK = {"cpu": 32, "cuda": 512}
# Joints that smplx adds to SMPL's 24 are vertices: nose, eyes and ears, toes and heels, finger tips, as its
# `vertex_ids` list them; the tests compare with smplx itself.
JOINT_VERTS = (
    *(332, 6260, 2800, 4071, 583),
    *(3216, 3226, 3387, 6617, 6624, 6787),
    *(2746, 2319, 2445, 2556, 2673),
    *(6191, 5782, 5905, 6016, 6133),
)


class SmplBody:
    """A body model in SMPL's layout: 24 joints, shape coefficients, rotation matrices in, vertices out.

    See `BodyModel` for its attributes.

    Args:
        path: A registered SMPL file (.pkl), a conversion (.npz) or the demo body.
        name: What the user calls it.
        device: Where its bodies are to be.

    Raises:
        BodyModelError: The file is missing, damaged or not of that layout, or lacks vertices that count as
            joints.
    """

    def __init__(self, path: Path, name: str, device: torch.device) -> None:
        arrays = read_model_file(path)
        if len(arrays.v_template) <= max(JOINT_VERTS):
            raise BodyModelError(
                f"{path}: v_template: expected SMPL's 6890 vertices, of which smplx counts some, up to the "
                f"{max(JOINT_VERTS)}th, as joints; found {len(arrays.v_template)}. Set body.path to a model "
                "in SMPL's topology."
            )
        self.name = name
        self.device = device
        self.vert_count = len(arrays.v_template)
        self.faces = torch.from_numpy(arrays.faces.astype(np.int32)).to(device)
        self.v_template, shapedirs, self.J_regressor, self.weights = (
            torch.from_numpy(np.ascontiguousarray(array)).to(device)
            for array in (arrays.v_template, arrays.shapedirs, arrays.J_regressor, arrays.weights)
        )
        # The skinning has the offsets of a rotation's element side by side.
        posedirs = np.ascontiguousarray(arrays.posedirs.reshape(-1, arrays.posedirs.shape[2]).T)
        self._joint_verts = torch.tensor(JOINT_VERTS, device=device)
        self._skin = Skinning(
            self.v_template,
            shapedirs,
            torch.from_numpy(posedirs).to(device),
            self.J_regressor,
            self.weights,
            torch.from_numpy(arrays.parents),
        )
        self._find_normals = VertexNormals(self.faces, self.vert_count)

    def allocate(self, count: int) -> Bodies:
        """Room for `count` bodies, not yet posed."""
        verts = torch.empty(count, len(self.v_template), 3, dtype=torch.float32, device=self.device)
        joint_count = self._skin.joint_count + len(self._joint_verts)
        joints = torch.empty(count, joint_count, 3, dtype=torch.float32, device=self.device)
        return Bodies(verts=verts, normals=torch.empty_like(verts), joints=joints, faces=self.faces)

    def list_chunks(self, count: int) -> list[slice]:
        """The chunks in which `count` bodies are posed."""
        chunk = CHUNK[self.device.type]
        return [slice(i, min(i + chunk, count)) for i in range(0, count, chunk)]

    @torch.inference_mode()
    def pose_chunk(
        self, pose_rotmat: torch.Tensor, betas: torch.Tensor, chunk: slice, bodies: Bodies
    ) -> None:
        """Poses the bodies of one chunk, in place. Threads may each take chunks of their own.

        Args:
            pose_rotmat: Rotations of all bodies (M, 24, 3, 3), float32.
            betas: Shape coefficients of all bodies (M, 10), float32.
            chunk: One of `list_chunks`.
            bodies: Room for all bodies, from `allocate`.
        """
        verts, normals, joints = (part[chunk] for part in (bodies.verts, bodies.normals, bodies.joints))
        posed_joints = torch.empty(
            len(verts), self._skin.joint_count, 3, dtype=torch.float32, device=self.device
        )
        self._skin(pose_rotmat[chunk], betas[chunk], CHUNK[self.device.type], verts, posed_joints)
        # smplx, too, has the vertices that count as joints behind those of the skeleton.
        joints[:, : self._skin.joint_count] = posed_joints
        joints[:, self._skin.joint_count :] = verts[:, self._joint_verts]
        self._find_normals(verts, normals)

    def pose(self, pose_rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
        """Bodies from rotations and shape coefficients.

        The frame is that of joint 0: EFT's fits have the picture's y down and z away in it.

        Args:
            pose_rotmat: (M, 24, 3, 3), float32, joint 0 the global orientation.
            betas: (M, 10), float32.

        Returns:
            The bodies, with normals and joints, on the model's device.
        """
        bodies = self.allocate(len(betas))
        pose_rotmat, betas = pose_rotmat.to(self.device).contiguous(), betas.to(self.device)
        for chunk in self.list_chunks(len(betas)):
            self.pose_chunk(pose_rotmat, betas, chunk, bodies)
        return bodies


def open_body(path: Path, name: str, device: torch.device) -> SmplBody:
    """The body in a model file; it takes, and raises, what `SmplBody` does."""
    return SmplBody(path, name, device)
