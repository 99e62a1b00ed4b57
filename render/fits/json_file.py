"""JSON files that the user names, read whole, with errors that say what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from render.errors import FitFileError
from render.fits.json_values import describe, shown


@dataclass(frozen=True)
class JsonFile:
    """A file with a list of entries, and the words for its errors.

    kind: what it is, such as "an EFT fit file". layout: what that looks like. entries_key: the key of its
    list of entries. content: what an entry is, in the plural. setting: the setting that names the file.
    served_from: a sentence on where to get it.
    """

    path: Path
    kind: str
    layout: str
    entries_key: str
    content: str
    setting: str
    served_from: str

    def read_entries(self) -> list[Any]:
        """The list of entries; raises FitFileError where there is none or it is empty."""
        content = self._load(self._read())
        key = self.entries_key
        entries = content.get(key) if isinstance(content, dict) else None
        if not isinstance(entries, list):
            found = describe(content)
            if isinstance(content, dict):
                keys = ", ".join(f'"{shown(name)}"' for name in list(content)[:10])
                found = (
                    f'"{key}" with {describe(entries)}' if key in content else f"the keys {keys or 'none'}"
                )
            self.refuse(f"found {found}", f"Set {self.setting} to {self.kind}")
        if not entries:
            self.refuse(
                f'the list "{key}" is empty', f"Set {self.setting} to a file with {self.content} in it"
            )
        return entries

    def refuse(self, found: str, advice: str) -> NoReturn:
        """Raises FitFileError naming the file, what was expected and found, and what to do."""
        raise FitFileError(f"{self.path}: expected {self.kind}: {self.layout}; {found}. {advice}.")

    def _read(self) -> bytes:
        try:
            if self.path.exists() and not self.path.is_file():
                kind = "a folder" if self.path.is_dir() else "not a regular file"
                self.refuse(f"found {kind}", f"Set {self.setting} to the JSON file itself")
            return self.path.read_bytes()
        except FileNotFoundError:
            self.refuse("there is no such file", f"{self.served_from}; {self.setting} sets the path")
        except OSError as error:
            self.refuse(f"it cannot be read ({error.strerror})", "Check the file's permissions and the disk")

    def _load(self, text: bytes) -> Any:
        again = f"Download it again: {self.served_from}"
        if not text.strip():
            self.refuse("the file is empty", again)
        if text.startswith(b"version https://git-lfs"):
            self.refuse(
                "found a git-lfs pointer instead of the file", "Fetch the file itself with `git lfs pull`"
            )
        if text.lstrip().startswith(b"<"):
            self.refuse("found a web page (HTML) saved under this name", again)
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            cut = " (the file ends there: it was cut short)" if error.pos >= len(error.doc.rstrip()) else ""
            self.refuse(f"it is not JSON: {error.msg} at {where}{cut}", again)
        except UnicodeDecodeError as error:
            self.refuse(f"it is not JSON: byte {error.start} is not {error.encoding} text", again)
        except RecursionError:
            self.refuse("its lists are nested too deep", again)
        except ValueError as error:
            self.refuse(f"it is not usable JSON: {error}", again)
