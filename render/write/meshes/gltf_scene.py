"""Bodies as a binary glTF scene, written by trimesh."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.errors import SheetError
from render.types.meshes import MeshScene, PersonMesh
from render.write.meshes.gltf_cameras import add_cameras
from render.write.meshes.gltf_frames import add_frames

# From x right, y down, z away to glTF's x right, y up, z towards the viewer. A turn, and exact.
TO_GLTF = np.array([1.0, -1.0, -1.0])
_VERT_BYTES = 12
# Lengths in the file have 32 bits.
_MOST_BYTES = 2**32 - 1
# Like clay.
_ROUGHNESS = 0.8


def _to_linear(value: float) -> float:
    """The light of a display value, as sRGB has it (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


# Of each byte.
_LINEAR = np.array([round(255 * _to_linear(value / 255)) for value in range(256)], np.uint8)


def encode_scene(scene: MeshScene) -> bytes:
    """The GLB file of a scene.

    Each body is a mesh whose vertices are as they were posed, turned to glTF's axes; its node moves it to its
    place. Nodes are called as people are, of a sequence with the number of the frame: person_0.000012.

    Raises:
        SheetError: It is too large for the format.
    """
    size_bytes = sum(_VERT_BYTES * len(person.verts) for person in scene.people)
    if size_bytes > _MOST_BYTES:
        raise SheetError(
            f"its {len(scene.people)} bodies take {size_bytes} bytes, and glb holds {_MOST_BYTES}; choose "
            f"fewer frames by samples, or poses instead of vertices with output=mcs"
        )
    # Imported late: not everybody has it installed, and it takes its time.
    import trimesh
    from trimesh.exchange.gltf import export_glb

    made = trimesh.Scene()
    nodes = {_name(scene, person): person for person in scene.people}
    for name, person in nodes.items():
        parent = _add_parent(made, person) if scene.is_sequence else None
        made.add_geometry(
            _make_mesh(person, has_normals=not scene.is_sequence),
            node_name=name,
            geom_name=name,
            parent_node_name=parent,
        )

    def add_rest(buffers: Any, tree: dict[str, Any]) -> None:
        tree["asset"]["generator"] = "smpl-render"
        tree["scenes"][0]["extras"] = _describe(scene)
        of_frame: dict[int, list[int]] = {}
        for k, node in enumerate(tree["nodes"]):
            person = nodes.get(node["name"])
            if person is not None:
                _place(node, person)
                of_frame.setdefault(person.frame, []).append(k)
        if scene.is_sequence:
            add_frames(buffers, tree, of_frame, scene.starts_s)
        add_cameras(tree, scene.cameras)

    return export_glb(made, buffer_postprocessor=add_rest)


def _name(scene: MeshScene, person: PersonMesh) -> str:
    return f"{person.name}.{person.frame:06d}" if scene.is_sequence else person.name


def _add_parent(made: Any, person: PersonMesh) -> str:
    """The node that has all frames of a person."""
    if person.name not in made.graph.nodes:
        made.graph.update(frame_from=made.graph.base_frame, frame_to=person.name)
    return person.name


def _make_mesh(person: PersonMesh, has_normals: bool) -> Any:
    """A mesh of trimesh's in glTF's axes, around the body's own origin."""
    import trimesh

    normals = None
    if has_normals:
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
        alpha = np.full((len(person.colors), 1), 255, np.uint8)
        visual.vertex_attributes["color"] = np.hstack([_LINEAR[person.colors], alpha])
    return trimesh.Trimesh(
        person.verts * TO_GLTF,
        person.faces,
        vertex_normals=normals,
        visual=visual,
        process=False,
        validate=False,
    )


def _place(node: dict[str, Any], person: PersonMesh) -> None:
    # Not a matrix, which could not be animated.
    if person.transl_m.any():
        node["translation"] = (person.transl_m * TO_GLTF).tolist()
    node["extras"] = {"row": person.row}
    if person.camera is not None:
        node["extras"]["camera"] = person.camera


def _describe(scene: MeshScene) -> dict[str, Any]:
    return {
        "frame": scene.frame,
        "axes": "x right, y up, z towards the viewer; times (1, -1, -1) they are x right, y down, z away",
    }
