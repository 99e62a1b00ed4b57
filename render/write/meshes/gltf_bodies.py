"""Posed bodies in glTF's axes and colours."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.types.meshes import PersonMesh
from render.write.meshes.gltf_arrays import SceneArrays

# From x right, y down, z away to glTF's x right, y up, z towards the viewer. A turn, and exact.
TO_GLTF = np.array([1.0, -1.0, -1.0], np.float32)
# Like clay.
_ROUGHNESS = 0.8


def _to_linear(value: float) -> float:
    """The light of a display value, as sRGB has it (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


# Of each byte.
_LINEAR = np.array([round(255 * _to_linear(value / 255)) for value in range(256)], np.uint8)


def make_mesh(person: PersonMesh) -> Any:
    """A mesh of trimesh's, around the body's own origin."""
    # Imported late: not everybody has it installed, and it takes its time.
    import trimesh

    normals = None
    if person.normals is not None:
        # Of vertices that are in no face; glTF takes unit vectors only.
        is_lost = ~(np.abs(person.normals).max(1, keepdims=True) > 0)
        normals = np.where(is_lost, (0.0, 0.0, 1.0), person.normals * TO_GLTF)
    # Colours of vertices are multiplied by that of the material.
    rgb = person.rgb if person.colors is None else (1.0, 1.0, 1.0)
    # glTF's colours are of light, these are of displays.
    linear = [round(255 * _to_linear(value)) for value in rgb]
    material = trimesh.visual.material.PBRMaterial(
        name=person.name, baseColorFactor=[*linear, 255], metallicFactor=0.0, roughnessFactor=_ROUGHNESS
    )
    visual = trimesh.visual.TextureVisuals(material=material)
    if person.colors is not None:
        visual.vertex_attributes["color"] = _to_light(person.colors)
    return trimesh.Trimesh(
        person.verts * TO_GLTF,
        person.faces,
        vertex_normals=normals,
        visual=visual,
        process=False,
        validate=False,
    )


def add_body(
    tree: dict[str, Any], arrays: SceneArrays, first: dict[str, Any], name: str, person: PersonMesh
) -> int:
    """Adds the body of a further frame, with the faces and the material of the first one.

    Args:
        tree: The JSON of the scene.
        arrays: Of the scene.
        first: The mesh of the first one.
        name: Of the mesh and of its node.
        person: The body.

    Returns:
        The index of its node, which has no parent yet.
    """
    attributes = {"POSITION": arrays.add(person.verts * TO_GLTF)}
    if person.colors is not None:
        attributes["COLOR_0"] = arrays.add(_to_light(person.colors))
    (primitive,) = first["primitives"]
    tree["nodes"].append({"name": name, "mesh": len(tree["meshes"])})
    tree["meshes"].append({"name": name, "primitives": [{**primitive, "attributes": attributes}]})
    return len(tree["nodes"]) - 1


def place_node(node: dict[str, Any], person: PersonMesh) -> None:
    """Moves a node to where its body stands, and notes whose it is."""
    # Not a matrix, which could not be animated.
    if person.transl_m.any():
        node["translation"] = (person.transl_m * TO_GLTF).tolist()
    node["extras"] = {"row": person.row}
    if person.camera is not None:
        node["extras"]["camera"] = person.camera


def _to_light(colors: np.ndarray) -> np.ndarray:
    """(V, 4) uint8, opaque, of (V, 3) display values."""
    return np.hstack([_LINEAR[colors], np.full((len(colors), 1), 255, np.uint8)])
