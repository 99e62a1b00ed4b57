"""PLY: a body with every bit of its vertices, binary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from render.write.format import Encoded, Format

if TYPE_CHECKING:
    from render.types.meshes import MeshScene

_FIRST_LINES = b"ply\nformat binary_little_endian 1.0\n"


def encode_meshes(scene: MeshScene) -> dict[str, Encoded]:
    """The file of each person, by its suffix.

    Args:
        scene: The people, of one frame.
    """
    from render.write.meshes.single_files import encode_people

    return encode_people(scene, "ply", _encode)


def _encode(mesh: Any, about: str) -> bytes:
    from trimesh.exchange.ply import export_ply

    file = export_ply(mesh, vertex_normal=False)
    # It takes no comments of ours.
    return file.replace(_FIRST_LINES, _FIRST_LINES + f"comment {about}\n".encode(), 1)


FORMAT = Format(encode_meshes=encode_meshes, holds_one=True, package="trimesh")
