"""MATLAB files: numbers that are wanted are read as SciPy reads them, and nothing else is unpacked."""

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from render.body.charts import read_chart_arrays
from render.body.mat_file import MOST_VARIABLES, read_mat
from render.errors import BodyModelError
from render.resources import DEMO_BODY_FILE

CELL, DOUBLE, FUNCTION, OPAQUE = 1, 6, 16, 17


def element(kind, data, order="<"):
    return struct.pack(f"{order}II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def head(kind, dims, name, order="<", flags=0):
    return (
        element(6, struct.pack(f"{order}II", kind | flags, 0), order)
        + element(5, struct.pack(f"{order}{len(dims)}i", *dims), order)
        + element(1, name, order)
    )


def variable(kind, dims, name, numbers, order="<", flags=0):
    return element(14, head(kind, dims, name, order, flags) + numbers, order)


def squeeze(content, order="<"):
    packed = zlib.compress(content)
    return struct.pack(f"{order}II", 15, len(packed)) + packed


def mat(*variables, order="<"):
    end = struct.pack("<HH", 0x0100, 0x4D49) if order == "<" else struct.pack(">HH", 0x0100, 0x4D49)
    return b"MATLAB 5.0 MAT-file".ljust(124) + end + b"".join(variables)


def read(data, *names):
    return read_mat(data, names or ("x",), 1000)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("pack", [lambda content, order: content, squeeze], ids=["plain", "compressed"])
def test_numbers_are_those_of_scipy(order, pack):
    """Of either byte order, and stored in less room than their class has, as MATLAB does."""
    numbers = np.arange(6, dtype=f"{order}u2")
    data = mat(
        pack(variable(CELL, (1, 1), b"other", b"anything", order), order),
        pack(variable(DOUBLE, (2, 3), b"x", element(4, numbers.tobytes(), order), order), order),
        order=order,
    )
    expected = np.arange(6).reshape(2, 3, order="F")
    np.testing.assert_array_equal(read(data)["x"], expected)
    np.testing.assert_array_equal(scipy.io.loadmat(io.BytesIO(data), variable_names=["x"])["x"], expected)


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize("code", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "?"])
def test_every_type_of_numbers(code, is_compressed):
    file = io.BytesIO()
    arrays = {"x": np.array([[0, 1, 2], [3, 4, 5]]).astype(code), "y": np.ones((1, 1), code)}
    others = {"cells": np.array([1, "a"], object), "text": "abc", "sparse": scipy.sparse.eye(3).tocsc()}
    scipy.io.savemat(file, others | arrays, do_compression=is_compressed)
    found = read(file.getvalue(), "x", "y")
    expected = scipy.io.loadmat(io.BytesIO(file.getvalue()))
    for name in arrays:
        assert found[name].dtype == expected[name].dtype
        np.testing.assert_array_equal(found[name], expected[name])


