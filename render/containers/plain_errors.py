"""What libraries raise where a stranger's bytes are damaged, as one plain sentence."""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Iterator

from render.containers.errors import ContainerError


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
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        ArithmeticError,
        SyntaxError,
        RecursionError,
        NotImplementedError,
        MemoryError,
    ) as error:
        raise ContainerError(f"{where}it is damaged ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    lines = ascii(str(error))[1:-1].split("\\n")
    return lines[0][:200] or type(error).__name__
