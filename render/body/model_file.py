"""Model files of SMPL's family: pickles, npz archives, and the compact layout of the demo body."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from typing import NoReturn

from render.body.family.kinds import KINDS, BodyKind
from render.body.file_kind import OtherFileError, list_models_below, name_file, name_zip
from render.body.pickle_arrays import arrays_from_pickle
from render.body.smpl_arrays import COMPACT_KEYS, SmplArrays, list_keys, smpl_arrays
from render.body.stored_array import StoredArray
from render.containers.errors import ForbiddenNameError
from render.containers.npz_arrays import npz_arrays, open_npz
from render.errors import BodyModelError
from render.files.regular import IrregularFileError, open_regular

# A pickle is read into memory as a whole.
LARGEST_FILE_BYTES = 1 << 30
# Of a file that cannot be read, to say what it is.
START_BYTES = 1 << 20


def read_model_file(path: Path, kind: BodyKind = KINDS["smpl"]) -> SmplArrays:
    """The arrays of a model, floats in float32.

    A pickle is read as data, without running anything in it.

    Args:
        path: Of the file, .pkl or .npz.
        kind: Of which it is to be.

    Raises:
        BodyModelError: The file is missing, damaged, not a model, or asks for code to be run.
    """
    with _open(path, kind) as file:
        try:
            # The content counts, not the name: an npz is a zip archive, which begins so.
            if file.peek(2).startswith(b"PK"):
                with open_npz(file) as archive:
                    arrays = npz_arrays(archive, {*list_keys(kind), *COMPACT_KEYS})
                    if not arrays:
                        raise OtherFileError(name_zip(archive.namelist()))
                    return _smpl_arrays(path, arrays, kind)
            return _smpl_arrays(path, arrays_from_pickle(file.read(), list_keys(kind)), kind)
        except BodyModelError:
            raise
        except OtherFileError as error:
            raise BodyModelError(
                f"{path}: expected {_describe(kind)} (.pkl or .npz), found {error}. {kind.register}."
            ) from error
        # zipfile, zlib, pickletools and numpy raise almost anything where bytes are damaged.
        except Exception as error:
            _refuse_damaged(path, file, error, kind)


def _smpl_arrays(path: Path, arrays: Mapping[str, StoredArray], kind: BodyKind) -> SmplArrays:
    try:
        return smpl_arrays(arrays, kind)
    except ValueError as error:
        raise BodyModelError(
            f"{path}: {error}. Use {_describe(kind)} file as distributed: {kind.register}."
        ) from error


def _open(path: Path, kind: BodyKind) -> BufferedReader:
    try:
        file = open_regular(path)
    except FileNotFoundError:
        raise BodyModelError(
            f"{path}: there is no such body model file. {kind.register} and put it at {path.absolute()}."
        ) from None
    except IsADirectoryError:
        models = list_models_below(path)
        advice = f"It holds {models}: set body.path to one of them" if models else kind.register
        raise BodyModelError(f"{path}: expected {_describe(kind)} file, found a folder. {advice}.") from None
    except IrregularFileError:
        raise BodyModelError(
            f"{path}: expected {_describe(kind)} file, found a pipe, a socket or a device. "
            "Name the file itself."
        ) from None
    except OSError as error:
        raise BodyModelError(
            f"{path}: the body model cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error
    # A NUL in the name.
    except ValueError as error:
        raise BodyModelError(f"{str(path)!a}: the body model cannot be read ({error}).") from error
    size_bytes = os.fstat(file.fileno()).st_size
    if size_bytes > LARGEST_FILE_BYTES:
        file.close()
        raise BodyModelError(
            f"{path}: expected {_describe(kind)} of at most {LARGEST_FILE_BYTES >> 20} MiB, found "
            f"{size_bytes >> 20} MiB. This is another file: {kind.register}."
        )
    return file


def _refuse_damaged(path: Path, file: BufferedReader, error: Exception, kind: BodyKind) -> NoReturn:
    """Says what usually happens to model files, else what was wrong while reading."""
    file.seek(0)
    start = file.read(START_BYTES)
    file.seek(max(0, os.fstat(file.fileno()).st_size - 1))
    end = file.read(1)
    again = f"Download it again: {kind.register}"
    if not start.strip():
        cause = f"the file is empty. {again}"
    elif other := name_file(start):
        cause = f"found {other}. {kind.register}"
    elif start.count(b"\n") == start.count(b"\r\n") > 0:
        # In an intact file most newline bytes are part of numbers, without a carriage return before them.
        cause = (
            "its line ends were changed to CRLF, which ruins binary files (FTP's text mode, git's autocrlf). "
            "Copy it again in binary mode"
        )
    elif isinstance(error, ForbiddenNameError):
        cause = (
            f"it asks for {error.name}, which no body model needs and could run code; nothing of it was run. "
            f"Do not trust this file. {again}"
        )
    # A pickle ends with its stop mark, a full stop.
    elif isinstance(error, zipfile.BadZipFile | EOFError) or (start[:1] != b"P" and end != b"."):
        cause = f"the file was cut short or damaged ({str(error)[:200]}). {again}"
    else:
        cause = f"{str(error)[:300]}. {again}"
    raise BodyModelError(f"{path}: expected {_describe(kind)} (.pkl or .npz); {cause}.") from error


def _describe(kind: BodyKind) -> str:
    return f"{'an' if kind.name.startswith('smpl') else 'a'} {kind.title} model"
