"""OBJ: a body as text that every program reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from render.write.format import Encoded, Format

if TYPE_CHECKING:
    from render.types.meshes import MeshScene

# Decimals of a metre: nanometres, finer than float32 is at the size of a body.
_DIGITS = 9


def encode_meshes(scene: MeshScene) -> dict[str, Encoded]:
    """The file of each person, by its suffix.

    Args:
        scene: The people, of one frame.
    """
    from render.write.meshes.single_files import encode_people

    return encode_people(scene, "obj", _encode)


def _encode(mesh: Any, about: str) -> bytes:
    from trimesh.exchange.obj import export_obj

    return export_obj(mesh, include_normals=False, digits=_DIGITS, header=about).encode()


FORMAT = Format(encode_meshes=encode_meshes, holds_one=True, package="trimesh")
