"""What a body model is, and which kinds there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from render.registry import Registry
from render.types.bodies import Bodies

if TYPE_CHECKING:
    import torch


class BodyModel(Protocol):
    """A body model of one topology on one device: rotations and shape coefficients in, vertices out.

    Attributes:
        name: What the user calls it.
        device: Where its bodies are.
        faces: (F, 3) int32, counterclockwise seen from outside.
        vert_count: V.
        v_template: (V, 3) rest vertices, m, float32.
        weights: (V, J) skinning weights, float32.
    """

    name: str
    device: torch.device
    faces: torch.Tensor
    vert_count: int
    v_template: torch.Tensor
    weights: torch.Tensor

    def allocate(self, count: int) -> Bodies:
        """Room for `count` bodies, not yet posed."""
        ...

    def list_chunks(self, count: int) -> list[slice]:
        """The chunks in which `count` bodies are posed."""
        ...

    def pose_chunk(
        self, pose_rotmat: torch.Tensor, betas: torch.Tensor, chunk: slice, bodies: Bodies
    ) -> None:
        """Poses the bodies of one chunk, in place. Threads may each take chunks of their own.

        Args:
            pose_rotmat: Rotations of all bodies (M, J, 3, 3), float32.
            betas: Shape coefficients of all bodies (M, B), float32.
            chunk: One of `list_chunks`.
            bodies: Room for all bodies, from `allocate`.
        """
        ...

    def pose(self, pose_rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
        """Bodies from rotations and shape coefficients.

        Args:
            pose_rotmat: (M, J, 3, 3), float32.
            betas: (M, B), float32.

        Returns:
            The bodies, with normals and joints, on the model's device.
        """
        ...


# It takes a model file, the name for its body and a device, and gives the body. It raises BodyModelError
# where the file is missing, damaged or not of that layout.
OpenBody = Callable[[Path, str, "torch.device"], BodyModel]

BODY_MODELS: Registry[OpenBody] = Registry(
    "body model", "smpl_render.body_models", "render.body.models", "open_body"
)
