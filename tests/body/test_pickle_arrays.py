"""Pickled arrays whose parts are shared, nested or claimed: the work and memory are bounded by the file."""

import pickle
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csc_matrix

from render.body.model_file import read_model_file
from render.body.pickle_arrays import MOST_NODES, arrays_from_pickle
from render.errors import BodyModelError

# Pickles are written here by hand: what they hold is not what a pickler would write.


def text(content: str) -> bytes:
    return b"X" + struct.pack("<I", len(content)) + content.encode()


def put(number: int) -> bytes:
    return b"r" + struct.pack("<I", 10_000 + number)


def get(number: int) -> bytes:
    return b"j" + struct.pack("<I", 10_000 + number)


def inside(value: object) -> bytes:
    """The opcodes that put a value on the stack."""
    return pickle.dumps(value, 2)[2:-1]


def make_object(name: str, **state: bytes) -> bytes:
    module = "chumpy.ch" if name == "Ch" else "chumpy.reordering"
    items = b"".join(text(key) + value for key, value in state.items())
    return f"c{module}\n{name}\n".encode() + b")\x81}(" + items + b"ub"


def model_of(value: bytes, before: bytes = b"", key: str = "v_template") -> bytes:
    return b"\x80\x02" + before + b"}" + text(key) + value + b"s."


def nest(leaf: bytes, depth: int, name: str = "Select") -> bytes:
    """Nodes that each take the one before twice."""
    before = leaf + put(0) + b"0"
    for i in range(depth):
        before += make_object(name, a=get(i), idxs=get(i)) + put(i + 1) + b"0"
    return model_of(get(depth), before)


def test_a_node_that_is_shared_is_built_once(monkeypatch):
    """Fifteen deep, the innermost would be built 2^15 times."""
    built = []
    build = np.frombuffer
    monkeypatch.setattr(np, "frombuffer", lambda *args, **kwargs: built.append(0) or build(*args, **kwargs))
    order = np.random.default_rng(0).permutation(50).astype(np.int64)
    read = arrays_from_pickle(nest(inside(order), 15), ["v_template"])["v_template"].read(np.int64)
    assert len(built) == 1
    for _ in range(15):
        order = order[order]
    np.testing.assert_array_equal(read, order)


@pytest.mark.parametrize("size", [32_000_000, 5_000_000])
def test_what_is_made_is_bounded_by_the_file(tmp_path, size):
    """A sparse matrix of some hundred bytes, made dense and then used as indices into itself."""
    leaf = inside(csc_matrix((np.array([0], np.int8), ([0], [0])), shape=(size, 1)))
    assert_refused_small(
        tmp_path, nest(leaf, 6), "v_template: putting it together takes more than 128 MiB", 40_000_000
    )


def test_sparse_matrices_are_sized_together(tmp_path):
    """Each in its own limit, and one more than what may be made of a file."""
    one = csc_matrix((np.array([0], np.int8), ([0], [0])), shape=(3_400_000, 1))
    content = b"".join(
        text(key) + inside(one) for key in ("f", "weights", "posedirs", "v_template", "shapedirs")
    )
    data = b"\x80\x02}(" + content + b"u."
    assert_refused_small(tmp_path, data, "putting it together takes more than 128 MiB", 40_000_000)