ZEROS = element(9, bytes(8))
NUMBERS = variable(DOUBLE, (1, 1), b"x", ZEROS)
BAD = {
    "cells": (variable(CELL, (1, 1), b"x", NUMBERS), "x: expected real numbers, found cells"),
    "function": (variable(FUNCTION, (1, 1), b"x", NUMBERS), "x: expected real numbers, found a function"),
    "complex": (variable(DOUBLE, (1, 1), b"x", ZEROS * 2, flags=0x800), "found complex ones"),
    "negative": (variable(DOUBLE, (-1, -8), b"x", ZEROS), r"x: expected sizes, found \(-1, -8\)"),
    "huge": (variable(DOUBLE, (2**31 - 1,) * 32, b"x", ZEROS), "x: expected at most 1,000 numbers"),
    "too few": (variable(DOUBLE, (1, 2), b"x", ZEROS), r"x: expected 16 bytes for \(1, 2\), found 8"),
    "too many": (variable(DOUBLE, (1, 1), b"x", ZEROS * 2), "x: expected 8 bytes"),
    "text": (variable(DOUBLE, (1, 1), b"x", element(16, b"abc")), "x: .* elements of type 16"),
    "matrix inside": (variable(DOUBLE, (1, 1), b"x", NUMBERS), "x: .* elements of type 14"),
    "twice": (NUMBERS * 2, "it holds x twice"),
    "cut": (NUMBERS[:-8], "it is cut short"),
    "tail": (NUMBERS + b"\0", "it is cut short"),
    "no variable": (element(9, bytes(8)), "found an element of type 9"),
    "compressed twice": (squeeze(squeeze(NUMBERS)), "found an element of type 15"),
    "no check sum": (squeeze(NUMBERS)[:-4] + b"oops", "incorrect data check"),
    "longer than it says": (squeeze(NUMBERS + bytes(8)), "of another size than it says"),
    "many": (variable(DOUBLE, (1, 1), b"y", ZEROS) * (MOST_VARIABLES + 1), "more than 1000 variables"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_what_is_no_array_of_numbers_is_named(content, message):
    with pytest.raises((ValueError, zlib.error), match=message):
        read(mat(content))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\0" * 200, "version 4"),
        (b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM", "version 7.3; save it with -v7"),
        (b"\x89HDF\r\n\x1a\n", "version 7.3"),
        (b"", "it is none"),
        (b"<html>", "it is none"),
    ],
)
def test_other_versions_are_named(data, message):
    with pytest.raises(ValueError, match=message):
        read(data)


@pytest.mark.parametrize(
    "other",
    [
        variable(DOUBLE, (1,) * 80_000, b"x", ZEROS),
        variable(DOUBLE, (1, 1), b"x" * 80_000, ZEROS),
        element(14, element(6, struct.pack("<II", OPAQUE, 0)) + element(1, b"x") + element(1, b"MCOS")),
        squeeze(variable(DOUBLE, (1 << 20, 8), b"other", element(9, bytes(8 << 20)))),
    ],
    ids=["axes", "name", "opaque", "large"],
)
def test_other_variables_are_passed_over_unread(other):
    data = mat(other, NUMBERS)
    tracemalloc.start()
    try:
        assert read(data)["x"].tolist() == [[0]]
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def nest_cells(depth):
    """Cells in cells, each head with the size of what follows."""
    heads, size = [], 8
    for i in range(depth):
        start = head(CELL, (1, 1), b"All_Faces" if i == depth - 1 else b"")
        heads.append(struct.pack("<II", 14, len(start) + size) + start)
        size += len(start) + 8
    return squeeze(b"".join(reversed(heads)) + struct.pack("<II", 14, 0))


@pytest.mark.parametrize(
    "content",
    [
        nest_cells(20_000),
        squeeze(variable(CELL, (1, 1), b"All_Faces", variable(DOUBLE, (1 << 22, 1), b"", bytes(32 << 20)))),
        squeeze(variable(DOUBLE, (1 << 22, 1), b"All_Faces", bytes(32 << 20))),
    ],
    ids=["deep", "a matrix in a cell", "a matrix"],
)
def test_charts_that_would_take_the_stack_or_the_memory(tmp_path, content):
    path = tmp_path / "charts.mat"
    path.write_bytes(mat(content))
    assert path.stat().st_size < 50_000
    tracemalloc.start()
    try:
        with pytest.raises(BodyModelError, match=r"charts\.mat: not a MATLAB file .*All_Faces: expected"):
            read_chart_arrays(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_the_charts_of_the_demo_are_as_scipy_reads_them():
    path = DEMO_BODY_FILE.with_name("demo_charts.mat")
    names = ["All_Faces", "All_FaceIndices", "All_vertices", "All_U_norm", "All_V_norm"]
    found, expected = read_mat(path.read_bytes(), names, 100_000), scipy.io.loadmat(path)
    for name in names:
        np.testing.assert_array_equal(found[name], expected[name])
