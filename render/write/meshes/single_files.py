"""Scenes as a file a person, for formats that hold one mesh."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from render.types.meshes import MeshScene, PersonMesh
from render.write.format import Encoded

_AXES = "axes x right, y down, z away"
_FRAMES = {
    "camera": f"metres in the frame of the photo's camera, {_AXES}",
    "body": f"metres around the body's own origin, turned as the picture shows it, {_AXES}",
    "model": "metres as the body model has them",
}


def encode_people(
    scene: MeshScene, extension: str, encode: Callable[[Any, str], bytes]
) -> dict[str, Encoded]:
    """The file of each person, by its suffix: `.obj`, or `.1.obj` and so on of several.

    Args:
        scene: The people, of one frame.
        extension: Of the files.
        encode: Takes a mesh of trimesh's and a line that says what it is.
    """
    people = scene.people
    suffixes = [f".{extension}"] if len(people) == 1 else [f".{k}.{extension}" for k in _number(people)]
    return {
        suffix: encode(make_mesh(person), _describe(scene, person))
        for suffix, person in zip(suffixes, people, strict=True)
    }


def make_mesh(person: PersonMesh) -> Any:
    """A person's body in its place, as a mesh of trimesh's, which is left as it is."""
    # Imported late: not everybody has it installed, and it takes its time.
    import trimesh

    # Summed as doubles, and rounded once.
    verts = person.verts.astype(np.float64) + person.transl_m
    return trimesh.Trimesh(
        verts.astype(np.float32),
        person.faces,
        vertex_colors=person.colors,
        process=False,
        validate=False,
    )


def _number(people: tuple[PersonMesh, ...]) -> range:
    return range(1, len(people) + 1)


def _describe(scene: MeshScene, person: PersonMesh) -> str:
    frame = person.origin if scene.frame == "camera" else "model"
    return f"smpl-render, row {person.row}: {_FRAMES[frame]}"
