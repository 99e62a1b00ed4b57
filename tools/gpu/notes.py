"""What a step finds: a file of JSON that is whole at any time, whatever ends the step."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class Notes:
    """What was found so far.

    Args:
        path: Where it is written, anew after each find.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, Any] = {}
        self._lines: list[str] = []

    def add(self, name: str, value: Any, line: str | None = None) -> None:
        """Notes one find.

        Args:
            name: What it is called in the file.
            value: What JSON can hold.
            line: For the table at the end, where the find is worth one.
        """
        self._found[name] = value
        if line is not None:
            self._lines.append(line)
        print(line or f"{name}: {value}", flush=True)
        temporary = self._path.with_suffix(".part")
        temporary.write_text(
            json.dumps({"found": self._found, "lines": self._lines}, indent=1, default=str) + "\n"
        )
        os.replace(temporary, self._path)
