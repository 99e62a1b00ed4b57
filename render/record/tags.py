"""Tags of shards in the names of files beside the sheets: `manifest.3of64.jsonl`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

_TAG = re.compile(r"\.([1-9][0-9]{0,5}of[1-9][0-9]{0,5})\.")


def find_tags(folder: Path, name: Callable[[str], str]) -> list[str]:
    """The tags of such files in a folder; the empty one is that of the whole.

    Args:
        folder: Where to look.
        name: Makes the name of such a file from a tag.
    """
    # `name("*")` is a pattern for all of them but the whole's, and for strangers, which `exists` rules out.
    candidates = ["", *{match[1] for path in folder.glob(name("*")) if (match := _TAG.search(path.name))}]
    return sorted(tag for tag in candidates if (folder / name(tag)).exists())
