"""Files of every kind, written by NumPy, pickle, joblib and torch, come out as they went in."""

import io
import json
import pickle
import struct
import zipfile

import numpy as np
import pytest
import torch

from render.containers.read import ContainerError, find_kind, list_keys, read_container
from tests.helpers.containers import DUMPS, assert_same, make_fits, make_tensors, plain
from tests.helpers.joblib_files import import_joblib

joblib = import_joblib()

NAMED = [pytest.param(kind, dump, id=f"{kind} {how}") for (kind, how), dump in DUMPS.items()]


@pytest.mark.parametrize("make", [make_fits, make_tensors], ids=["arrays", "tensors"])
@pytest.mark.parametrize(("kind", "dump"), NAMED)
def test_what_was_written_is_read(tmp_path, kind, dump, make):
    path = tmp_path / "fits"
    path.write_bytes(dump(make()))
    expected = plain(make())
    # A pickle that has no array of joblib's own is one of pickle's.
    assert find_kind(path) in ({"joblib", "pickle"} if kind == "joblib" else {kind})
    found = read_container(path)
    assert_same(found["results"] if kind == "npz" else found, expected)
    keys = list_keys(path)
    if kind == "npz":
        assert keys == {"results": None}
    else:
        assert keys == {str(key): getattr(value, "shape", None) for key, value in expected.items()}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_of_an_npz(tmp_path, save):
    arrays = {key: value for key, value in make_fits().items() if isinstance(value, np.ndarray)}
    with open(tmp_path / "fits.txt", "wb") as file:
        save(file, **arrays)
    assert_same(read_container(tmp_path / "fits.txt"), arrays)
    assert list_keys(tmp_path / "fits.txt")["pose"] == (3, 24, 3)
    assert list_keys(tmp_path / "fits.txt")["objects"] is None


@pytest.mark.parametrize("key", ["pose", "verts", "imgname", "gender", "empty", "big_endian", "objects"])
def test_a_single_array(tmp_path, key):
    np.save(tmp_path / "one.npy", make_fits()[key])
    assert_same(read_container(tmp_path / "one.npy"), make_fits()[key])
    assert list_keys(tmp_path / "one.npy") == {}


@pytest.mark.parametrize("is_zip", [True, False])
def test_bfloat16_comes_out_as_float32(tmp_path, is_zip):
    tensor = torch.linspace(-3, 3, 7).bfloat16()
    torch.save({"b": tensor}, tmp_path / "b.pt", _use_new_zipfile_serialization=is_zip)
    assert_same(read_container(tmp_path / "b.pt"), {"b": tensor.float().numpy()})


def test_tensors_share_what_they_shared(tmp_path):
    base = torch.zeros(1000)
    torch.save([base[i:] for i in range(100)], tmp_path / "s.pt")
    found = read_container(tmp_path / "s.pt")
    assert all(np.shares_memory(found[0], one) for one in found)
    assert list_keys(tmp_path / "s.pt") == {}


def test_types_and_devices_of_torch_come_out_as_text(tmp_path):
    torch.save({"dtype": torch.float32, "device": torch.device("cuda:1")}, tmp_path / "t.pt")
    assert_same(read_container(tmp_path / "t.pt"), {"dtype": "torch.float32", "device": "cuda:1"})


# {'pose': array([1.5, 2.5]), 'name': 'caf\xe9'}, as Python 2 writes it.
PYTHON_2 = {
    0: b"(dp0\nS'pose'\np1\ncnumpy.core.multiarray\n_reconstruct\np2\n(cnumpy\nndarray\np3\n(I0\ntp4\nS'b'\n"
    b"p5\n"
    b"tp6\nRp7\n(I1\n(I2\ntp8\ncnumpy\ndtype\np9\n(S'f8'\np10\nI0\nI1\ntp11\nRp12\n(I3\nS'<'\np13\nNNNI-1\nI-1\n"
    b"I0\ntp14\nbI00\nS'\\x00\\x00\\x00\\x00\\x00\\x00\\xf8?\\x00\\x00\\x00\\x00\\x00\\x00\\x04@'\np15\ntp16\nb"
    b"sS'name'\np17\nS'caf\\xe9'\np18\ns.",
    2: b"\x80\x02}q\x01(U\x04poseq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00"
    b"\x85"
    b"U\x01b\x87Rq\x05(K\x01K\x02\x85cnumpy\ndtype\nq\x06U\x02f8K\x00K\x01\x87Rq\x07(K\x03U\x01<NNN"
    b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x10"
    + struct.pack("<2d", 1.5, 2.5)
    + b"tbU\x04nameq\x08U\x04caf\xe9q\tu.",
}


