"""Large archives: what is stored as it is comes from a map of the file, the rest as ever."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from render.containers.read import ContainerError, list_keys, map_npz, read_container

ROWS = 100_000


def make_arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "verts": rng.random((ROWS, 3)),
        "fortran": np.asfortranarray(rng.random((500, 300))),
        "big_endian": rng.integers(0, 9, 200_000).astype(">i8"),
        "small": np.arange(5, dtype=np.float32),
        "imgname": np.array([f"{i:06}.jpg" for i in range(30_000)]),
        "gender": np.array("male"),
        "results": np.array([{"a": 1}, None], dtype=object),
        "none": np.zeros((0, 3)),
    }


def mapped_bytes(array: np.ndarray) -> bool:
    """Whether it is a view of a map, read-only."""
    base = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    return type(base).__name__ == "mmap"


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_those_that_numpy_reads(tmp_path, save):
    save(tmp_path / "a.npz", **make_arrays())
    with map_npz(tmp_path / "a.npz") as arrays:
        assert list(arrays.keys()) == list(make_arrays())
        for key, expected in make_arrays().items():
            assert (arrays.shape(key), arrays.dtype(key)) == (expected.shape, expected.dtype)
            found = arrays.read(key)
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
            np.testing.assert_array_equal(found, expected)
            is_large = key in ("verts", "fortran", "big_endian")
            assert mapped_bytes(found) == (is_large and save is np.savez)
        found = arrays.read("verts")
    # They stay when the file is closed.
    np.testing.assert_array_equal(found, make_arrays()["verts"])
    assert found.flags.writeable == (save is np.savez_compressed)


def test_a_large_archive_takes_little_memory(tmp_path):
    np.savez(tmp_path / "a.npz", **{f"part{k}": np.zeros((ROWS, 10)) for k in range(5)})
    tracemalloc.start()
    try:
        with map_npz(tmp_path / "a.npz") as arrays:
            assert sum(arrays.read(f"part{k}")[-1].sum() for k in range(5)) == 0
        assert list_keys(tmp_path / "a.npz")["part4"] == (ROWS, 10)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Of 40 MB; the start of the file is looked at.
    assert peak < 4_000_000


def save_large(path: Path) -> bytearray:
    np.savez(path, verts=make_arrays()["verts"], names=make_arrays()["imgname"])
    return bytearray(path.read_bytes())


def test_archives_that_are_cut_short(tmp_path):
    data = save_large(tmp_path / "a.npz")
    (tmp_path / "a.npz").write_bytes(data[: len(data) // 2])
    for read in (map_npz, read_container, list_keys):
        with pytest.raises(ContainerError, match="it is cut short or damaged"):
            read(tmp_path / "a.npz")


def test_members_that_lie_behind_the_end(tmp_path):
    """Its sizes are said twice, at the member and in the directory; both and the shape say too much."""
    rows = ROWS * 8
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"shape": (rows, 3), "fortran_order": False, "descr": "<f8"})
    content = header.getvalue() + bytes(ROWS * 24)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("verts.npy", content)
    claimed = len(header.getvalue()) + rows * 24
    sizes = struct.pack("<2I", len(content), len(content))
    data = file.getvalue()
    assert data.count(sizes) == 2
    (tmp_path / "a.npz").write_bytes(data.replace(sizes, struct.pack("<2I", claimed, claimed)))
    with map_npz(tmp_path / "a.npz") as arrays:
        assert arrays.shape("verts") == (rows, 3)
        with pytest.raises(ContainerError, match=r"^'verts': it is damaged"):
            arrays.read("verts")
    with pytest.raises(ContainerError, match=r"^'verts': it is cut short or damaged"):
        read_container(tmp_path / "a.npz")


def test_a_member_whose_header_is_damaged(tmp_path):
    data = save_large(tmp_path / "a.npz")
    place = data.index(b"(100000, 3)")
    data[place : place + 11] = b"(900000, 3)"
    (tmp_path / "a.npz").write_bytes(data)
    with map_npz(tmp_path / "a.npz") as arrays:
        with pytest.raises(ContainerError, match=r"^'verts': .*expected 21600000 bytes for shape"):
            arrays.read("verts")
        assert arrays.read("names")[7] == "000007.jpg"


def test_a_text_whose_letters_do_not_exist(tmp_path):
    data = save_large(tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive, zipfile.ZipFile(tmp_path / "a.npz") as old:
        names = bytearray(old.read("names.npy"))
        names[-1] = 255
        archive.writestr("names.npy", bytes(names))
    assert data
    for read in (read_container, lambda path: map_npz(path).read("names")):
        with pytest.raises(ContainerError, match=r"^'names': it holds texts whose letters do not exist"):
            read(tmp_path / "b.npz")


def test_other_archives_are_none(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(ContainerError, match="it is a zip archive without arrays"):
        map_npz(tmp_path / "a.zip")
