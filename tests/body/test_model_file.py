"""SMPL model files: every layout reads to the same arrays, and nothing in a file is ever run."""

import contextlib
import io
import os
import pickle
import struct
import sys
import types
import zipfile
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csc_matrix

from render.body.model_file import LARGEST_FILE_BYTES, read_model_file
from render.body.smpl_arrays import SMPL_PARENTS
from render.errors import BodyModelError

VERTS = 30
DEMO = Path(__file__).parents[2] / "extradata" / "demo" / "demo_smpl.npz"


@pytest.fixture
def model() -> dict[str, np.ndarray]:
    """A small body in the keys, shapes and dtypes of SMPL's file."""
    rng = np.random.default_rng(0)
    weights = rng.random((VERTS, 24))
    parents = np.array(SMPL_PARENTS, dtype=np.int64).astype(np.uint32)
    return {
        "v_template": rng.normal(size=(VERTS, 3)),
        "shapedirs": rng.normal(size=(VERTS, 3, 10)),
        "posedirs": rng.normal(size=(VERTS, 3, 207)),
        "J_regressor": np.where(rng.random((24, VERTS)) < 0.1, rng.random((24, VERTS)), 0),
        "weights": weights / weights.sum(1, keepdims=True),
        "f": rng.integers(0, VERTS, (40, 3)).astype(np.uint32),
        "kintree_table": np.stack([parents, np.arange(24, dtype=np.uint32)]),
    }


def assert_is_model(arrays, model, tolerance=1e-6):
    for key in ("v_template", "shapedirs", "posedirs", "J_regressor", "weights"):
        read = getattr(arrays, key)
        assert type(read) is np.ndarray
        assert read.dtype == np.float32
        assert read.flags.c_contiguous
        assert read.flags.writeable
        np.testing.assert_allclose(read, model[key], atol=tolerance, err_msg=key)
    assert arrays.faces.dtype == arrays.parents.dtype == np.int64
    np.testing.assert_array_equal(arrays.faces, model["f"])
    assert arrays.parents.tolist() == list(SMPL_PARENTS)


