"""Archives of arrays: read in blocks to what NumPy reads, and nothing takes more memory than a model."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from render.body.model_file import read_model_file
from render.body.smpl_arrays import SMPL_PARENTS
from render.containers import npz_arrays as module
from render.containers.npz_arrays import npz_arrays, open_npz
from render.errors import BodyModelError

MB = 1_000_000
BOMB_NUMBERS = 8 * MB


def small_model(verts: int = 30) -> dict[str, np.ndarray]:
    return {
        "v_template": np.arange(3.0 * verts).reshape(verts, 3),
        "shapedirs": np.zeros((verts, 3, 10)),
        "posedirs": np.zeros((verts, 3, 207)),
        "J_regressor": np.full((24, verts), 1 / verts),
        "weights": np.eye(24)[np.arange(verts) % 24],
        "f": np.array([[0, 1, 2], [3, 4, 5]]),
        "kintree_table": np.array([SMPL_PARENTS, range(24)]),
    }


def add_zeros(path: Path, key: str, shape: tuple[int, ...], descr: str, is_fortran: bool = False) -> None:
    """Adds an array of zeros, a thousand times smaller in the file."""
    header = io.BytesIO()
    claim = {"shape": shape, "fortran_order": is_fortran, "descr": descr}
    np.lib.format.write_array_header_1_0(header, claim)
    size_bytes = int(np.prod(shape)) * np.dtype(descr).itemsize
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(f"{key}.npy", "w") as member,
    ):
        member.write(header.getvalue())
        for at in range(0, size_bytes, MB):
            member.write(bytes(min(MB, size_bytes - at)))


@contextmanager
def peak_below(most_bytes: int):
    """Holds what is allocated inside to so many bytes at any one time; NumPy's arrays count."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most_bytes


