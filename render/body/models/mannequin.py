"""A wooden mannequin for poses of SMPL, SMPL-H and SMPL-X, from the optional package mannequin-x: no file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from render.body.family.hands import HAND_NUMBERS, HandPoses, fill_hand
from render.body.family.joint_names import SMPL_24
from render.body.family.kinds import FINGER_JOINTS, KINDS, HandKeys
from render.body.figures.wooden import BETAS, JOINT_NAMES, PACKAGE, read_figure
from render.body.model import cut_chunks, pose_all
from render.body.normals import VertexNormals
from render.body.skinning import Skinning
from render.errors import BodyModelError
from render.types.bodies import Bodies
from render.types.sources import Meshes, Poses

# Chunks as in `render.body.family.body`; a body has four times as many vertices here.
CHUNK = {"cpu": 8, "cuda": 256}

# Rest pelvis of SMPL's files, m, by variant; SMPL-H has SMPL's. Betas hardly move it, and what a file says
# of where a body is, is of the model's origin: that of SMPL-X is 0.13 m higher above the pelvis.
SMPL_PELVIS_M = {
    "neutral": (-0.001795, -0.223333, 0.028219),
    "male": (-0.002174, -0.240789, 0.028584),
    "female": (-0.000876, -0.211419, 0.027821),
}
_FIRST_FINGER = len(SMPL_24)
# SMPL's hands turn at the knuckles; these two joints are at the wrists, and stay as they are.
_STILL = ("left_hand", "right_hand")
_HAND_KEYS = tuple(
    HandKeys(_FIRST_FINGER + side * FINGER_JOINTS, "hand_mean", "hand_components") for side in (0, 1)
)


def open_body(path: Path | None, name: str, device: torch.device) -> MannequinBody:
    """The mannequin of the installed package.

    Args:
        path: None: there is no file.
        name: What the user calls it.
        device: Where its bodies are to be.

    Raises:
        BodyModelError: A file is named, or the package is missing, cannot be imported or is of a version
            that is not known.
    """
    if path is not None:
        raise BodyModelError(
            f"body.path: expected none, for the mannequin comes from the package {PACKAGE}, found {path}; "
            "set body.path=null"
        )
    return MannequinBody(name, device)


class MannequinBody:
    """A figure of wood: joints and bones of the fit, no face.

    See `BodyModel` for its attributes. Betas are taken as those of the neutral SMPL-X, the first ten of them,
    whichever model they are of: sizes of other models' bodies differ a little. The expression, the jaw, the
    eyes and SMPL's two hand joints have nothing to move.

    Args:
        name: What the user calls it.
        device: Where its bodies are to be.

    Raises:
        BodyModelError: The package is missing, cannot be imported or is of a version that is not known.
    """

    kind = "mannequin"
    accepts = frozenset(("smpl", "smplh", "smplx"))
    # Each part is a closed shell.
    is_closed = True
    joint_names = JOINT_NAMES

    def __init__(self, name: str, device: torch.device) -> None:
        figure = read_figure()
        self.name = name
        self.package: str | None = figure.package
        self.device = device
        self.vert_count = figure.verts.shape[1]
        self.faces, self.v_template, self.weights = (
            torch.from_numpy(array).to(device) for array in (figure.faces, figure.verts[0], figure.weights)
        )
        self._hands = tuple(
            HandPoses(keys, mean, None) for keys, mean in zip(_HAND_KEYS, figure.hand_mean, strict=True)
        )
        self._pelvis = figure.joints[:, 0]
        self._find_normals = VertexNormals(self.faces, self.vert_count)
        self._skin = Skinning(
            self.v_template,
            torch.from_numpy(figure.verts[1:]).to(device).permute(1, 2, 0),
            None,
            torch.from_numpy(figure.joints).to(device),
            self.weights,
            torch.from_numpy(figure.parents),
        )

    def allocate(self, count: int) -> Bodies:
        """Room for `count` bodies, not yet posed."""
        verts = torch.empty(count, self.vert_count, 3, dtype=torch.float32, device=self.device)
        joints = torch.empty(count, len(JOINT_NAMES), 3, dtype=torch.float32, device=self.device)
        return Bodies(verts=verts, normals=torch.empty_like(verts), joints=joints, faces=self.faces)

    def list_chunks(self, count: int) -> list[slice]:
        """The chunks in which `count` bodies are posed."""
        return cut_chunks(count, CHUNK[self.device.type])

    def check(self, source: Poses | Meshes) -> None:
        """Raises BodyModelError unless these are poses of SMPL, SMPL-H or SMPL-X."""
        if not isinstance(source, Poses) or source.kind not in self.accepts:
            found = f"poses of {source.kind}" if isinstance(source, Poses) else "meshes"
            raise BodyModelError(f"{self.name}: expected poses of SMPL, SMPL-H or SMPL-X, found {found}.")
        kind = KINDS[source.kind]
        if source.rotmat.shape[1] != kind.joints:
            raise BodyModelError(
                f"{self.name}: expected rotations of {kind.joints} joints, as {kind.title} has, found "
                f"{source.rotmat.shape[1]}."
            )
        sides, numbers = source.hands.shape[1:]
        if kind.hands and numbers and (sides != len(kind.hands) or numbers > HAND_NUMBERS):
            raise BodyModelError(
                f"{self.name}: expected {len(kind.hands)} hands of at most {HAND_NUMBERS} numbers, found "
                f"{sides} of {numbers}."
            )

    def prepare(self, source: Poses | Meshes, index: np.ndarray) -> tuple[np.ndarray, ...]:
        """What `pose_chunk` takes of some rows, on the host.

        Hands are relaxed where the model has no fingers, or where they are principal components: those are
        in the model's own file.

        Args:
            source: Poses of SMPL, SMPL-H or SMPL-X.
            index: (m,) rows of it.

        Returns:
            Rotations (m, 54, 3, 3), betas (m, 10) and how far bodies are moved (m, 3) m, float32.

        Raises:
            BodyModelError: These are no such poses.
        """
        self.check(source)
        assert isinstance(source, Poses)
        kind = KINDS[source.kind]
        rotmat = np.tile(np.eye(3, dtype=np.float32), (len(index), len(JOINT_NAMES), 1, 1))
        shared = [joint for joint in kind.joint_names if joint in JOINT_NAMES and joint not in _STILL]
        theirs = [kind.joint_names.index(joint) for joint in shared]
        rotmat[:, [JOINT_NAMES.index(joint) for joint in shared]] = source.rotmat[index][:, theirs]
        numbers = source.hands.shape[2]
        for side, hand in enumerate(self._hands):
            if not kind.hands or 0 < numbers < HAND_NUMBERS:
                fill_hand(rotmat, np.zeros((len(index), HAND_NUMBERS)), hand, True)
            elif numbers:
                fill_hand(rotmat, source.hands[index, side], hand, source.adds_hand_mean)
        betas = np.zeros((len(index), BETAS), np.float32)
        given = source.betas[index, :BETAS]
        betas[:, : given.shape[1]] = given
        return rotmat, betas, self._find_shift(source, betas)

    def _find_shift(self, source: Poses, betas: np.ndarray) -> np.ndarray:
        """(m, 3) from the pelvis of SMPL-X to that of the model that the poses are for."""
        if source.kind == "smplx":
            return np.zeros((len(betas), 3), np.float32)
        pelvis = self._pelvis[0] + betas @ self._pelvis[1:]
        return (np.array(SMPL_PELVIS_M.get(source.variant, SMPL_PELVIS_M["neutral"])) - pelvis).astype(
            np.float32
        )

    @torch.inference_mode()
    def pose_chunk(self, inputs: tuple[torch.Tensor, ...], chunk: slice, bodies: Bodies) -> None:
        """Poses the bodies of one chunk, in place. Threads may each take chunks of their own.

        Args:
            inputs: What `prepare` gives for all bodies, on the device.
            chunk: One of `list_chunks`.
            bodies: Room for all bodies, from `allocate`.
        """
        rotmat, betas, shift_m = (array[chunk] for array in inputs)
        verts, joints = bodies.verts[chunk], bodies.joints[chunk]
        self._skin(rotmat, betas, CHUNK[self.device.type], verts, joints)
        for part in (verts, joints):
            part += shift_m[:, None]
        self._find_normals(verts, bodies.normals[chunk])

    def pose(self, pose_rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
        """Bodies from rotations and coefficients.

        Args:
            pose_rotmat: (M, 54, 3, 3), float32: SMPL's 24 joints, of which the hands are at the wrists, then
                the fingers of SMPL-X.
            betas: (M, C), float32, C up to 10.

        Returns:
            The bodies, with normals and joints, on the model's device.

        Raises:
            ValueError: These are more coefficients, or rotations of other joints.
        """
        expected = (len(betas), len(JOINT_NAMES), 3, 3)
        if pose_rotmat.shape != expected:
            raise ValueError(f"pose_rotmat: expected shape {expected}, found {tuple(pose_rotmat.shape)}")
        if betas.ndim != 2 or betas.shape[1] > BETAS:
            raise ValueError(
                f"betas: expected at most {BETAS} coefficients for each of the bodies, as {self.name!r} has, "
                f"found {tuple(betas.shape)}"
            )
        ten = torch.zeros(len(betas), BETAS, device=self.device)
        ten[:, : betas.shape[1]] = betas
        inputs = pose_rotmat.to(self.device).contiguous(), ten, torch.zeros_like(ten[:, :3])
        return pose_all(self, inputs, len(betas))
