"""Files that ask for code to be run, of every kind: each is refused by name, and nothing of it was run."""

import builtins
import bz2
import io
import lzma
import os
import pickle
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from render.containers.errors import ForbiddenNameError
from render.containers.read import ContainerError, list_keys, map_npz, read_container
from tests.helpers.containers import DUMPS
from tests.helpers.joblib_files import import_joblib

joblib = import_joblib()

# Each would make the file `ran`.
CODE = "open('ran', 'w').close()"


class Call:
    """Pickled as the call of a function."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.made = function, args

    def __reduce__(self) -> tuple:
        return self.made


def by_name(module: str, name: str, *args: str) -> bytes:
    """The call of what may not be there, in protocol 2."""
    texts = b"".join(b"X" + len(text).to_bytes(4, "little") + text.encode() for text in args)
    return f"\x80\x02c{module}\n{name}\n(".encode("latin-1") + texts + b"tR."


CALLS = {
    f"{os.system.__module__}.system": Call(os.system, "touch ran"),
    "builtins.eval": Call(eval, CODE),
    "builtins.exec": Call(exec, CODE),
    "builtins.getattr": Call(getattr, np.ndarray, "tofile"),
    "builtins.__import__": Call(builtins.__import__, "this"),
    "joblib.numpy_pickle.load": Call(joblib.load, "ran"),
    "torch.serialization.load": Call(torch.load, "ran"),
}
NAMED = {
    "os.system": by_name("os", "system", "touch ran"),
    "subprocess.Popen": by_name("subprocess", "Popen", "true"),
    "joblib.load": by_name("joblib", "load", "ran"),
    "joblib.memory.Memory": by_name("joblib.memory", "Memory", "ran"),
    "joblib.numpy_pickle.NDArrayWrapper": by_name("joblib.numpy_pickle", "NDArrayWrapper", "ran", "x"),
    "numpy.load": by_name("numpy", "load", "ran"),
    "numpy.save": by_name("numpy", "save", "ran"),
    "numpy.ndarray.tofile": by_name("numpy", "ndarray.tofile", "ran"),
    "numpy.core.multiarray.fromfile": by_name("numpy.core.multiarray", "fromfile", "/etc/passwd"),
    "numpy.f2py.diagnose.run": by_name("numpy.f2py.diagnose", "run"),
    "torch.load": by_name("torch", "load", "ran"),
    "torch.hub.load": by_name("torch.hub", "load", "ran"),
    "torch.storage._load_from_bytes.__globals__": by_name("torch.storage", "_load_from_bytes.__globals__"),
    "torch.jit._pickle.build_intlist": by_name("torch.jit._pickle", "build_intlist", "1"),
    "torch.FloatStorage.from_file": by_name("torch", "FloatStorage.from_file", "/etc/passwd"),
    "torch._utils._rebuild_device_tensor_from_numpy": by_name(
        "torch._utils", "_rebuild_device_tensor_from_numpy", "x"
    ),
    "collections.namedtuple": by_name("collections", "namedtuple", "x"),
    "copyreg.add_extension": by_name("copyreg", "add_extension", "x"),
    "pathlib.Path.unlink": by_name("pathlib", "Path.unlink", "ran"),
    "operator.attrgetter": by_name("operator", "attrgetter", "x"),
    "functools.partial": by_name("functools", "partial", "x"),
    "render.containers.read.read_container": by_name("render.containers.read", "read_container", "ran"),
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def assert_refused(name: str, data: bytes) -> None:
    Path("file").write_bytes(data)
    modules = set(sys.modules)
    for read in (read_container, list_keys):
        with pytest.raises(ForbiddenNameError) as caught:
            read(Path("file"))
        assert caught.value.name == name
        assert f"it asks for {name}, which" in str(caught.value)
        assert "nothing of it was run" in str(caught.value)
    assert os.listdir() == ["file"]
    # Python loads the codecs of old texts when it needs them.
    assert {name for name in set(sys.modules) - modules if not name.startswith("encodings.")} == set()


@pytest.mark.parametrize(("name", "data"), NAMED.items(), ids=NAMED)
def test_names_are_refused(name, data):
    assert_refused(name, data)


# The keys of an npz are none of the pickle's, whose arrays are only read when they are asked for.
DUMPED = {
    f"{kind} {how}": dump
    for (kind, how), dump in DUMPS.items()
    if how in ("protocol 0", "protocol 4") or kind == "torch"
}


@pytest.mark.parametrize("dump", DUMPED.values(), ids=DUMPED)
@pytest.mark.parametrize(("name", "call"), CALLS.items(), ids=CALLS)
def test_calls_are_refused_in_files_of_every_kind(name, call, dump):
    # Python 2's name is what protocols below 3 write.
    data = dump({"pose": np.zeros(3), "extra": [call]})
    found = name.replace("builtins.", "__builtin__.") if b"__builtin__" in data else name
    assert_refused(found, data)


@pytest.mark.parametrize(("name", "call"), CALLS.items(), ids=CALLS)
def test_calls_are_refused_in_arrays_of_objects(name, call):
    objects = np.array([call, None], dtype=object)
    for save in (np.savez, np.savez_compressed):
        with open("a.npz", "wb") as file:
            save(file, good=np.zeros(3), bad=objects)
        with pytest.raises(ForbiddenNameError, match=name):
            read_container(Path("a.npz"))
        with map_npz(Path("a.npz")) as arrays:
            assert arrays.read("good").shape == (3,)
            with pytest.raises(ForbiddenNameError, match=name):
                arrays.read("bad")
        Path("a.npz").unlink()
    np.save("a.npy", objects)
    with pytest.raises(ForbiddenNameError, match=name):
        read_container(Path("a.npy"))
    Path("a.npy").unlink()
    # joblib writes these as a pickle of their own behind the one of the file.
    joblib.dump({"a": objects}, "a.pkl")
    with pytest.raises(ForbiddenNameError, match=name):
        read_container(Path("a.pkl"))
    assert os.listdir() == ["a.pkl"]


def test_what_torch_would_unpickle_for_a_pickle_is_refused():
    """`torch.storage._load_from_bytes` is `torch.load` of whatever bytes it is given."""
    inside = pickle.dumps(Call(os.system, "touch ran"), 2)
    data = pickle.dumps(Call(torch.storage._load_from_bytes, inside), 2)
    assert_refused(f"{os.system.__module__}.system", data)
    old = io.BytesIO()
    torch.save({"x": Call(os.system, "touch ran")}, old, _use_new_zipfile_serialization=False)
    data = pickle.dumps({"x": Call(torch.storage._load_from_bytes, old.getvalue())}, 4)
    assert_refused(f"{os.system.__module__}.system", data)


def test_calls_in_packed_files_are_refused():
    inside = pickle.dumps({"x": Call(os.system, "touch ran")})
    for pack in (zlib.compress, bz2.compress, lzma.compress):
        assert_refused(f"{os.system.__module__}.system", pack(inside))


def test_names_in_a_torch_zip_are_refused_in_whatever_folder():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../odd/data.pkl", NAMED["os.system"])
    assert_refused("os.system", file.getvalue())


# What would take what is on the list for something else than data.
DEVIOUS = {
    "state with a method": b"\x80\x02cnumpy\ndtype\nX\x02\0\0\0f4\x85R}X\x0c\0\0\0__setstate__K\x01sb.",
    "state of a class": b"\x80\x02ccollections\nOrderedDict\n}X\x01\0\0\0aK\x01sb.",
    "state of a list": b"\x80\x02]}X\x05\0\0\0clearK\x01sb.",
    "call of text": b"\x80\x02X\x02\0\0\0os)R.",
    "call of a class": b"\x80\x02c__builtin__\nint\nX\x05\0\0\x00" + b"9" * 5 + b"\x85R.",
    "class as a value": b"\x80\x02c__builtin__\nobject\n.",
    "list of a class": b"\x80\x02]cnumpy\nndarray\na.",
    "allocation": b"\x80\x02cnumpy\nndarray\nJ\xff\xff\xff\x7f\x85\x85R.",
    "unfinished array": b"\x80\x02]cnumpy\nndarray\n)\x81a.",
    "dtype of objects called": b"\x80\x02cnumpy\ndtype\nX\x02\0\0\0O8\x85R.",
    "bytes of a number": b"\x80\x03c__builtin__\nbytes\nJ\xff\xff\xff\x7f\x85R.",
    "other encoding": b"\x80\x02c_codecs\nencode\nX\x01\0\0\0xX\x03\0\0\0hex\x86R.",
    "path of a list": b"\x80\x02cpathlib\nPosixPath\n]\x85R.",
    "named arguments": b"\x80\x04cnumpy\nndarray\n)}X\x05\0\0\0shapeJ\xff\xff\xff\x7fs\x92.",
    "extension": b"\x80\x02\x82\x01.",
    "buffer out of band": b"\x80\x05\x97.",
    "persistent id": b"\x80\x02Pfile:///etc/passwd\n.",
    "persistent id of a call": b"\x80\x02X\x07\0\0\0storageQ.",
    "parameter of a class": b"\x80\x02ctorch._utils\n_rebuild_parameter\ncnumpy\nndarray\n\x89N\x87R.",
    "device of a list": b"\x80\x02ctorch\ndevice\n]\x85R.",
}


@pytest.mark.parametrize("data", DEVIOUS.values(), ids=DEVIOUS)
def test_what_is_on_the_list_makes_nothing_but_data(data):
    Path("file").write_bytes(data)
    with pytest.raises(ContainerError) as caught:
        read_container(Path("file"))
    assert len(str(caught.value)) < 300
    assert "file" not in str(caught.value) or "outside" in str(caught.value)


def test_these_files_would_have_run():
    """The tests above mean something: an ordinary unpickler does run these."""
    for name in (f"{os.system.__module__}.system", "builtins.eval", "builtins.exec"):
        pickle.loads(pickle.dumps(CALLS[name]))
        assert Path("ran").exists()
        Path("ran").unlink()
    pickle.loads(NAMED["os.system"])
    assert Path("ran").exists()