BOMBS = {
    "shapedirs": ((30, 3, BOMB_NUMBERS // 90), "<f8", "shapedirs: expected 10 to 400 shape coefficients"),
    "posedirs": ((BOMB_NUMBERS // 621, 3, 207), "<f8", r"posedirs: expected numbers of shape \(30, 3, 207"),
    "J_regressor": ((24, BOMB_NUMBERS // 24), "<f4", r"J_regressor: expected numbers of shape \(24, 30\)"),
    "weights": ((BOMB_NUMBERS // 24, 24), "<f8", r"weights: expected numbers of shape \(30, 24\)"),
    "f": ((BOMB_NUMBERS // 3, 3), "<i8", "f: expected at most 200000 faces, found 2666666"),
    "kintree_table": ((2, BOMB_NUMBERS // 2), "<u8", r"kintree_table: expected integers of shape \(2, 24\)"),
    "v_template": ((BOMB_NUMBERS // 3, 3), "<f8", "v_template: expected 1 to 50000 vertices, found 2666666"),
}


@pytest.mark.parametrize("key", BOMBS)
@pytest.mark.parametrize("is_fortran", [False, True], ids=["C", "Fortran"])
def test_shapes_are_checked_before_anything_is_unpacked(tmp_path, key, is_fortran):
    path = tmp_path / "smpl.npz"
    shape, descr, message = BOMBS[key]
    np.savez(path, **{name: array for name, array in small_model().items() if name != key})
    add_zeros(path, key, shape, descr, is_fortran)
    assert path.stat().st_size < MB
    with peak_below(2 * MB), pytest.raises(BodyModelError, match=message):
        read_model_file(path)


def test_a_last_array_that_is_wrong_refuses_the_file_before_the_first_is_unpacked(tmp_path):
    """Each within its own limits, and together the largest model that may be."""
    path = tmp_path / "smpl.npz"
    np.savez(path, f=np.array([[0, 1, 2]]), kintree_table=np.zeros((2, 55), int))
    add_zeros(path, "v_template", (50_000, 3), "<f8")
    add_zeros(path, "shapedirs", (50_000, 3, 60), "<f8")
    add_zeros(path, "posedirs", (50_000, 3, 207), "<f2")
    add_zeros(path, "J_regressor", (24, 50_000), "<f8")
    add_zeros(path, "weights", (50_000, 24), "<f8")
    with peak_below(2 * MB), pytest.raises(BodyModelError, match=r"kintree_table: .*\(2, 24\)"):
        read_model_file(path)


@pytest.mark.parametrize("key", ["J", "pose_training_info", "posedirs_of_another"])
def test_what_no_model_needs_is_not_unpacked(tmp_path, key):
    path = tmp_path / "smpl.npz"
    np.savez(path, **small_model())
    add_zeros(path, key, (BOMB_NUMBERS,), "<f8")
    with peak_below(2 * MB):
        arrays = read_model_file(path)
    assert arrays.v_template[-1].tolist() == [87, 88, 89]


@pytest.mark.parametrize("prefix", ["jr", "w"])
def test_places_of_the_compact_layout_are_as_many_as_there_can_be(tmp_path, prefix):
    path = tmp_path / "demo.npz"
    content = {key: array for key, array in small_model().items() if key in ("v_template", "shapedirs", "f")}
    triplets = {f"{one}_{part}": np.zeros(3, int) for one in ("jr", "w") for part in "rcv"}
    others = {key: array for key, array in triplets.items() if not key.startswith(prefix)}
    np.savez(path, **content, **others)
    for part in "rcv":
        add_zeros(path, f"{prefix}_{part}", (BOMB_NUMBERS // 2,), "<i8")
    message = f"{prefix}_r, {prefix}_c, {prefix}_v: expected at most 720 places, found 4000000"
    with peak_below(2 * MB), pytest.raises(BodyModelError, match=message):
        read_model_file(path)


@pytest.mark.parametrize("descr", ["|O", "<c16", "<U9", "<M8[s]", "|V64"])
def test_only_numbers_are_unpacked(tmp_path, descr):
    path = tmp_path / "smpl.npz"
    np.savez(path, **{name: array for name, array in small_model().items() if name != "weights"})
    add_zeros(path, "weights", (MB, 1), descr)
    with peak_below(2 * MB), pytest.raises(BodyModelError, match="weights: expected numbers, found"):
        read_model_file(path)


@pytest.mark.parametrize("is_fortran", [False, True], ids=["C", "Fortran"])
def test_a_model_takes_what_its_arrays_take_in_float32(tmp_path, is_fortran):
    """SMPL's own sizes with 300 shape coefficients: 90 MB unpacked, 42 as they are kept."""
    path = tmp_path / "smpl.npz"
    model = small_model(6890)
    np.savez(path, **{key: model[key] for key in model if key not in ("shapedirs", "posedirs")})
    add_zeros(path, "shapedirs", (6890, 3, 300), "<f8", is_fortran)
    add_zeros(path, "posedirs", (6890, 3, 207), "<f8", is_fortran)
    with peak_below(55 * MB):
        arrays = read_model_file(path)
    assert arrays.shapedirs.shape == (6890, 3, 300)
    assert arrays.posedirs.nbytes == 17_114_760


@pytest.mark.parametrize("block_bytes", [1, 100, 1 << 18])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_blocks_are_put_together_as_numpy_has_them(
    tmp_path, monkeypatch, block_bytes: int, save: Callable[..., None], order: str
):
    monkeypatch.setattr(module, "BLOCK_BYTES", block_bytes)
    rng = np.random.default_rng(0)
    saved = {
        f"{dtype}_{len(shape)}": np.array(rng.integers(0, 100, shape), dtype, order=order)
        for dtype in ("u1", "<i8", ">f8", "<f2", ">i4", "?")
        for shape in ((41,), (7, 11), (5, 3, 13), (0, 3), (4, 0))
    }
    save(tmp_path / "a.npz", **saved)
    with (tmp_path / "a.npz").open("rb") as file, open_npz(file) as archive:
        found = npz_arrays(archive, saved)
        for key, array in saved.items():
            for columns in (None, 1, array.shape[-1]):
                read = found[key].read(np.float32, columns)
                assert read.flags.c_contiguous
                np.testing.assert_array_equal(read, array[..., :columns].astype(np.float32), strict=True)


@pytest.mark.parametrize("place", [0.3, 0.9])
def test_a_flipped_bit_is_found_even_where_nothing_is_kept(tmp_path, place):
    """Of the shape coefficients, the last are not kept; the check sum is of all."""
    path = tmp_path / "smpl.npz"
    shapedirs = np.zeros((30, 3, 300))
    shapedirs[..., int(300 * place)] = np.pi
    np.savez(path, **small_model() | {"shapedirs": shapedirs})
    data = bytearray(path.read_bytes())
    at = data.rindex(struct.pack("<d", np.pi))
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(BodyModelError, match=r"cut short or damaged .*CRC"):
        read_model_file(path)


def test_a_long_directory_is_not_read(tmp_path):
    """Its size stands in the file, and its entries take far more memory than they do there."""
    path = tmp_path / "smpl.npz"
    np.savez(path, **small_model())
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, 0, *[0] * 7, 1, *[0] * 6) + b"x"
    directory = entry * 30_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 30_000, 30_000, len(directory), 4, 0)
    path.write_bytes(b"PK\3\4" + directory + end)
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == 30_000
    with peak_below(4 * MB), pytest.raises(BodyModelError, match="directory has 1410000 bytes, more than"):
        read_model_file(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_a_limit_are_refused(tmp_path, method):
    path = tmp_path / "smpl.npz"
    np.savez(path, **{name: array for name, array in small_model().items() if name != "weights"})
    with zipfile.ZipFile(path, "a", method) as archive:
        archive.writestr("weights.npy", bytes(100))
    with pytest.raises(BodyModelError, match="weights: expected an array stored or deflated"):
        read_model_file(path)


@pytest.mark.parametrize("shape", [(1,) * 100, (0, 10**18), (10**300, 0), (-1, 3)])
def test_shapes_that_no_array_has(tmp_path, shape):
    path = tmp_path / "smpl.npz"
    np.savez(path, **{name: array for name, array in small_model().items() if name != "weights"})
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"shape": shape, "fortran_order": False, "descr": "<f8"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("weights.npy", header.getvalue())
    with pytest.raises(BodyModelError, match=r"weights: an array of shape .* is claimed") as caught:
        read_model_file(path)
    assert len(str(caught.value)) < 700
