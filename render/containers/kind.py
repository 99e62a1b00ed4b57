"""What kind of file it is, told by its content."""

from __future__ import annotations

import os
import pickle
import re
import zipfile
from io import BufferedReader
from pathlib import Path

from render.containers.contents.archives import is_torch, open_archive
from render.containers.errors import ContainerError
from render.containers.pickles.torch_values import MAGIC_BYTES
from render.containers.pickles.unpack import is_packed, unpack
from render.files.regular import open_regular

# In which joblib's name is looked for, and lines of a mesh.
START_BYTES = 1 << 20
_OBJ = re.compile(rb"\s*(#[^\n]*\n\s*)*(v|vt|vn|f|o|g|s|usemtl|mtllib) [^\n]*\n")
# With what protocols 0 and 1 begin: marks, empty lists and dictionaries, names, texts, numbers, None.
_OLD_PICKLE = re.compile(rb"[(\]})cNSVUXTIFLKMJG]")
_JOBLIB = b"joblib.numpy_pickle"


def find_kind(path: Path) -> str:
    """What kind of file it is, told by its content.

    Args:
        path: Of a file or a folder.

    Returns:
        "json", "npz", "npy", "pickle", "joblib", "torch", "obj", "ply", "glb", "folder" or "unknown".

    Raises:
        OSError: It cannot be read.
    """
    if path.is_dir():
        return "folder"
    with open_regular(path) as file:
        return find_kind_of(file)


def find_kind_of(file: BufferedReader) -> str:
    """As `find_kind` has it, of a file that is open and stays at its start."""
    start = file.read(START_BYTES)
    if is_packed(start):
        file.seek(0)
        try:
            inside = unpack(file, START_BYTES, is_start=True)
        except ContainerError:
            # Reading it will say what is wrong.
            inside = b""
        file.seek(0)
        return "joblib" if not inside or _is_pickle(inside) else "unknown"
    kind = _find_plain(start, file)
    file.seek(0)
    return kind


def _find_plain(start: bytes, file: BufferedReader) -> str:
    for magic, kind in (
        (b"\x93NUMPY", "npy"),
        (b"glTF", "glb"),
        (b"ply\n", "ply"),
        (b"ply\r\n", "ply"),
        (MAGIC_BYTES, "torch"),
    ):
        if start.startswith(magic):
            return kind
    if start.startswith(b"PK"):
        return _find_archive(file)
    # Text in UTF-16 and 32 has a NUL in every character of ASCII.
    text = start[:4096].removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \t\r\n\0")
    if text.startswith((b"{", b"[")):
        return "json"
    if _OBJ.match(start):
        return "obj"
    if start[:1] == pickle.PROTO or (_is_pickle(start) and _ends_as_pickle(file)):
        return "joblib" if _JOBLIB in start.replace(b"\n", b".") else "pickle"
    return "unknown"


def _find_archive(file: BufferedReader) -> str:
    try:
        with open_archive(file) as archive:
            if is_torch(archive):
                return "torch"
            return "npz" if any(name.endswith(".npy") for name in archive.namelist()) else "unknown"
    # Cut short; reading it will say so.
    except (ValueError, zipfile.BadZipFile, NotImplementedError):
        return "npz"


def _ends_as_pickle(file: BufferedReader) -> bool:
    """Whether it ends with the stop mark: text may begin as old pickles do."""
    file.seek(-1, os.SEEK_END)
    return file.read(1) == pickle.STOP


def _is_pickle(start: bytes) -> bool:
    return (start[:1] == pickle.PROTO and start[1:2] <= b"\x05") or bool(_OLD_PICKLE.match(start))
