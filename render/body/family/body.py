"""Bodies of SMPL's family: one forward pass for all kinds, whose differences are in a table."""

from __future__ import annotations

import threading
from itertools import product
from pathlib import Path

import numpy as np
import torch

from render.body.family.check_poses import find_pose_fault
from render.body.family.hands import fill_hand
from render.body.family.kinds import FEW_BETAS, FEW_EXPRESSION, BodyKind
from render.body.model import cut_chunks, pose_all
from render.body.model_file import read_model_file
from render.body.normals import VertexNormals
from render.body.skinning import Skinning, regress_joints
from render.errors import BodyModelError
from render.types.bodies import Bodies
from render.types.sources import Meshes, Poses

# On the CPU a chunk is a task of one thread. On a GPU its shapes are a matrix product, which rounds
# differently for other numbers of bodies: so all chunks have one size, the last one filled up, and a body's
# vertices are the same bits whatever is posed beside it.
CHUNK = {"cpu": 32, "cuda": 512}
# Betas and expressions of nearly all files, below the most that a model has. A basis is made for the least
# of these that is enough: one of all columns would cost every body of ten betas the most.
COMMON_BETAS, COMMON_EXPRESSION = (FEW_BETAS, 16), (FEW_EXPRESSION,)


class FamilyBody:
    """A body model of SMPL's family: rotation matrices and coefficients in, vertices out.

    See `BodyModel` for its attributes.

    Args:
        kind: Of which the file is to be.
        path: The model's file, .pkl or .npz.
        name: What the user calls it.
        device: Where its bodies are to be.

    Raises:
        BodyModelError: No file is named, or it is missing, damaged or not of that kind, or lacks vertices
            that count as joints.
    """

    is_closed = True
    package: str | None = None

    def __init__(self, kind: BodyKind, path: Path | None, name: str, device: torch.device) -> None:
        kind = kind.of_variant(name)
        if path is None:
            raise BodyModelError(
                f"body.path: expected the file of {kind.title}, found none; set it to one. {kind.register}."
            )
        arrays = read_model_file(path, kind)
        last = max(kind.joint_verts.values(), default=-1)
        if len(arrays.v_template) <= last:
            raise BodyModelError(
                f"{path}: v_template: expected {kind.title}'s {kind.verts} vertices, of which smplx counts "
                f"some, up to the {last}th, as joints; found {len(arrays.v_template)}. Set body.path to a "
                f"model in {kind.title}'s topology."
            )
        self.name = name
        self.kind = kind.name
        self.accepts = frozenset((kind.name,))
        self.device = device
        self.vert_count = len(arrays.v_template)
        self.faces = torch.from_numpy(arrays.faces.astype(np.int32)).to(device)
        self.v_template, self.J_regressor, self.weights = (
            torch.from_numpy(np.ascontiguousarray(array)).to(device)
            for array in (arrays.v_template, arrays.J_regressor, arrays.weights)
        )
        landmarks = arrays.landmarks
        self.joint_names = (
            *kind.joint_names,
            *kind.joint_verts,
            *(kind.landmark_names if len(landmarks.verts) else ()),
        )
        self._path, self._kind, self._hands = path, kind, arrays.hands
        self._parents = torch.from_numpy(arrays.parents)
        self._joint_verts = torch.tensor([*kind.joint_verts.values()], dtype=torch.int64, device=device)
        self._landmark_verts = torch.from_numpy(landmarks.verts).to(device)
        self._landmark_bary = torch.from_numpy(landmarks.bary).to(device)
        self._find_normals = VertexNormals(self.faces, self.vert_count)
        # On the host: few of them are needed.
        self._shapedirs = arrays.shapedirs
        self._beta_count, expression = kind.split_columns(arrays.shapedirs.shape[2])
        self._first_expression, self._expression_count = expression.start, expression.stop - expression.start
        # By how many coefficients they are together: of how many betas, and how much expression.
        self._layouts = {
            sum(layout): layout
            for layout in product(
                _list_steps(COMMON_BETAS, self._beta_count),
                _list_steps(COMMON_EXPRESSION, self._expression_count),
            )
        }
        # The skinning has the offsets of a rotation's element side by side.
        posedirs = np.ascontiguousarray(arrays.posedirs.reshape(-1, arrays.posedirs.shape[2]).T)
        self._lock = threading.Lock()
        first = min(self._layouts)
        self._skins = {first: self._make_skin(*self._layouts[first], torch.from_numpy(posedirs).to(device))}

    def allocate(self, count: int) -> Bodies:
        """Room for `count` bodies, not yet posed."""
        verts = torch.empty(count, self.vert_count, 3, dtype=torch.float32, device=self.device)
        joints = torch.empty(count, len(self.joint_names), 3, dtype=torch.float32, device=self.device)
        return Bodies(verts=verts, normals=torch.empty_like(verts), joints=joints, faces=self.faces)

    def list_chunks(self, count: int) -> list[slice]:
        """The chunks in which `count` bodies are posed."""
        return cut_chunks(count, CHUNK[self.device.type])

    def check(self, source: Poses | Meshes) -> None:
        """Raises BodyModelError unless the model takes these bodies, all of them."""
        self._check(source, slice(None))

    def prepare(self, source: Poses | Meshes, index: np.ndarray) -> tuple[np.ndarray, ...]:
        """What `pose_chunk` takes of some rows, on the host.

        Args:
            source: Of a kind in `accepts`.
            index: (m,) rows of it.

        Returns:
            Rotations (m, J, 3, 3) with those of the hands filled in, and coefficients (m, C): betas, then the
            expression, with zeros behind each for those that are not given; float32.

        Raises:
            BodyModelError: The model does not take these rows.
        """
        source = self._check(source, index)
        # Taken by an array of rows, it is a copy.
        rotmat = np.ascontiguousarray(source.rotmat[index], np.float32)
        if source.hands.shape[2]:
            for side, hand in enumerate(self._hands):
                fill_hand(rotmat, source.hands[index, side], hand, source.adds_hand_mean)
        return rotmat, self._join_coefficients(source.betas[index], source.expression[index])

    def _join_coefficients(self, betas: np.ndarray, expression: np.ndarray) -> np.ndarray:
        """Both side by side, in the least layout that has room for what the model has of them."""
        # What is beyond that is zero, or would have been refused.
        betas, expression = betas[:, : self._beta_count], expression[:, : self._expression_count]
        room = min(
            layout
            for layout in self._layouts.values()
            if layout[0] >= betas.shape[1] and layout[1] >= expression.shape[1]
        )
        coefficients = np.zeros((len(betas), sum(room)), np.float32)
        coefficients[:, : betas.shape[1]] = betas
        coefficients[:, room[0] : room[0] + expression.shape[1]] = expression
        return coefficients

    @torch.inference_mode()
    def pose_chunk(self, inputs: tuple[torch.Tensor, ...], chunk: slice, bodies: Bodies) -> None:
        """Poses the bodies of one chunk, in place. Threads may each take chunks of their own.

        Args:
            inputs: What `prepare` gives for all bodies, on the device.
            chunk: One of `list_chunks`.
            bodies: Room for all bodies, from `allocate`.
        """
        rotmat, coefficients = inputs
        skin = self._find_skin(coefficients.shape[1])
        verts, normals, joints = (part[chunk] for part in (bodies.verts, bodies.normals, bodies.joints))
        posed_joints = torch.empty(len(verts), skin.joint_count, 3, dtype=torch.float32, device=self.device)
        abreast = skin(rotmat[chunk], coefficients[chunk], CHUNK[self.device.type], verts, posed_joints)
        # smplx, too, has the vertices that count as joints behind those of the skeleton, then the landmarks.
        picked = skin.joint_count + len(self._joint_verts)
        joints[:, : skin.joint_count] = posed_joints
        joints[:, skin.joint_count : picked] = verts[:, self._joint_verts]
        if len(self._landmark_verts):
            a, b, c = (
                verts[:, self._landmark_verts[:, i]] * self._landmark_bary[:, i, None] for i in range(3)
            )
            joints[:, picked:] = a + b + c
        self._find_normals.find(abreast, normals)

    def pose(self, pose_rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
        """Bodies from rotations and coefficients.

        The frame is that of joint 0: EFT's fits have the picture's y down and z away in it.

        Args:
            pose_rotmat: (M, J, 3, 3), float32, joint 0 the global orientation, hands included.
            betas: (M, C), float32; the model's betas and behind all of them the expression, or fewer.

        Returns:
            The bodies, with normals and joints, on the model's device.

        Raises:
            ValueError: These are more coefficients than the model has, or rotations of other joints.
        """
        joints, most = self._kind.joints, max(self._layouts)
        if pose_rotmat.shape != (len(betas), joints, 3, 3):
            raise ValueError(
                f"pose_rotmat: expected shape {(len(betas), joints, 3, 3)}, found {tuple(pose_rotmat.shape)}"
            )
        if betas.ndim != 2 or betas.shape[1] > most:
            raise ValueError(
                f"betas: expected at most {most} coefficients for each of the bodies, as {self.name!r} has, "
                f"found {tuple(betas.shape)}"
            )
        numbers = betas.detach().cpu().numpy()
        coefficients = self._join_coefficients(numbers[:, : self._beta_count], numbers[:, self._beta_count :])
        inputs = (
            pose_rotmat.to(self.device).contiguous(),
            torch.from_numpy(coefficients).to(self.device),
        )
        return pose_all(self, inputs, len(betas))

    def _check(self, source: Poses | Meshes, index: np.ndarray | slice) -> Poses:
        if not isinstance(source, Poses):
            raise BodyModelError(f"{self._path}: expected poses of {self._kind.title}, found meshes.")
        fault = find_pose_fault(
            source, index, self._kind, self._hands, self._beta_count, self._expression_count
        )
        if fault:
            raise BodyModelError(f"{self._path}: {fault}.")
        return source

    def _find_skin(self, columns: int) -> Skinning:
        with self._lock:
            if columns not in self._skins:
                posedirs = next(iter(self._skins.values())).posedirs
                self._skins[columns] = self._make_skin(*self._layouts[columns], posedirs)
                if self.device.type == "cuda":
                    # Other queues use it too.
                    torch.cuda.synchronize(self.device)
            return self._skins[columns]

    def _make_skin(self, betas: int, expression: int, posedirs: torch.Tensor) -> Skinning:
        first = self._first_expression
        parts = [self._shapedirs[:, :, :betas], self._shapedirs[:, :, first : first + expression]]
        shapedirs = torch.from_numpy(np.concatenate(parts, 2)).to(self.device)
        return Skinning(
            self.v_template,
            shapedirs,
            posedirs,
            regress_joints(self.J_regressor, self.v_template, shapedirs),
            self.weights,
            self._parents,
        )


def _list_steps(common: tuple[int, ...], most: int) -> list[int]:
    return [*(step for step in common if step < most), most]
