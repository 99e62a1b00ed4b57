"""The keys at the top of values and of JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from render.containers.json_skip import MARK

# In which keys of JSON are looked for.
START_BYTES = 1 << 20

_COLON = re.compile(r"[ \t\n\r]*:")

Shapes = dict[str, tuple[int, ...] | None]


def list_value_keys(value: Any) -> Shapes:
    """The keys of a dictionary, or of the first one in a list, with the shapes of arrays."""
    if isinstance(value, list | tuple) and value:
        value = value[0]
    if not isinstance(value, dict):
        return {}
    return {str(key): getattr(member, "shape", None) for key, member in value.items()}


def list_json_keys(content: bytes) -> Shapes:
    """The keys at the start of a JSON text, or of its first entry where it is a list."""
    # The last letter may be cut.
    text = content.decode(json.detect_encoding(content), errors="ignore").lstrip("\ufeff")
    # In a list, of its first entry.
    wanted = 2 if text.lstrip().startswith("[") else 1
    keys: Shapes = {}
    depth = 0
    for mark in MARK.finditer(text):
        if mark["end"] == "":
            break
        if mark[0] in "[{":
            depth += 1
        elif mark[0] in "]}":
            if depth <= wanted:
                break
            depth -= 1
        elif depth == wanted and _COLON.match(text, mark.end()):
            keys[_decode_key(mark[0])] = None
    return keys


def _decode_key(quoted: str) -> str:
    try:
        return json.loads(quoted)
    except ValueError:
        return quoted[1:-1]
