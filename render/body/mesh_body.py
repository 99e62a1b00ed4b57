"""Bodies whose vertices are given: what they lack is normals, and the faces of their topology."""

from __future__ import annotations

import numpy as np
import torch

from render.body.model import cut_chunks
from render.body.normals import VertexNormals
from render.errors import BodyModelError
from render.types.bodies import Bodies
from render.types.sources import Meshes, Poses

# Bodies whose normals are made at once; on the CPU they and their face normals stay in the cache of a core.
CHUNK = {"cpu": 32, "cuda": 512}


class MeshBody:
    """Stands for the body model of vertices as they are.

    See `BodyModel` for its attributes.

    Args:
        name: Of the topology, or what else the user calls it.
        faces: (F, 3) int32, counterclockwise seen from outside, on the device where bodies are to be.
        vert_count: V.
        weights: (V, J) of the model whose topology it is; left out, there are none.
        joint_names: Of the joints that come with the vertices, or of that model's.
        is_closed: Whether no inside is ever seen, as with bodies; of strangers' meshes that is not known.
    """

    kind = "mesh"
    package: str | None = None

    def __init__(
        self,
        name: str,
        faces: torch.Tensor,
        vert_count: int,
        weights: torch.Tensor | None = None,
        joint_names: tuple[str, ...] = (),
        is_closed: bool = False,
    ) -> None:
        self.name = name
        self.accepts = frozenset((name,))
        self.device = faces.device
        self.faces = faces
        self.vert_count = vert_count
        self.v_template = torch.zeros(vert_count, 3, dtype=torch.float32, device=faces.device)
        self.weights = self.v_template[:, :0] if weights is None else weights
        self.joint_names = joint_names
        self.is_closed = is_closed
        self._find_normals = VertexNormals(faces, vert_count)

    def allocate(self, count: int) -> Bodies:
        """Room for `count` bodies, not yet posed."""
        verts = torch.empty(count, self.vert_count, 3, dtype=torch.float32, device=self.device)
        joints = torch.zeros(count, 0, 3, dtype=torch.float32, device=self.device)
        return Bodies(verts=verts, normals=torch.empty_like(verts), joints=joints, faces=self.faces)

    def list_chunks(self, count: int) -> list[slice]:
        """The chunks in which `count` bodies are made."""
        return cut_chunks(count, CHUNK[self.device.type])

    def check(self, source: Poses | Meshes) -> None:
        """Raises BodyModelError unless these are vertices of this topology."""
        if not isinstance(source, Meshes) or source.verts.shape[1] != self.vert_count:
            found = (
                f"{source.verts.shape[1]} vertices"
                if isinstance(source, Meshes)
                else f"poses of {source.kind}"
            )
            raise BodyModelError(
                f"{self.name}: expected meshes of the {self.vert_count} vertices that its faces are of, "
                f"found {found}."
            )

    def prepare(self, source: Poses | Meshes, index: np.ndarray) -> tuple[np.ndarray, ...]:
        """The vertices of some rows, read now if they were not yet."""
        assert isinstance(source, Meshes)
        return (np.ascontiguousarray(source.verts[index], np.float32),)

    @torch.inference_mode()
    def pose_chunk(self, inputs: tuple[torch.Tensor, ...], chunk: slice, bodies: Bodies) -> None:
        """Takes the vertices of one chunk and finds their normals, in place."""
        verts = bodies.verts[chunk]
        verts.copy_(inputs[0][chunk])
        self._find_normals(verts, bodies.normals[chunk])

    def pose(self, pose_rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
        """Raises ValueError: what has no model has no poses."""
        raise ValueError(f"{self.name}: expected a body model, found a topology, which has no poses")
