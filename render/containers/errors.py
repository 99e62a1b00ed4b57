"""What is wrong with a file of arrays, in one sentence; whoever opened the file puts its path before it."""

from __future__ import annotations

import contextlib
import errno
import zipfile
import zlib
from collections.abc import Iterator

# Of what is made of one file. What a file claims beyond that is refused before it is made.
MOST_BYTES = 4 << 30


class ContainerError(ValueError):
    """A file of arrays is damaged, claims too much, or holds what is no data."""


class ForbiddenNameError(ContainerError):
    """A pickle asks for a name that is not allowed. Nothing of it was run.

    Attributes:
        name: Which, in printable ASCII.
    """

    def __init__(self, name: str) -> None:
        self.name = ascii(name[:200])[1:-1][:200]
        needless = "which no file of arrays needs and could run code"
        super().__init__(f"it asks for {self.name}, {needless}; nothing of it was run")


class Budget:
    """What may still be made of a file beside what it holds.

    Args:
        most_bytes: All together.
    """

    def __init__(self, most_bytes: int) -> None:
        self._left_bytes = self._most_bytes = most_bytes

    def spend(self, size_bytes: int) -> None:
        """Takes from it, or raises ContainerError where it is used up."""
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise ContainerError(f"putting its values together takes more than {self._most_bytes >> 20} MiB")


@contextlib.contextmanager
def plain_errors(key: str = "") -> Iterator[None]:
    """Turns whatever libraries raise where bytes are damaged into a ContainerError.

    Args:
        key: Of the array that is read, which the message begins with.
    """
    where = f"{key[:60]!a}: " if key else ""
    try:
        yield
    except ContainerError as error:
        if key and type(error) is ContainerError:
            raise ContainerError(f"{where}{error}") from error
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ContainerError(f"{where}it is cut short or damaged ({_first_line(error)})") from error
    except OSError as error:
        # Of the disk, unless a file's own offsets lead before its start.
        if error.errno != errno.EINVAL:
            raise
        raise ContainerError(f"{where}it is damaged ({_first_line(error)})") from error
    # zipfile, NumPy and the decoders of text raise almost anything where bytes are damaged.
    except Exception as error:
        raise ContainerError(f"{where}it is damaged ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    lines = ascii(str(error))[1:-1].split("\\n")
    return lines[0][:200] or type(error).__name__
