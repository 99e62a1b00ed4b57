"""GLB: bodies in one scene with the photo's camera, and the frames of a sequence as an animation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.write.format import Encoded, Format

if TYPE_CHECKING:
    from render.types.meshes import MeshScene


def encode_meshes(scene: MeshScene) -> dict[str, Encoded]:
    """The one file of a scene, by its suffix.

    Args:
        scene: The people.

    Raises:
        SheetError: They are too many for the format.
    """
    from render.write.meshes.gltf_scene import encode_scene

    return {".glb": encode_scene(scene)}


FORMAT = Format(encode_meshes=encode_meshes, holds_motion=True, holds_cameras=True, package="trimesh")
