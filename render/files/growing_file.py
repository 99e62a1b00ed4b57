"""A file that is written bit by bit; what goes wrong with it is told in words at once."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from render.errors import OutputError
from render.files.digest import FileId
from render.files.faults import explain_failure

if TYPE_CHECKING:
    from typing_extensions import Buffer


class GrowingFile(io.FileIO):
    """A file that is open to be written, at any place of it, without a buffer.

    Its errors are OutputErrors of the name that it will have: whoever writes into it need not tell them from
    errors of what is written.

    Args:
        descriptor: Of the file, open to be read and written; closing it is the caller's.
        path: What it will be called.
        setting: The one that says where it goes.

    Attributes:
        id: What it is known by, once it is whole and in its place; None until then.
    """

    def __init__(self, descriptor: int, path: Path, setting: str) -> None:
        super().__init__(descriptor, "r+b", closefd=False)
        self._path, self._setting = path, setting
        self.id: FileId | None = None

    def write(self, data: Buffer, /) -> int:
        """Writes all of it, where `io.FileIO` may write less."""
        view = memoryview(data).cast("B")
        left = view
        try:
            while len(left):
                left = left[super().write(left) or 0 :]
        except OSError as error:
            self._fail(error)
        return len(view)

    def identify(self) -> FileId:
        """Reads it once, and says what it is known by."""
        try:
            length = self.seek(0, io.SEEK_END)
            self.seek(0)
            return FileId(length, hashlib.file_digest(self, "sha256").hexdigest())
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> NoReturn:
        reason = explain_failure(self._path, error, self._setting)
        raise OutputError(f"{self._path}: cannot be written: {reason}.") from error
