"""What the scripts of a page hand over."""

import json
import re
from pathlib import Path
from typing import Any


def read_script(folder: Path, name: str) -> Any:
    """What a script of the page of a folder of sheets hands over."""
    (path,) = folder.glob(f"page/data-*/{name}.js")
    text = re.fullmatch(r"receive\(\"[a-z0-9-]+\",'(.*)'\);\n", path.read_text("ascii")).group(1)
    # As JavaScript reads a string.
    return json.loads(text.encode().decode("unicode_escape"))
