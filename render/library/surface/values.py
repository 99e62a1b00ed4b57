"""Numbers of vertices, as people hand them in, and errors of bodies among them."""

from __future__ import annotations

from dataclasses import replace

import torch
from numpy.typing import ArrayLike

from render.library.given.arrays import as_tensor, check_shape
from render.library.given.handed import take_bodies
from render.metrics.errors import vertex_errors_mm
from render.types.bodies import Bodies


def take_values(name: str, values: ArrayLike | torch.Tensor, verts: torch.Tensor) -> torch.Tensor:
    """A number of each vertex of bodies.

    Args:
        name: Of the array, for the messages.
        values: (M, V), or (V,) for all; NaN where there is none.
        verts: (M, V, 3) of the bodies.

    Returns:
        (M, V), float32, on the device of the vertices; a copy.

    Raises:
        TypeError: They are no real numbers.
        ValueError: They are of another shape.
    """
    found = as_tensor(name, values)
    check_shape(name, found, verts.shape[1:2] if found.ndim == 1 else verts.shape[:2])
    wide = found.to(verts.device, torch.float32)
    return wide.expand(verts.shape[:2]).clone(memory_format=torch.contiguous_format)


def bodies_with_errors(bodies: Bodies, reference: Bodies, *, align: str = "root") -> Bodies:
    """The bodies with the distance of each vertex from that of others, in mm, for the mode error.

    Args:
        bodies: M bodies.
        reference: M bodies of the same topology, in the same order and frame.
        align: How they are laid over each other first: none, root (the first joint of both at one place) or
            procrustes (turned, scaled and moved so that the vertices fit best).

    Returns:
        The bodies as they were given, with `values` (M, V) in mm.

    Raises:
        TypeError: They are no Bodies.
        ValueError: They are of other topologies, of other numbers of people, or on other devices; there is no
            such alignment; or they have no joints, which root needs.

    Examples:
        >>> from render import bodies_with_errors, make_bodies
        >>> square, faces = [[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]]
        >>> moved = [[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.25]]]
        >>> found = bodies_with_errors(make_bodies(moved, faces), make_bodies(square, faces), align="none")
        >>> found.values.tolist()
        [[0.0, 0.0, 0.0, 250.0]]
    """
    bodies, other = take_bodies(bodies), take_bodies(reference, "reference")
    here, there = (f"{len(b.verts)} bodies of {b.verts.shape[1]} vertices" for b in (bodies, other))
    if here != there:
        raise ValueError(f"reference: expected {here}, found {there}")
    if bodies.verts.device != other.verts.device:
        raise ValueError(f"reference: expected it on {bodies.verts.device}, found {other.verts.device}")
    if not torch.equal(bodies.faces, other.faces):
        raise ValueError("reference: expected bodies of the same topology, found other faces")
    roots = None
    if align == "root":
        if not bodies.joints.shape[1] or not other.joints.shape[1]:
            raise ValueError("align: root needs bodies with joints, the root first; use procrustes or none")
        roots = (bodies.joints[:, 0], other.joints[:, 0])
    return replace(bodies, values=vertex_errors_mm(bodies.verts, other.verts, align, roots))
