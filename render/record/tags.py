"""Tags of shards in the names of files beside the sheets: `manifest.3of64.jsonl`."""

from __future__ import annotations

import re
from collections.abc import Callable

from render.files.output import Readable

_TAG = re.compile(r"[1-9][0-9]{0,5}of[1-9][0-9]{0,5}")


def find_tags(place: Readable, name: Callable[[str], str]) -> list[str]:
    """The tags of such files in a folder; the empty one is that of the whole.

    Args:
        place: Where to look.
        name: Makes the name of such a file from a tag.
    """
    start, _, end = name("*").partition("*")
    whole, found = name(""), []
    for file in place.list_names(start.rstrip(".")):
        tag = file[len(start) : -len(end)]
        if file == whole:
            found.append("")
        elif _TAG.fullmatch(tag) and file == name(tag):
            found.append(tag)
    return sorted(found)