class Python2Pickler(pickle._Pickler):
    """Writes text and bytes as Python 2 did: as byte strings."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_python2_string(self, value):
        content = value.encode("latin-1") if isinstance(value, str) else value
        if self.proto == 0:
            self.write(b"S" + repr(content)[1:].encode() + b"\n")
        else:
            self.write(b"T" + struct.pack("<i", len(content)) + content)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = save_python2_string


def python2_dumps(value, protocol) -> bytes:
    file = io.BytesIO()
    Python2Pickler(file, protocol).dump(value)
    text = file.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    return text.replace(b"scipy.sparse._csc", b"scipy.sparse.csc")


@pytest.fixture
def chumpy(monkeypatch):
    """Classes under chumpy's names, whose instances pickle as chumpy's do."""
    classes = {"chumpy": [], "chumpy.ch": ["Ch"], "chumpy.reordering": ["Select", "transpose"]}
    made = {}
    for module_name, names in classes.items():
        module = types.ModuleType(module_name)
        for name in names:
            made[name] = type(name, (), {"__module__": module_name})
            setattr(module, name, made[name])
        monkeypatch.setitem(sys.modules, module_name, module)

    def make(name, **state):
        instance = made[name]()
        instance.__dict__.update(state, _dirty_vars={"a", "x"}, _itr=None)
        return instance

    return make


@pytest.fixture
def registered(model, chumpy):
    """The model as it is distributed: chumpy objects, a sparse regressor, things that nobody needs."""
    flat = np.concatenate([np.zeros(5), model["shapedirs"].ravel()])
    return model | {
        "v_template": chumpy("Ch", x=np.asfortranarray(model["v_template"])),
        "shapedirs": chumpy(
            "Select",
            a=chumpy("Ch", x=flat, dr_lookup={((1, 2), None): csc_matrix(np.eye(3))}),
            idxs=np.arange(5, len(flat)),
            preferred_shape=(VERTS, 3, 10),
        ),
        "weights": chumpy("transpose", a=chumpy("Ch", x=model["weights"].T.copy()), axes=None),
        "posedirs": chumpy(
            "transpose", a=np.ascontiguousarray(model["posedirs"].transpose(1, 2, 0)), axes=(2, 0, 1)
        ),
        "J_regressor": csc_matrix(model["J_regressor"]),
        "bs_style": "lbs",
        "J": np.zeros((24, 3), dtype=">f4"),
        "pose_training_info": {"gender": "neutral", "best_num": np.float64(3)},
    }


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_registered_pickle(tmp_path, model, registered, protocol):
    path = tmp_path / "basicModel_neutral_lbs_10_207_0_v1.0.0.pkl"
    path.write_bytes(python2_dumps(registered, protocol))
    assert b"chumpy.reordering\nSelect" in path.read_bytes()
    assert_is_model(read_model_file(path), model)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickle_saved_again_by_python_3(tmp_path, model, registered, protocol):
    path = tmp_path / "SMPL_NEUTRAL.pkl"
    path.write_bytes(pickle.dumps(registered, protocol))
    assert_is_model(read_model_file(path), model)


def test_npz(tmp_path, model):
    np.savez_compressed(tmp_path / "smpl.npz", **model, gender=np.array("neutral"))
    assert_is_model(read_model_file(tmp_path / "smpl.npz"), model)


def test_300_betas_are_kept_and_no_more(tmp_path, model):
    more = np.concatenate([model["shapedirs"], np.ones((VERTS, 3, 390))], axis=2)
    np.savez(tmp_path / "smpl.npz", **model | {"shapedirs": more})
    assert_is_model(read_model_file(tmp_path / "smpl.npz"), model | {"shapedirs": more[:, :, :300]})


def save_compact(path, model):
    regressor, weights = coo_matrix(model["J_regressor"]), coo_matrix(model["weights"])
    np.savez(
        path,
        v_template=model["v_template"].astype(np.float32),
        shapedirs=model["shapedirs"].astype(np.float16),
        f=model["f"].astype(np.uint16),
        **{f"jr_{k}": v for k, v in zip("rcv", (regressor.row, regressor.col, regressor.data), strict=True)},
        **{f"w_{k}": v for k, v in zip("rcv", (weights.row, weights.col, weights.data), strict=True)},
    )


def test_compact_layout(tmp_path, model):
    save_compact(tmp_path / "demo.npz", model)
    flat = model | {"posedirs": np.zeros((VERTS, 3, 207))}
    # Half precision keeps three digits.
    assert_is_model(read_model_file(tmp_path / "demo.npz"), flat, tolerance=4e-3)


def test_compact_layout_out_of_range(tmp_path, model):
    model["J_regressor"] = np.pad(model["J_regressor"], ((0, 3), (0, 0)), constant_values=1)
    save_compact(tmp_path / "demo.npz", model)
    with pytest.raises(BodyModelError, match=r"demo\.npz: jr_r, jr_c, jr_v: expected places .* to 26"):
        read_model_file(tmp_path / "demo.npz")


def test_demo_body():
    arrays = read_model_file(DEMO)
    assert arrays.v_template.shape == (6890, 3)
    assert arrays.faces.shape == (13776, 3)


# Wrong in what it holds.


def changed(key, change):
    def edit(model):
        model[key] = change(model[key])

    return edit


def put(array, index, value):
    array = array.copy()
    array[index] = value
    return array


FAULTS = {
    "missing key": (lambda model: model.pop("weights"), "expected the key weights, found J_regressor, f,"),
    "few betas": (
        changed("shapedirs", lambda a: a[:, :, :4]),
        r"shapedirs: expected numbers of shape \(30, 3, 10\)",
    ),
    "regressor": (
        changed("J_regressor", lambda a: a.T),
        r"J_regressor: .* \(24, 30\), found float64 of \(30, 24\)",
    ),
    "flat": (
        changed("v_template", lambda a: np.float64(3)),
        "v_template: expected 1 to 50000 vertices, found 0",
    ),
    "nan": (
        changed("posedirs", lambda a: put(a, (1, 1, 1), np.nan)),
        "posedirs: expected finite numbers, found nan",
    ),
    "overflow": (
        changed("v_template", lambda a: put(a, 0, 1e300)),
        "v_template: expected finite numbers, found inf",
    ),
    "weights": (
        changed("weights", lambda a: a * 1.01),
        "weights: expected rows that sum to 1 .* off by 0.01",
    ),
    "face index": (
        changed("f", lambda a: put(a, 0, VERTS)),
        "f: expected indices of 30 vertices, found 0 to 30",
    ),
    "float faces": (changed("f", lambda a: a.astype(float)), "f: expected integers"),
    "no faces": (changed("f", lambda a: a[:0]), "f: expected indices of 30 vertices, found .* 0 faces"),
    "root": (
        changed("kintree_table", lambda a: put(a, (0, 0), 5)),
        "kintree_table: expected a root .* found 5",
    ),
    "loop": (
        changed("kintree_table", lambda a: put(a, (0, 3), 7)),
        "kintree_table: expected a tree .* found parent 7 of joint 3",
    ),
    "joints": (changed("kintree_table", lambda a: np.zeros((2, 55), int)), r"kintree_table: .* \(2, 24\)"),
    "strings": (changed("weights", lambda a: a.astype(str)), "weights: expected numbers, found the dtype <U"),
    "objects": (
        changed("J_regressor", lambda a: a.astype(object)),
        "J_regressor: expected numbers, found Python obj",
    ),
}


@pytest.mark.parametrize(("edit", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_in_arrays(tmp_path, model, edit, message):
    path = tmp_path / "smpl.npz"
    edit(model)
    np.savez(path, **model)
    with pytest.raises(BodyModelError, match=message) as caught:
        read_model_file(path)
    assert str(path) in str(caught.value)
    assert "smpl.is.tue.mpg.de" in str(caught.value)


# Wrong as files.


def test_missing_file_says_where_to_get_it_and_where_to_put_it(tmp_path):
    path = tmp_path / "extradata" / "smpl" / "basicModel_neutral_lbs_10_207_0_v1.0.0.pkl"
    with pytest.raises(BodyModelError, match=r"registered for at https://smpl\.is\.tue\.mpg\.de") as caught:
        read_model_file(path)
    assert "download the neutral model (basicModel_neutral_lbs_10_207_0_v1.0.0.pkl" in str(caught.value)
    assert f"put it at {path}" in str(caught.value)


def test_files_that_are_something_else(tmp_path, model):
    path = tmp_path / "smpl.pkl"
    archive = io.BytesIO()
    np.savez(archive, **model)
    cases = {
        b"": "the file is empty",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n": "git-lfs pointer.*git lfs pull",
        b"\n<!DOCTYPE html><html>Please log in</html>": "web page .HTML.*while logged in",
        python2_dumps(model, 2)[:-1000]: "cut short",
        archive.getvalue()[:-300]: "cut short",
        python2_dumps(model, 2).replace(b"\n", b"\r\n"): "CRLF.*binary mode",
        python2_dumps(model, 0).replace(b"\n", b"\r\n"): "CRLF",
        archive.getvalue().replace(b"\n", b"\r\n"): "CRLF",
        b"hello": "expected an SMPL model",
        pickle.dumps([1, 2]): "expected a dictionary of arrays, found a list",
        pickle.dumps({"f": [1, 2]}): "f: expected an array, found a list",
        pickle.dumps({}): "expected the key v_template, found none of a model's",
    }
    for data, message in cases.items():
        path.write_bytes(data)
        with pytest.raises(BodyModelError, match=message) as caught:
            read_model_file(path)
        assert str(path) in str(caught.value)


def test_folder_and_oversized_file(tmp_path):
    with pytest.raises(BodyModelError, match="found a folder"):
        read_model_file(tmp_path)
    path = tmp_path / "huge.pkl"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)  # sparse: takes no space
    with pytest.raises(BodyModelError, match="at most 1024 MiB"):
        read_model_file(path)


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path):
    path = tmp_path / "smpl.pkl"
    os.mkfifo(path)
    for irregular in (path, Path("/dev/zero")):
        with pytest.raises(BodyModelError, match=f"{irregular}: .* found a pipe, a socket or a device"):
            read_model_file(irregular)


def test_npz_header_that_claims_too_much(tmp_path, model):
    """The header alone decides: the bytes that it claims are not there."""
    path = tmp_path / "smpl.npz"
    header = io.BytesIO()
    for shape in ((10**6, 10**6), (0, 10**18), (10**5, 3, 10)):
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"shape": shape, "fortran_order": False, "descr": "<f8"})
        np.savez(path, **{key: array for key, array in model.items() if key != "shapedirs"})
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("shapedirs.npy", header.getvalue())
        with pytest.raises(BodyModelError, match=r"smpl\.npz.*shapedirs: .*(claimed|expected \d+ bytes)"):
            read_model_file(path)


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
def test_flipped_bytes_never_escape(tmp_path, model):
    """Whatever byte is damaged: a model or a BodyModelError."""
    rng = np.random.default_rng(0)
    path = tmp_path / "smpl"
    archive = io.BytesIO()
    np.savez_compressed(archive, **model)
    sparse = model | {"J_regressor": csc_matrix(model["J_regressor"])}
    for data in (python2_dumps(sparse, 0), python2_dumps(sparse, 2), archive.getvalue()):
        # Damage where structure is, not in the middle of the numbers.
        heads = [at + k for at in find_all(data, (b"numpy", b"PK", b"NUMPY", b"csc")) for k in range(-10, 60)]
        for place in rng.choice(heads, 60):
            damaged = bytearray(data)
            damaged[place % len(data)] = rng.integers(256)
            path.write_bytes(damaged)
            with contextlib.suppress(BodyModelError):
                read_model_file(path)


def find_all(data, patterns):
    return [i for p in patterns for i in range(len(data)) if data.startswith(p, i)]
