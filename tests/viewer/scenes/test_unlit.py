"""Colours that stand for numbers are shown as they are."""

import io

import numpy as np
import trimesh

from render.types.meshes import MeshScene, PersonMesh
from render.viewer.scenes.unlit import make_unlit
from render.write.meshes.gltf_scene import encode_scene
from tests.helpers.made_meshes import FACES, VERTS


def test_materials_take_no_light_and_all_else_stays():
    colors = np.arange(12, dtype=np.uint8).reshape(4, 3)
    person = PersonMesh(
        "row_0", 0, VERTS[0].astype(np.float32), FACES, np.zeros(3), "camera", (1.0, 1.0, 1.0), colors=colors
    )
    before = encode_scene(MeshScene("camera", (person,), (), np.zeros(2)))
    after = make_unlit(before)
    assert int.from_bytes(after[8:12], "little") == len(after)
    assert after.count(b'"KHR_materials_unlit":{}') == 1
    old, new = (next(iter(trimesh.load(io.BytesIO(one), "glb").geometry.values())) for one in (before, after))
    np.testing.assert_array_equal(old.vertices, new.vertices)
    np.testing.assert_array_equal(old.faces, new.faces)