def leaves_of(count: int, leaf: bytes) -> bytes:
    """A tree of selections over so many nodes that are all different."""
    if count == 1:
        return leaf
    half = leaves_of(count // 2, leaf)
    return make_object("Select", a=half, idxs=half)


def array_node(shape: bytes, content: bytes, dtype: bytes = b"u1") -> bytes:
    return (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01" + shape + b"cnumpy\ndtype\nU" + bytes([len(dtype)]) + dtype + b"K\x00K\x01\x87R"
        b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89" + content + b"tb"
    )  # fmt: skip


def test_a_text_that_many_arrays_share_is_not_encoded_for_each(tmp_path):
    size = 1_000_000
    shared = text("\0" * size) + put(0) + b"0"
    leaf = array_node(b"J" + struct.pack("<i", size) + b"\x85", get(0))
    data = model_of(leaves_of(256, leaf), shared)
    assert len(data) < 1_100_000
    assert_refused_small(tmp_path, data, "takes more than 128 MiB", 40_000_000)


def test_nodes_are_counted(tmp_path):
    """All are different and tiny; a model has some thirty."""
    data = model_of(leaves_of(1024, array_node(b"K\x01\x85", b"U\x01\0")))
    assert_refused_small(tmp_path, data, f"v_template: .* more than {MOST_NODES} arrays", 5_000_000)


@pytest.mark.parametrize("name", ["Select", "transpose", "Ch"])
def test_depth_is_bounded(tmp_path, name):
    data = inside(np.zeros(1, np.int8))
    for _ in range(40):
        state = {"x": data} if name == "Ch" else {"a": data, "idxs": inside(np.zeros(1, int)), "axes": b"N"}
        data = make_object(name, **state)
    assert_refused_small(tmp_path, model_of(data), "v_template: an array wrapped in itself")


AXES = {
    "large": b"(" + (b"J" + struct.pack("<i", 31_999_999)) * 10_000 + b"t",
    "ones": b"(" + b"K\x01" * 10_000 + b"t",
    "zeros": b"(" + b"K\x00" * 10_000 + b"t",
    "a list": b"](" + b"K\x02" * 33 + b"e",
}


@pytest.mark.parametrize("shape", AXES.values(), ids=AXES)
@pytest.mark.parametrize("where", ["array", "sparse matrix", "selection", "transposition"])
def test_axes_are_counted_before_anything_is_done_with_them(tmp_path, where, shape):
    array = inside(np.zeros(1, np.int8))
    sparse = b"cscipy.sparse.csc\ncsc_matrix\n)\x81}(" + text("_shape") + shape + b"ub"
    value = {
        "array": array_node(shape, b"U\x00"),
        "sparse matrix": sparse,
        "selection": make_object("Select", a=array, idxs=inside(np.zeros(1, int)), preferred_shape=shape),
        "transposition": make_object("transpose", a=array, axes=shape),
    }[where]
    message = r"v_template: an array of \d+ axes is claimed, over 32"
    assert_refused_small(tmp_path, model_of(value), message, 20_000_000)


def test_numbers_of_thousands_of_digits_are_not_written_out(tmp_path):
    digits = 5_000
    huge = b"\x8b" + struct.pack("<i", digits) + b"\xff" * (digits - 1) + b"\x01"
    for shape in (huge + b"\x85", b"K\x00" + huge + b"\x86", huge + b"K\x02" + huge + b"\x87"):
        data = model_of(array_node(shape, b"U\x00"))
        assert_refused_small(tmp_path, data, r"v_template: an array of shape \(.*\.\.\..*\) is claimed")
    # One of these in a name or a type is cut, too.
    data = model_of(array_node(b"K\x01\x85", b"U\x01\0").replace(b"U\x02u1", text("v" * 1_000_000)))
    assert_refused_small(
        tmp_path, data, r"v_template: expected numbers, found the dtype 'v{60}'\.", 10_000_000
    )
    data = b"\x80\x02" + b"cos\n" + b"x" * 1_000_000 + b"\n."
    assert_refused_small(tmp_path, data, r"asks for os\.x{197},", 10_000_000)


def test_places_of_the_memo_are_those_that_pickles_use(tmp_path):
    """Multiples of a large prime would share one place in Python's dictionaries."""
    data = b"\x80\x02N" + b"".join(b"p%d\n" % (i * (2**61 - 1)) for i in range(5, 1000)) + b"."
    assert_refused_small(tmp_path, data, "stores a value under a number that no pickle uses")


def assert_refused_small(tmp_path: Path, data: bytes, message: str, most_bytes: int = 2_000_000) -> None:
    """The file is refused, and takes little memory."""
    path = tmp_path / "smpl.pkl"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(BodyModelError, match=message) as caught:
            read_model_file(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < 900
    assert peak < most_bytes
