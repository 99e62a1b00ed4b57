"""Hostile pickles: nothing in a file is ever run, and nothing takes the memory or the time that it claims."""

import pickle
import struct
from pathlib import Path

import pytest

from render.body.model_file import read_model_file
from render.containers.pickles import recorded
from render.errors import BodyModelError

# Each would make the file `ran` in an ordinary unpickler, or take its memory or time.


def array_state(shape, dtype_code=b"f8", content=b"", order=b"<"):
    """{"f": array} with numpy's pickled state as given, in protocol 2."""
    dims = b"".join(b"\x8a\x08" + struct.pack("<q", n) for n in shape)
    return (
        b"\x80\x02}U\x01fcnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01(" + dims + b"tcnumpy\ndtype\nU\x02" + dtype_code + b"K\x00K\x01\x87R"
        b"(K\x03U\x01" + order + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89T" + struct.pack("<i", len(content)) + content + b"tbs."
    )  # fmt: skip


def call(module: bytes, name: bytes, argument: bytes) -> bytes:
    return b"c" + module + b"\n" + name + b"\n(S'" + argument + b"'\ntR."


COMMAND = b"touch ran"
FORBIDDEN = {
    "posix.system": call(b"posix", b"system", COMMAND),
    "os.system": b"(S'" + COMMAND + b"'\nios\nsystem\n.",
    "subprocess.check_call": pickle.PROTO + b"\x04\x8c\nsubprocess\x8c\ncheck_call\x93\x8c\x04true\x85R.",
    "builtins.eval": pickle.PROTO
    + b"\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x18open('ran', 'w').close()\x85R.",
    "__builtin__.eval": call(b"__builtin__", b"eval", b'open("ran", "w").close()'),
    "__builtin__.getattr": b"c__builtin__\ngetattr\n(cnumpy\nndarray\nS'tofile'\ntR.",
    "numpy.ndarray.tofile": b"cnumpy\nndarray.tofile\n(S'ran'\ntR.",
    "numpy.core.multiarray.fromfile": call(b"numpy.core.multiarray", b"fromfile", b"/etc/passwd"),
    "numpy.load": call(b"numpy", b"load", b"ran"),
    "numpy.f2py.diagnose.run": call(b"numpy.f2py.diagnose", b"run", b""),
    "scipy.sparse.csc.__builtins__": call(b"scipy.sparse.csc", b"__builtins__", b""),
    "chumpy.ch.Ch.__init__": call(b"chumpy.ch", b"Ch.__init__", b""),
    "render.containers.pickles.recorded.Node": call(b"render.containers.pickles.recorded", b"Node", b"x"),
}


@pytest.mark.parametrize(("name", "data"), FORBIDDEN.items(), ids=FORBIDDEN)
@pytest.mark.parametrize("nested", [False, True], ids=["alone", "in a model"])
def test_forbidden_names_are_refused_and_not_run(tmp_path, monkeypatch, name, data, nested):
    monkeypatch.chdir(tmp_path)
    # pickle builds the value of a key before it knows whether anyone wants it.
    Path("smpl.pkl").write_bytes(b"(dS'extra'\n" + data[:-1] + b"s." if nested else data)
    with pytest.raises(
        BodyModelError, match=r"smpl\.pkl.*nothing of it was run.*Do not trust this file"
    ) as caught:
        read_model_file(Path("smpl.pkl"))
    assert f"asks for {name}," in str(caught.value)
    assert not Path("ran").exists()


def test_forbidden_pickles_would_have_run(tmp_path, monkeypatch):
    """The test above means something: an ordinary unpickler does run these."""
    monkeypatch.chdir(tmp_path)
    for name in ("posix.system", "os.system", "builtins.eval", "__builtin__.eval"):
        pickle.loads(FORBIDDEN[name])
        assert Path("ran").exists()
        Path("ran").unlink()


NDARRAY = b"cnumpy\nndarray\n"
DAMAGED = {
    "object array": (array_state((1,), b"O8"), "f: expected numbers, found the dtype 'O8'"),
    "record array": (array_state((1,), b"V8"), "f: expected numbers, found the dtype 'V8'"),
    "byte order": (array_state((1,), order=b"x"), "f: a dtype of unknown byte order"),
    "huge shape": (array_state((10**9, 10**9)), r"f: an array of shape .* is claimed"),
    "huge beside zero": (array_state((0, 10**18)), "f: an array of shape .* is claimed"),
    "negative shape": (array_state((-1, 8)), "f: an array of shape .* is claimed"),
    "short array": (array_state((1000,), content=b"1234"), "f: expected 8000 bytes for shape .* found 4"),
    "ndarray called": (b"}S'f'\n" + NDARRAY + b"(L1000000000000L\ntRs.", "f: an array without its contents"),
    "ndarray itself": (b"}S'f'\n" + NDARRAY + b"s.", "f: expected an array, found a Name"),
    "state of a class": (b"}S'f'\n" + NDARRAY + b"}S'tofile'\nI1\nsbs.", "uses a Name as a Node"),
    "state of a list": (b"}S'f'\n]}bs.", "uses a list as a Node"),
    "call of a list": (b"}S'f'\n](tRs.", "uses a list as a Name"),
    "Ch in itself": (b"}S'f'\ncchumpy.ch\nCh\n)\x81p0\n}S'x'\ng0\nsbs.", "f: an array wrapped in itself"),
    "Ch without state": (b"}S'f'\ncchumpy.ch\nCh\n)\x81s.", "f: expected an array, found a Ch"),
    "dtype as array": (b"}S'f'\ncnumpy\ndtype\n(S'O8'\ntRs.", "f: expected an array, found a dtype"),
    "string length": (b"T\xff\xff\xff\x7fshort", "cut short"),
    "bytes length": (b"\x8e" + b"\xff" * 7 + b"\x7fshort", "cut short"),
    "memo index": (b"}r\xff\xff\xff\xff.", "expected the key v_template"),
    "persistent id": (b"Pid\n.", "refers to something outside"),
    "extension": (b"\x82\x01.", "is no opcode of data"),
    "empty stack": (b"0.", "takes from an empty stack"),
    "below a mark": (b"](0.", "takes from an empty stack"),
    "no mark": (b"t.", "a mark that it did not set"),
    "unknown value": (b"h\x05.", "asks for value 5"),
    "unknown opcode": (b"\xfe.", "is no opcode of data"),
    "long integer": (b"L" + b"9" * 5000 + b"L\n.", "expected an SMPL model"),
    "no end of opcodes": (b"(" * 10_001, "more than 10000 opcodes"),
    "odd dictionary": (b"(S'f'\nd.", "a key without value"),
}  # fmt: skip


@pytest.fixture
def few_opcodes(monkeypatch):
    """To have too many of them takes a second otherwise."""
    monkeypatch.setattr(recorded, "MOST_OPCODES", 10_000)


@pytest.mark.usefixtures("few_opcodes")
@pytest.mark.parametrize(("data", "message"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_or_hostile_pickles(tmp_path, data, message):
    path = tmp_path / "smpl.pkl"
    path.write_bytes(data)
    with pytest.raises(BodyModelError, match=message) as caught:
        read_model_file(path)
    assert str(path) in str(caught.value)


def test_nested_tuples_are_not_hashed(tmp_path):
    """Hashing a tuple of one tuple twice, forty deep, would take 2^40 steps."""
    path = tmp_path / "smpl.pkl"
    path.write_bytes(b"}N" + b"q\x01h\x01\x86" * 40 + b"Ns.")
    with pytest.raises(BodyModelError, match="expected the key v_template"):
        read_model_file(path)