@pytest.mark.parametrize("data", PYTHON_2.values(), ids=map(str, PYTHON_2))
def test_pickles_of_python_2(tmp_path, data):
    (tmp_path / "old.pkl").write_bytes(data)
    assert_same(read_container(tmp_path / "old.pkl"), {"pose": np.array([1.5, 2.5]), "name": "café"})


def test_dumps_of_joblib_before_arrays_were_aligned(tmp_path):
    """Without the bytes that fill up to the alignment, and the attribute that tells of them."""
    array = np.arange(5.0)
    file = io.BytesIO()
    joblib.dump({"a": array}, file, protocol=2)
    data = file.getvalue()
    attribute = b"X\x1b\x00\x00\x00numpy_array_alignment_bytes"
    start = data.index(attribute)
    # The attribute, its place in the memo, 16, and what puts the items and the state in.
    end = data.index(b"K\x10ub", start)
    content = data.index(array.tobytes())
    old = data[:start] + b"ub" + array.tobytes() + data[content + array.nbytes :]
    assert end < content
    (tmp_path / "old.joblib").write_bytes(old)
    assert_same(read_container(tmp_path / "old.joblib"), {"a": array})


def test_an_array_that_is_referred_to_twice_is_one(tmp_path):
    array = np.arange(1000.0)
    (tmp_path / "p").write_bytes(pickle.dumps([array, array, {"again": array}]))
    one, other, more = read_container(tmp_path / "p")
    assert one is other is more["again"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json(tmp_path, encoding):
    entries = [{"image": "é.jpg", "camera": {"focal": [1.5, None]}, 'a:b"[': True}, {"other": 1}]
    (tmp_path / "list").write_text(json.dumps(entries, ensure_ascii=False), encoding)
    (tmp_path / "dict").write_text(json.dumps({"data": entries, "info": 1}, indent=1), encoding)
    assert find_kind(tmp_path / "list") == find_kind(tmp_path / "dict") == "json"
    assert read_container(tmp_path / "list") == entries
    assert list_keys(tmp_path / "list") == dict.fromkeys(entries[0])
    assert list_keys(tmp_path / "dict") == {"data": None, "info": None}


def test_a_long_json_tells_its_keys_from_its_start(tmp_path):
    entry = json.dumps({"image": "a.jpg", "pose": [0.5] * 1000})
    with open(tmp_path / "long.json", "w") as file:
        file.write(f"[{entry}, ")
        file.truncate(200 << 20)
    assert list_keys(tmp_path / "long.json") == {"image": None, "pose": None}
    with pytest.raises(ContainerError, match="has 200 MiB, more than 64"):
        read_container(tmp_path / "long.json")


OTHERS = {
    "mesh.obj": (b"# made by hand\nv 0 0 0\nv 1 0 0\nf 1 2 1\n", "obj", r"a mesh \(obj\)"),
    "mesh.ply": (b"ply\nformat ascii 1.0\n", "ply", r"a mesh \(ply\)"),
    "mesh.glb": (b"glTF\x02\0\0\0", "glb", r"a mesh \(glb\)"),
    "empty": (b"", "unknown", "an empty file"),
    "letter": (b"I am a text.\nWith two lines", "unknown", "something else"),
    "page.pkl": (b"<!DOCTYPE html>", "unknown", "a web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\n", "unknown", "a git-lfs pointer"),
    "photo": (b"\xff\xd8\xff\xe0", "unknown", "something else"),
}


@pytest.mark.parametrize(("data", "kind", "message"), OTHERS.values(), ids=OTHERS)
def test_other_files(tmp_path, data, kind, message):
    (tmp_path / "file").write_bytes(data)
    assert find_kind(tmp_path / "file") == kind
    assert list_keys(tmp_path / "file") == {}
    with pytest.raises(ContainerError, match=f"^expected an npz, .* found {message}"):
        read_container(tmp_path / "file")


def test_folders_and_other_archives(tmp_path):
    assert find_kind(tmp_path) == "folder"
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert find_kind(tmp_path / "z.zip") == "unknown"
