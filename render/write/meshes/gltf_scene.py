"""Bodies as a binary glTF scene, written by trimesh."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.errors import SheetError
from render.types.meshes import MeshScene, PersonMesh
from render.write.meshes.gltf_arrays import SceneArrays
from render.write.meshes.gltf_bodies import add_body, make_mesh, place_node
from render.write.meshes.gltf_cameras import add_cameras
from render.write.meshes.gltf_frames import add_frames

_VERT_BYTES = 12
# Lengths in the file have 32 bits.
_MOST_BYTES = 2**32 - 1
_AXES = "x right, y up, z towards the viewer; times (1, -1, -1) they are x right, y down, z away"


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

    made, first_of = trimesh.Scene(), _find_first(scene)
    for person in scene.people:
        name = _name(scene, person)
        # trimesh takes all that it holds several times over, so it makes one body of each person.
        if first_of[name] != name:
            continue
        parent = _add_parent(made, person) if scene.is_sequence else None
        made.add_geometry(make_mesh(person), node_name=name, geom_name=name, parent_node_name=parent)

    def add_rest(buffers: Any, tree: dict[str, Any]) -> None:
        tree["asset"]["generator"] = "smpl-render"
        tree["scenes"][0]["extras"] = {"frame": scene.frame, "axes": _AXES}
        arrays = SceneArrays(buffers, tree)
        numbers = {node["name"]: k for k, node in enumerate(tree["nodes"])}
        of_frame: dict[int, list[int]] = {}
        for person in scene.people:
            name = _name(scene, person)
            if name not in numbers:
                first = tree["nodes"][numbers[first_of[name]]]
                numbers[name] = add_body(tree, arrays, tree["meshes"][first["mesh"]], name, person)
                tree["nodes"][numbers[person.name]]["children"].append(numbers[name])
            place_node(tree["nodes"][numbers[name]], person)
            of_frame.setdefault(person.frame, []).append(numbers[name])
        if scene.is_sequence:
            add_frames(tree, arrays, of_frame, scene.starts_s)
        add_cameras(tree, scene.cameras)

    return export_glb(made, buffer_postprocessor=add_rest)


def _name(scene: MeshScene, person: PersonMesh) -> str:
    return f"{person.name}.{person.frame:06d}" if scene.is_sequence else person.name


def _find_first(scene: MeshScene) -> dict[str, str]:
    """By name of each body, the first one of the same person and the same faces."""
    found: dict[str, str] = {}
    latest: dict[str, PersonMesh] = {}
    for person in scene.people:
        name, known = _name(scene, person), latest.get(person.name)
        if known is not None and np.array_equal(known.faces, person.faces):
            found[name] = found[_name(scene, known)]
        else:
            found[name] = name
        latest[person.name] = person
    return found


def _add_parent(made: Any, person: PersonMesh) -> str:
    """The node that has all frames of a person."""
    if person.name not in made.graph.nodes:
        made.graph.update(frame_from=made.graph.base_frame, frame_to=person.name)
    return person.name
