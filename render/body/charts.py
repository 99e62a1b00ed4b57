"""DensePose's charts of a body, from a file in the layout of `UV_Processed.mat`."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import numpy as np
import torch

from render.body.mat_file import read_mat
from render.errors import BodyModelError
from render.files.regular import IrregularFileError, open_regular
from render.types.bodies import Charts

PART_COUNT = 24
LARGEST_FILE_BYTES = 64 << 20
# Of an array; SMPL's have 42,000 at most.
MOST_NUMBERS = 2_000_000
_KEYS = ("All_Faces", "All_FaceIndices", "All_vertices", "All_U_norm", "All_V_norm")
_WHERE = (
    "DensePose's charts of SMPL are UV_Processed.mat in densepose_uv_data.tar.gz, served from "
    "https://dl.fbaipublicfiles.com/densepose/, and smpl-render download densepose fetches them; "
    "body.charts sets the path"
)


def read_charts(path: Path, faces: torch.Tensor, vert_count: int) -> Charts:
    """The charts in a file, on the faces of a body.

    Args:
        path: Of the file.
        faces: (F, 3) int32 of the body, on the device where the charts are wanted.
        vert_count: Vertices of the body.

    Returns:
        The charts. Faces of the body that they leave out (two of SMPL's) have part 0.

    Raises:
        BodyModelError: The file is missing, damaged or made for another topology.
    """
    corners, part, vertex, uv = read_chart_arrays(path)
    if vertex.max() >= vert_count:
        raise BodyModelError(
            f"{path}: All_vertices: expected vertices of a body with {vert_count}. {_WHERE}."
        )
    on_body = vertex[corners]
    body_faces = faces.cpu().numpy().astype(np.int64)
    row = _find_faces(path, on_body, body_faces)

    # A chart may start a face at another corner than the body does.
    order = (on_body[:, None, :] == body_faces[row][:, :, None]).argmax(2)
    part_of_face = np.zeros(len(body_faces), np.int32)
    uv_of_face = np.zeros((len(body_faces), 3, 2), np.float32)
    part_of_face[row] = part
    uv_of_face[row] = uv[np.take_along_axis(corners, order, 1)]
    # A vertex on a seam has several chart vertices; here they count as the one that it is on the body.
    count = np.bincount(on_body.ravel(), minlength=vert_count).astype(np.float64)
    arrays = (torch.from_numpy(array).to(faces.device) for array in (part_of_face, uv_of_face, count))
    return Charts(*arrays)


def read_chart_arrays(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What a file with charts holds, checked as far as can be without a body, counted from 0.

    Args:
        path: Of the file.

    Returns:
        The three chart vertices of each face (F, 3), its part (F,), the body's vertex of each chart vertex
        (V,) and its u and v (V, 2).

    Raises:
        BodyModelError: The file is missing or damaged.
    """
    content = _read_arrays(path)
    # Unsigned in the file: cast before counting from 0.
    corners = content["All_Faces"].astype(np.int64) - 1
    part = content["All_FaceIndices"].astype(np.int64).ravel()
    vertex = content["All_vertices"].astype(np.int64).ravel() - 1
    u, v = content["All_U_norm"].ravel(), content["All_V_norm"].ravel()
    if not (corners.size and part.size and vertex.size) or not len(vertex) == len(u) == len(v):
        raise BodyModelError(
            f"{path}: expected faces and parts, and All_vertices, All_U_norm and All_V_norm of one length; "
            f"found sizes {corners.shape}, {len(part)}, {len(vertex)}, {len(u)}, {len(v)}. {_WHERE}."
        )
    # Checked before the cast, in which large numbers overflow, with a warning of NumPy's.
    uv = np.stack([u, v], 1)
    _check(path, corners, part, vertex, uv)
    return corners, part, vertex, uv.astype(np.float32)


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with open_regular(path) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            data = file.read(min(size_bytes, LARGEST_FILE_BYTES))
    except FileNotFoundError:
        raise BodyModelError(
            f"{path}: there are no charts for this body, and a panel asks for them. {_WHERE}."
        ) from None
    except (IrregularFileError, IsADirectoryError):
        raise BodyModelError(
            f"{path}: expected a file with charts, found no regular file. {_WHERE}."
        ) from None
    # ValueError: a name that no file system takes.
    except (OSError, ValueError) as error:
        raise BodyModelError(f"{path}: the charts cannot be read ({error}). {_WHERE}.") from error
    if size_bytes > LARGEST_FILE_BYTES:
        raise BodyModelError(f"{path}: expected charts of some 300 kB, found a far larger file. {_WHERE}.")
    try:
        arrays = read_mat(data, _KEYS, MOST_NUMBERS)
    except (ValueError, zlib.error) as error:
        raise BodyModelError(f"{path}: not a MATLAB file that can be read ({error}). {_WHERE}.") from error
    missing = [key for key in _KEYS if key not in arrays]
    if missing:
        raise BodyModelError(f"{path}: expected the arrays of UV_Processed.mat, missing {missing}. {_WHERE}.")
    for key in ("All_Faces", "All_FaceIndices", "All_vertices"):
        # Cast to integers, fractions would be lost and NaN become anything. The limit makes the cast safe.
        array = arrays[key]
        if not ((array >= 0) & (array < 2**31) & (array == np.floor(array))).all():
            raise BodyModelError(f"{path}: {key}: expected whole numbers from 1 on. {_WHERE}.")
    return arrays


def _check(path: Path, corners: np.ndarray, part: np.ndarray, vertex: np.ndarray, uv: np.ndarray) -> None:
    faults = {
        f"All_Faces: expected (faces, 3), found {corners.shape}": corners.ndim != 2 or corners.shape[1] != 3,
        f"All_FaceIndices: expected one for each face, found {len(part)}": len(part) != len(corners),
        "All_Faces: an index outside of the charts": corners.min() < 0 or corners.max() >= len(vertex),
        "All_vertices: expected vertices of a body": vertex.min() < 0,
        f"All_FaceIndices: expected parts 1 to {PART_COUNT}": part.min() < 1 or part.max() > PART_COUNT,
        # Written so that NaN is a fault.
        "All_U_norm and All_V_norm: expected 0 to 1": not (uv.min() >= 0 and uv.max() <= 1),
    }
    for fault, is_found in faults.items():
        if is_found:
            raise BodyModelError(f"{path}: {fault}. {_WHERE}.")


def _find_faces(path: Path, on_body: np.ndarray, body_faces: np.ndarray) -> np.ndarray:
    """The row in `body_faces` of each chart face, by its set of vertices."""

    def key(faces: np.ndarray) -> np.ndarray:
        a, b, c = np.sort(faces, 1).T
        # 21 bits for each: neither charts nor bodies have more vertices.
        return (a << 42) | (b << 21) | c

    known = key(body_faces)
    order = np.argsort(known)
    wanted = key(on_body)
    # A key above all known ones is put on the last row, where it is found to be a stranger.
    row = order[np.searchsorted(known, wanted, sorter=order).clip(max=len(known) - 1)]
    strangers = int((known[row] != wanted).sum())
    if strangers:
        raise BodyModelError(
            f"{path}: these charts are of another body: {strangers} of their {len(wanted)} faces are no "
            f"faces of the body in use. Charts belong to one topology; set body.charts to this body's."
        )
    return row
