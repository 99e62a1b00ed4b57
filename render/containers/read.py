"""Any file of arrays, as plain values, and what else readers of fits need of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from render.containers.contents.values import read_values
from render.containers.errors import ContainerError
from render.containers.keys import list_keys
from render.containers.kind import find_kind
from render.containers.mapped_npz import map_npz

__all__ = ["ContainerError", "find_kind", "list_keys", "map_npz", "read_container"]


def read_container(path: Path) -> Any:
    """Reads a file of arrays; its content decides how, never its name.

    It may be an archive of np.savez, an array of np.save, a pickle of any protocol, a dump of joblib, packed
    or not, a file of torch.save, or JSON of up to 64 MiB (longer lists: `json_stream`).

    Args:
        path: Of the file.

    Returns:
        Dictionaries, lists, tuples, sets, texts, bytes, numbers and None, with NumPy's arrays, which may be
        read-only. NumPy's scalars come out as Python's, tensors as arrays, arrays without axes of one object
        (as `np.savez(file, results=a_dictionary)` makes them) as the object itself.

    Raises:
        ForbiddenNameError: A pickle asks for a name that is not on the list; nothing of it was run.
        ContainerError: The file is of another kind, is damaged or claims too much. The message is one
            sentence without the path.
        OSError: It cannot be read.
    """
    return read_values(path)
