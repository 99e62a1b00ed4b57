"""SMPL model files: the registered pickle, its npz conversions, and the compact layout of the demo body."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import NoReturn

from render.body.model_arrays import arrays_from_npz, arrays_from_pickle
from render.body.safe_pickle import ForbiddenNameError
from render.body.smpl_arrays import COMPACT_KEYS, MODEL_KEYS, SmplArrays, smpl_arrays
from render.errors import BodyModelError

# The file is read into memory as a whole.
LARGEST_FILE_BYTES = 1 << 30
_REGISTER = (
    "SMPL must be registered for at https://smpl.is.tue.mpg.de; download the neutral model "
    "(basicModel_neutral_lbs_10_207_0_v1.0.0.pkl or basicmodel_neutral_lbs_10_207_0_v1.1.0.pkl)"
)


def read_model_file(path: Path) -> SmplArrays:
    """The arrays of an SMPL model, floats in float32, the first 10 betas kept.

    A pickle is read as data, without running anything in it.

    Args:
        path: Of the file, .pkl or .npz.

    Raises:
        BodyModelError: The file is missing, damaged, not a model, or asks for code to be run.
    """
    data = _read_bytes(path)
    try:
        # The content counts, not the name: an npz is a zip archive, which begins so.
        if data.startswith(b"PK"):
            arrays = arrays_from_npz(data, tuple({*MODEL_KEYS, *COMPACT_KEYS}))
        else:
            arrays = arrays_from_pickle(data, MODEL_KEYS)
    # zipfile, zlib, lzma, pickletools and numpy raise almost anything where bytes are damaged.
    except Exception as error:
        _refuse_damaged(path, data, error)
    try:
        return smpl_arrays(arrays)
    except ValueError as error:
        raise BodyModelError(
            f"{path}: {error}. Use an SMPL model file as distributed: {_REGISTER}."
        ) from error


def _read_bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise BodyModelError(f"{path}: expected an SMPL model file, found {kind}. Name the file itself.")
        if status.st_size > LARGEST_FILE_BYTES:
            raise BodyModelError(
                f"{path}: expected an SMPL model of at most {LARGEST_FILE_BYTES >> 20} MiB, found "
                f"{status.st_size >> 20} MiB. This is another file: {_REGISTER}."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise BodyModelError(
            f"{path}: there is no such body model file. {_REGISTER} and put it at {path.absolute()}."
        ) from None
    except OSError as error:
        raise BodyModelError(
            f"{path}: the body model cannot be read ({error.strerror}). Check the file's permissions."
        ) from error


def _refuse_damaged(path: Path, data: bytes, error: Exception) -> NoReturn:
    """Says what usually happens to model files, else what was wrong while reading."""
    again = f"Download it again: {_REGISTER}"
    if not data.strip():
        cause = f"the file is empty. {again}"
    elif data.startswith(b"version https://git-lfs"):
        cause = "found a git-lfs pointer instead of the file. Fetch the file itself with `git lfs pull`"
    elif data.lstrip().startswith((b"<!", b"<html", b"<HTML", b"<?xml")):
        cause = (
            f"found a web page (HTML) saved under this name, perhaps a login page. {again} while logged in"
        )
    elif data.count(b"\n") == data.count(b"\r\n") > 0:
        # In an intact file most newline bytes are part of numbers, without a carriage return before them.
        cause = (
            "its line ends were changed to CRLF, which ruins binary files (FTP's text mode, git's autocrlf). "
            "Copy it again in binary mode"
        )
    elif isinstance(error, ForbiddenNameError):
        cause = (
            f"it asks for {error}, which no SMPL model needs and could run code; nothing of it was run. "
            f"Do not trust this file. {again}"
        )
    # A pickle ends with its stop mark, a full stop.
    elif isinstance(error, zipfile.BadZipFile | EOFError) or (data[:1] != b"P" and data[-1:] != b"."):
        cause = f"the file was cut short or damaged ({str(error)[:200]}). {again}"
    else:
        cause = f"{str(error)[:300]}. {again}"
    raise BodyModelError(f"{path}: expected an SMPL model (.pkl or .npz); {cause}.") from error
