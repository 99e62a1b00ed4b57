"""A body's own UV map: from an OBJ file, or from the arrays vt and ft of an npz or of the body model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from render.body.file_kind import OtherFileError
from render.body.pickle_arrays import arrays_from_pickle
from render.body.stored_array import StoredArray, check_finite, check_stored, read_floats
from render.body.surface.match_faces import match_faces
from render.containers.errors import ContainerError, ForbiddenNameError
from render.containers.kind import find_kind
from render.containers.mesh_formats.obj_uv import parse_obj_uv
from render.containers.npz_arrays import npz_arrays, open_npz
from render.errors import BodyModelError
from render.files.regular import IrregularFileError, open_regular

_MODEL_KINDS = ("npz", "pickle")
# SMPL-X's OBJ has 2 MB. A model, which may hold a map, has some hundred.
LARGEST_OBJ_BYTES = 64 << 20
LARGEST_FILE_BYTES = 1 << 30
# Far more than any body has.
MOST_UVS = 1_000_000
# What is outside of the picture shows its border; what is computed from these stays inside float32.
LARGEST_UV = 1e6
WHERE = (
    "UV maps of SMPL and SMPL-X come with their downloads (smpl_uv.obj, smplx_uv.obj; SMPLX_NEUTRAL.npz has "
    "its own); body.uv sets the path, and body.uv=densepose takes the charts"
)


class _UvArrays(NamedTuple):
    """A map as its file has it.

    Attributes:
        vt: (T, 2), float32.
        ft: (F, 3) rows of `vt`.
        corners: (F, 3) vertices, None where the file has none: its faces are in the body's order.
    """

    vt: np.ndarray
    ft: np.ndarray
    corners: np.ndarray | None


def read_uv_map(path: Path, faces: torch.Tensor) -> torch.Tensor:
    """The map in a file, on the faces of a body.

    Args:
        path: Of an OBJ file with vt, or of an npz or a pickle with `vt` (T, 2) and `ft` (F, 3), as SMPL-X's
            own file has them. An `f` or `faces` (F, 3) beside them tells the order of the faces.
        faces: (F, 3) int32 of the body, on the device where the map is wanted.

    Returns:
        (F, 3, 2), float32, see `TextureMap`.

    Raises:
        BodyModelError: The file is missing, damaged, holds no map, or one of another topology.
    """
    found = _read_arrays(path)
    if found is None:
        raise BodyModelError(f"{path}: expected a UV map (the arrays vt and ft), found none. {WHERE}.")
    return _place(path, found, faces)


def find_model_uv(path: Path, faces: torch.Tensor) -> torch.Tensor | None:
    """The map that a body model's own file holds, None where it holds none.

    Args:
        path: Of the model.
        faces: As `read_uv_map` has them.

    Raises:
        BodyModelError: It is damaged.
    """
    # Faces of a topology may come from a mesh.
    found = _read_arrays(path) if find_kind(path) in _MODEL_KINDS else None
    return None if found is None else _place(path, found, faces)


def _place(path: Path, found: _UvArrays, faces: torch.Tensor) -> torch.Tensor:
    uv = found.vt[found.ft]
    body_faces = faces.cpu().numpy().astype(np.int64)
    try:
        if len(uv) != len(body_faces):
            raise ValueError(f"it has {len(uv)} faces, and the body {len(body_faces)}")
        if found.corners is not None:
            row, order = match_faces(found.corners, body_faces)
            uv = np.take_along_axis(uv[row], order[:, :, None], 1)
    except ValueError as error:
        raise BodyModelError(f"{path}: this UV map is of another body: {error}. {WHERE}.") from None
    return torch.from_numpy(np.ascontiguousarray(uv)).to(faces.device)


def _read_arrays(path: Path) -> _UvArrays | None:
    try:
        kind = find_kind(path)
        most_bytes = LARGEST_OBJ_BYTES if kind == "obj" else LARGEST_FILE_BYTES
        if kind not in ("obj", *_MODEL_KINDS):
            raise ContainerError(f"expected an OBJ, an npz or a pickle with a UV map, found {_name(kind)}")
        with open_regular(path) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if size_bytes > most_bytes:
                raise ContainerError(f"it has {size_bytes >> 20} MiB, more than {most_bytes >> 20}")
            if kind == "obj":
                return _check_obj(file.read())
            keys = ("vt", "ft", "f", "faces")
            if kind != "npz":
                return _check_arrays(dict(arrays_from_pickle(file.read(), keys)))
            with open_npz(file) as archive:
                return _check_arrays(dict(npz_arrays(archive, keys)))
    except FileNotFoundError:
        raise BodyModelError(f"{path}: there is no such UV map. {WHERE}.") from None
    except IrregularFileError:
        raise BodyModelError(f"{path}: expected a UV map, found no regular file. {WHERE}.") from None
    except OtherFileError as error:
        raise BodyModelError(f"{path}: expected a UV map, found {error}. {WHERE}.") from None
    except ForbiddenNameError as error:
        raise BodyModelError(f"{path}: {error}. Do not trust this file. {WHERE}.") from None
    except OSError as error:
        raise BodyModelError(f"{path}: the UV map cannot be read ({error.strerror}). {WHERE}.") from error
    # zipfile, zlib and NumPy raise almost anything where bytes are damaged.
    except Exception as error:
        raise BodyModelError(f"{path}: the UV map cannot be read: {str(error)[:300]}. {WHERE}.") from error


def _name(kind: str) -> str:
    return "another file" if kind == "unknown" else f"a {kind}" if kind == "folder" else f"a file of {kind}"


def _check_obj(text: bytes) -> _UvArrays:
    found = parse_obj_uv(text)
    if not len(found.vt):
        raise ValueError("it has no vt, and so no UV map")
    if not len(found.corners):
        raise ValueError("it has no faces")
    lost = np.flatnonzero((found.uv_corners < 0).any(1))
    if len(lost):
        raise ValueError(f"face {lost[0]} has a corner without vt: expected f 1/1 2/2 3/3")
    with np.errstate(over="ignore"):
        return _check(_UvArrays(found.vt.astype(np.float32), found.uv_corners, found.corners))


def _check_arrays(arrays: dict[str, StoredArray]) -> _UvArrays | None:
    if not {"vt", "ft"} <= arrays.keys():
        return None
    # Before anything is read: an archive may claim what does not fit into memory.
    vt_count, ft_count = ((arrays[key].shape or (0,))[0] for key in ("vt", "ft"))
    check_stored("vt", arrays["vt"], (min(vt_count, MOST_UVS), 2), "numbers")
    check_stored("ft", arrays["ft"], (min(ft_count, MOST_UVS), 3), "integers")
    corners = None
    given = next((arrays[key] for key in ("f", "faces") if key in arrays), None)
    if given is not None:
        check_stored("faces", given, arrays["ft"].shape, "integers")
        corners = given.read(np.int64)
    return _check(_UvArrays(read_floats(arrays, "vt"), arrays["ft"].read(np.int64), corners))


def _check(found: _UvArrays) -> _UvArrays:
    check_finite("vt", found.vt)
    if found.vt.size and np.abs(found.vt).max() > LARGEST_UV:
        raise ValueError(f"vt: expected numbers up to {LARGEST_UV:g}, found {np.abs(found.vt).max():g}")
    if found.ft.size and not (found.ft.min() >= 0 and found.ft.max() < len(found.vt)):
        raise ValueError(
            f"ft: expected rows of {len(found.vt)} vt, found {found.ft.min()} to {found.ft.max()}"
        )
    return found
