"""What a body model is, and which kinds there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from render.registry import Registry
from render.types.bodies import Bodies
from render.types.sources import Meshes, Poses

# Settings ask which kinds there are, and are to start quickly.
if TYPE_CHECKING:
    import numpy as np
    import torch


class BodyModel(Protocol):
    """A body model of one topology on one device: poses in, vertices out.

    Attributes:
        name: What the user calls it.
        kind: What it is a model of, such as smpl.
        package: The package, with its version, that has the model; None where a file does.
        accepts: The kinds of `Poses` that it takes, or the topology of `Meshes`.
        device: Where its bodies are.
        faces: (F, 3) int32, counterclockwise seen from outside.
        vert_count: V.
        v_template: (V, 3) rest vertices, m, float32.
        weights: (V, J) skinning weights, float32, of the joints that rotate.
        is_closed: Whether no inside of its bodies is ever seen, so that faces turned away need not be drawn.
        joint_names: Of all its joints in the order of `Bodies.joints`, the J that rotate first, as smplx
            calls them: pelvis, left_hip, nose, left_big_toe.
    """

    name: str
    kind: str
    package: str | None
    accepts: frozenset[str]
    device: torch.device
    faces: torch.Tensor
    vert_count: int
    v_template: torch.Tensor
    weights: torch.Tensor
    is_closed: bool
    joint_names: tuple[str, ...]

    def allocate(self, count: int) -> Bodies:
        """Room for bodies that are not yet posed.

        Args:
            count: How many.

        Returns:
            Bodies on the model's device, with the model's faces.
        """
        ...

    def list_chunks(self, count: int) -> list[slice]:
        """The chunks in which bodies are posed.

        Args:
            count: Of the bodies.

        Returns:
            Slices that follow one another and hold all of them.
        """
        ...

    def check(self, source: Poses | Meshes) -> None:
        """Checks that the model takes all of these poses.

        Args:
            source: Poses, or vertices as they are.

        Raises:
            BodyModelError: It does not; says why.
        """
        ...

    def prepare(self, source: Poses | Meshes, index: np.ndarray) -> tuple[np.ndarray, ...]:
        """What `pose_chunk` takes of some rows, on the host.

        Args:
            source: Of a kind in `accepts`.
            index: (m,) rows of it, integers.

        Returns:
            Arrays of m rows each.

        Raises:
            BodyModelError: The model does not take these rows.
        """
        ...

    def pose_chunk(self, inputs: tuple[torch.Tensor, ...], chunk: slice, bodies: Bodies) -> None:
        """Poses the bodies of one chunk, in place. Threads may each take chunks of their own.

        Args:
            inputs: What `prepare` gives for all bodies, on the device.
            chunk: One of `list_chunks`.
            bodies: Room for all bodies, from `allocate`.
        """
        ...

    def pose(self, pose_rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
        """Bodies from rotations and coefficients.

        Args:
            pose_rotmat: (M, J, 3, 3), float32.
            betas: (M, C), float32, up to all that the model has, shape before expression.

        Returns:
            The bodies, with normals and joints, on the model's device.

        Raises:
            ValueError: These are more coefficients than the model has, or rotations of other joints.
        """
        ...


def cut_chunks(count: int, size: int) -> list[slice]:
    """`count` bodies in chunks of up to `size`."""
    return [slice(i, min(i + size, count)) for i in range(0, count, size)]


def pose_all(body: BodyModel, inputs: tuple[torch.Tensor, ...], count: int) -> Bodies:
    """Bodies posed chunk by chunk, one after the other.

    Args:
        body: The model.
        inputs: What its `pose_chunk` takes.
        count: How many bodies they are of.
    """
    bodies = body.allocate(count)
    for chunk in body.list_chunks(count):
        body.pose_chunk(inputs, chunk, bodies)
    return bodies


# It takes a model file, None where none is named, the name for its body and a device, and gives the body. It
# raises BodyModelError where the file is missing, damaged or not of that layout.
OpenBody = Callable[[Path | None, str, "torch.device"], BodyModel]

BODY_MODELS: Registry[OpenBody] = Registry(
    "body model", "smpl_render.body_models", "render.body.models", "open_body", first=("smpl",)
)
