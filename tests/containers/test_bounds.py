"""Damaged and hostile files: each ends in one plain sentence, and takes little memory and time."""

import bz2
import contextlib
import io
import lzma
import pickle
import random
import re
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from render.containers import errors
from render.containers.contents import values
from render.containers.pickles import data as pickled
from render.containers.pickles import plain, unpack
from render.containers.read import ContainerError, list_keys, map_npz, read_container
from tests.helpers.containers import DUMPS, make_fits
from tests.helpers.joblib_files import import_joblib

joblib = import_joblib()


def assert_refused(path: Path, data: bytes, message: str, most_bytes: int = 2_000_000) -> None:
    """The file is refused in one sentence, and takes little memory."""
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(ContainerError, match=message) as caught:
            read_container(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    said = str(caught.value)
    assert len(said) < 400
    assert "\n" not in said
    assert str(path) not in said
    assert peak < most_bytes + 3 * len(data)


def text(content: str) -> bytes:
    return b"X" + struct.pack("<I", len(content)) + content.encode()


def array_of(shape: bytes, content: bytes, dtype: str = "f8") -> bytes:
    """NumPy's pickled state as given, in protocol 2."""
    return (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R(K\x01" + shape
        + b"cnumpy\ndtype\n" + text(dtype) + b"K\0K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xff"
        b"J\xff\xff\xff\xffK\0tb\x89" + content + b"tb"
    )  # fmt: skip


def wrapped(**state: bytes) -> bytes:
    items = b"".join(text(key) + value for key, value in state.items())
    return b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(" + items + b"ub"


DTYPE = b"cnumpy\ndtype\nU\x02f8K\0K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
HUGE = b"\x8a\x06" + (10**12).to_bytes(6, "little")
# A long list of itself, doubled so often.
SHARED = b"]q\0" + b"".join(
    b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60)
)
HOSTILE = {
    "huge shape": (array_of(HUGE + b"\x85", b"U\0"), "claims an array of shape"),
    "huge product": (array_of(b"(" + b"J\xff\xff\xff\x7f" * 3 + b"t", b"U\0"), "claims an array of shape"),
    "huge beside zero": (array_of(b"K\0" + HUGE + b"\x86", b"U\0"), "claims an array of shape"),
    "negative": (array_of(b"J\xff\xff\xff\xff\x85", b"U\0"), "claims an array of shape"),
    "axes": (array_of(b"(" + b"K\x01" * 1000 + b"t", b"U\x01\0"), "claims an array of 1000 axes"),
    "short": (array_of(b"K\x05\x85", b"U\x04\0\0\0\0"), r"array of shape \(5,\) in 4 bytes"),
    "no shape": (array_of(b"U\x01x", b"U\0"), "shape is no row of integers"),
    "objects without": (array_of(b"K\x05\x85", b"]", "O8"), "5 objects without its objects"),
    "huge texts": (array_of(b"K\x01\x85", b"U\0", "U999999999"), "array of the type 'U999999999'"),
    "texts of no letters": (array_of(b"K\x01\x85", b"U\x04\xff\xff\xff\x7f", "U1"), "letters do not exist"),
    "texts of no length": (array_of(HUGE + b"\x85", b"U\0", "U0"), "array of the type 'U0'"),
    "records": (array_of(b"K\x01\x85", b"U\x08" + b"\0" * 8, "V8"), "array of the type 'V8'"),
    "array in itself": (
        array_of(b"K\x01\x85", b"](h\x07e", "O8").replace(b"\x87R(K\x01", b"\x87Rq\x07(K\x01"),
        "holds a class or an unfinished object",
    ),
    "list in itself": (b"]q\0h\0a.", "holds a list or a dictionary that holds itself"),
    "dictionary in itself": (b"}q\0" + text("k") + b"h\0s.", "holds itself"),
    "lists that double": (SHARED + b".", "more than 50000000 values"),
    "deep lists": (b"](" * 5000 + b"e" * 5000, "nested more than 100 deep"),
    "deep tuples": (b")" + b"\x85" * 20_000, "nested more than 100 deep"),
    "tuple as a key": (b"}N" + b"q\x01h\x01\x86" * 40 + b"Ns", "tuple of tuples as a key"),
    "tuple in a set": (b"\x8f(N" + b"q\x01h\x01\x86" * 40 + b"\x90", "tuple of tuples as a key"),
    "list as a key": (b"}]Ns", "with a list as a key"),
    "keys that meet": (
        b"}(" + b"".join(b"\x8a\x09" + (k * (2**61 - 1)).to_bytes(9, "little") + b"N" for k in (0, 1)) + b"u",
        "an integer beyond 2\\^53",
    ),
    "places that meet": (b"N" + b"p%d\n" % (5 * (2**61 - 1)), "under a number that no pickle uses"),
    "text length": (b"T\xff\xff\xff\x7fshort", "ends inside of a value"),
    "bytes length": (b"\x8e" + b"\xff" * 7 + b"\x7fshort", "ends inside of a value"),
    "bytearray length": (b"\x96" + b"\xff" * 7 + b"\x7fshort", "ends inside of a value"),
    "negative length": (b"T\xff\xff\xff\xffshort", "negative length"),
    "long integer": (b"\x8b\0\x10\0\0" + b"\x7f" * 4096, "integer of more than 255 bytes"),
    "many digits": (b"L" + b"9" * 5000 + b"L\n", "is damaged"),
    "unknown opcode": (b"\xfe", "is no opcode of data"),
    "empty stack": (b"0", "takes from an empty stack"),
    "nothing stored": (b"h\x05", "asks for value 5"),
    "no mark": (b"t", "a mark that it did not set"),
    "odd dictionary": (b"(Nd", "a key without value"),
    "no letter": (b"X\x01\0\0\0\xff", "is damaged"),
    "no end": (b"}", "cut short"),
    "joblib without type": (wrapped(shape=HUGE + b"\x85", order=text("C")), "without its type"),
    "joblib's huge shape": (
        wrapped(shape=HUGE + b"\x85", order=text("C"), dtype=DTYPE),
        "claims an array of shape",
    ),
    "joblib cut short": (
        wrapped(shape=b"J\0\0\0\x10\x85", order=text("C"), dtype=DTYPE),
        r"claims 2147483648 bytes .* found 1",
    ),
    "joblib in no order": (wrapped(shape=b"K\x01\x85", order=text("A"), dtype=DTYPE), "neither C nor"),
    "tensor of nothing": (b"ctorch._utils\n_rebuild_tensor_v2\n(NK\0)))NtR", "tensor without its numbers"),
    "old torch file": (b"ctorch.storage\n_load_from_bytes\nC\x05K\x01K\x01K\x85R", "is damaged|cut short"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_pickles(tmp_path, data, message):
    end = b"" if data.endswith(b".") or message == "cut short" else b"."
    assert_refused(tmp_path / "file", b"\x80\x03" + data.removeprefix(b"\x80\x02") + end, message)


def test_integer_keys_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(pickled, "MOST_INTEGER_KEYS", 1000)
    frames = dict.fromkeys(range(1000))
    (tmp_path / "file").write_bytes(pickle.dumps(frames))
    assert read_container(tmp_path / "file") == frames
    assert_refused(tmp_path / "file", pickle.dumps(dict.fromkeys(range(1001))), "more than 1000 of them")
    assert_refused(tmp_path / "file", pickle.dumps(set(range(1001))), "more than 1000 of them")


def test_shared_arrays_are_counted_as_often_as_they_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(plain, "MOST_BYTES", 10_000_000)
    array = np.zeros(100_000)
    assert_refused(tmp_path / "file", pickle.dumps([{"verts": array}] * 20), "if what it shares", 10**7)


def test_text_that_is_made_into_bytes_again_and_again(tmp_path, monkeypatch):
    monkeypatch.setattr(pickled, "MADE_BYTES", 1_000_000)
    call = b"c_codecs\nencode\n" + text("\0" * 100_000) + b"q\x01" + text("latin1") + b"q\x02\x86q\x03R0"
    again = b"c_codecs\nencode\nh\x03R0" * 100
    assert_refused(tmp_path / "file", b"\x80\x02" + call + again + b"N.", "takes more than 1 MiB", 10**7)


def test_pickles_in_pickles_are_counted(tmp_path):
    """joblib has arrays of objects as pickles of their own."""
    inner = np.array([None], dtype=object)
    file = io.BytesIO()
    joblib.dump(inner, file, protocol=2)
    data = file.getvalue()
    head = data[: data.index(b"K\x10ub") + 4]
    assert_refused(tmp_path / "file", head * 50 + b"N." * 51, "pickles in pickles, more than 8 deep")


PACKERS = {"zlib": zlib.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_packed_files_unpack_to_no_more_than_the_limit(tmp_path, monkeypatch, pack):
    limit = 3 << 20
    monkeypatch.setattr(values, "unpack", lambda file: unpack.unpack(file, limit))
    data = pack(b"\x80\x04" + b"\x8e" + (1 << 24).to_bytes(8, "little") + bytes(1 << 24) + b".")
    # Of what xz needs itself, tracemalloc sees nothing.
    assert_refused(tmp_path / "file", data, "unpacks to more than 3 MiB", 5 * limit)
    assert_refused(
        tmp_path / "file", pack(pickle.dumps(make_fits()))[:-200], "compressed and|cut short", 5 * limit
    )


def test_lzma_is_given_no_memory_that_it_claims(tmp_path):
    claim = lzma.compress(pickle.dumps([1]), lzma.FORMAT_ALONE)
    data = claim[:1] + struct.pack("<I", 1 << 30) + claim[5:]
    # What cannot be told to be lzma's is none of the files that are read.
    assert_refused(tmp_path / "file", data, "found something else|compressed and damaged")
    data = b"\x5d\0\0" + struct.pack("<H", 1 << 15) + claim[5:]
    assert_refused(tmp_path / "file", data, r"compressed and damaged \(Memory usage limit.* exceeded\)")


def save_npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def bomb_npz(key: str, size_bytes: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{key}.npy", bytes(size_bytes))
    return file.getvalue()


def test_archives_claim_no_more_than_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("render.containers.contents.archives.MOST_BYTES", 1 << 20)
    assert_refused(tmp_path / "file", bomb_npz("a", 2 << 20), "unpack to more than 0 GiB")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", b"\x80\x02N.")
        archive.writestr("a/data/0", bytes(2 << 20))
    assert_refused(tmp_path / "file", file.getvalue(), "unpack to more than 0 GiB")


def test_an_npz_with_a_header_that_is_none(tmp_path):
    assert_refused(tmp_path / "file", bomb_npz("pose", 5000), "^'pose': it is damaged")
    records = np.zeros(2, [("a", "f4"), ("b", "i4")])
    assert_refused(
        tmp_path / "file", save_npz(joints=records), "^'joints': .*expected numbers, found the dtype"
    )


def torch_zip(offset: int, size: tuple, stride: tuple, numbers: int = 6) -> bytes:
    """A tensor of torch over six numbers, as given."""
    file = io.BytesIO()
    torch.save(torch.arange(6.0), file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (name for name in members if name.endswith("data.pkl"))
    # Offset, size and stride, and how many numbers the storage has.
    parts = b"".join(pickle.dumps(part, 1)[:-1] for part in (offset, size, stride))
    for old, new in (
        (b"K\x00K\x06\x85q\x06K\x01\x85q\x07", re.sub(rb"q.", b"", parts)),
        (b"cpuq\x04K\x06", b"cpuq\x04K" + bytes([numbers])),
    ):
        assert old in members[name]
        members[name] = members[name].replace(old, new)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return changed.getvalue()


TENSORS = {
    "behind": ((4, (3,), (1,)), "claims a tensor of shape .3,. in 6 numbers"),
    "before": ((-1, (3,), (1,)), "claims a tensor"),
    "far": ((0, (2, 2), (1, 1 << 40)), "claims an array of shape|claims a tensor"),
    "backwards": ((5, (3,), (-1,)), "claims an array of shape"),
    "expanded": ((0, (1 << 31, 1), (0, 1)), "putting its values together takes more"),
    "uneven": ((0, (3,), (1, 1)), "tensor without its numbers"),
}


@pytest.mark.parametrize(("view", "message"), TENSORS.values(), ids=TENSORS)
def test_tensors_stay_within_their_numbers(tmp_path, view, message):
    assert_refused(tmp_path / "file", torch_zip(*view), message)


def test_a_tensor_within_its_numbers_is_read(tmp_path):
    (tmp_path / "file").write_bytes(torch_zip(1, (2, 2), (3, 1)))
    np.testing.assert_array_equal(read_container(tmp_path / "file"), [[1, 2], [4, 5]])
    assert_refused(tmp_path / "file", torch_zip(0, (3,), (1,), numbers=100), "without the whole storage '0'")


@pytest.mark.parametrize("dump", DUMPS.values(), ids=map(" ".join, DUMPS))
def test_damaged_files_are_read_or_refused(tmp_path, dump):
    """Cut short, or with bytes that changed: whatever comes, it is no other error."""
    path = tmp_path / "file"
    rng = random.Random(0)
    whole = dump({"fits": make_fits(), "tensors": {"a": torch.arange(6.0)}})
    for i in range(40):
        data = bytearray(whole)
        if i % 4 == 0:
            del data[rng.randrange(len(data)) :]
        else:
            for _ in range(rng.choice((1, 3, 20))):
                # The opcodes that matter lie at both ends.
                place = rng.randrange(len(data)) if rng.random() < 0.5 else -rng.randrange(1, 300)
                data[place] = rng.randrange(256)
        path.write_bytes(data)
        for read_file in (read_container, list_keys):
            with contextlib.suppress(ContainerError):
                read_file(path)


def test_errors_of_the_disk_are_no_damage(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_container(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        read_container(tmp_path)
    with pytest.raises(FileNotFoundError):
        map_npz(tmp_path / "missing")
    assert errors.MOST_BYTES == 4 << 30
