"""Tags of shards in the names of files beside the sheets: `manifest.3of64.jsonl`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

_TAG = re.compile(r"\.([1-9][0-9]{0,5}of[1-9][0-9]{0,5})\.")


def find_tags(folder: Path, name: Callable[[str], str]) -> list[str]:
    """The tags of the files in a folder that `name` makes names of; the empty one is that of the whole."""
    candidates = ["", *{match[1] for path in folder.glob(name("*")) if (match := _TAG.search(path.name))}]
    return sorted(tag for tag in candidates if (folder / name(tag)).exists())
