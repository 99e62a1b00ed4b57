"""Binary glTF whose colours are shown as they are: they stand for numbers, and light would change them."""

from __future__ import annotations

import json
import struct

_EXTENSION = "KHR_materials_unlit"
_JSON = 0x4E4F534A
# Magic, version and length of the file; length and kind of a chunk.
_HEADER, _CHUNK = struct.Struct("<4sII"), struct.Struct("<II")


def make_unlit(content: bytes) -> bytes:
    """The file with materials that take no light (Khronos' KHR_materials_unlit).

    Args:
        content: A binary glTF file, which begins with its JSON, as all do.
    """
    magic, version, _ = _HEADER.unpack_from(content)
    length, kind = _CHUNK.unpack_from(content, _HEADER.size)
    assert kind == _JSON
    begin = _HEADER.size + _CHUNK.size
    tree = json.loads(content[begin : begin + length])
    for material in tree["materials"]:
        material.setdefault("extensions", {})[_EXTENSION] = {}
    tree["extensionsUsed"] = sorted({*tree.get("extensionsUsed", []), _EXTENSION})
    text = json.dumps(tree, separators=(",", ":")).encode()
    # Chunks are whole numbers of four bytes.
    text += b" " * (-len(text) % 4)
    rest = content[begin + length :]
    size = begin + len(text) + len(rest)
    return _HEADER.pack(magic, version, size) + _CHUNK.pack(len(text), _JSON) + text + rest
