"""Files of arrays of every kind, written by the libraries that people write them with."""

import collections
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.helpers.joblib_files import import_joblib

joblib = import_joblib()


def make_fits(seed: int = 0) -> dict[Any, Any]:
    """What the files of trackers hold, of every type that they hold it in."""
    rng = np.random.default_rng(seed)
    return {
        "pose": rng.normal(size=(3, 24, 3)).astype(np.float32),
        "verts": np.asfortranarray(rng.normal(size=(5, 3))),
        "frame_ids": np.arange(3),
        "half": np.ones(4, np.float16),
        "is_valid": np.array([True, False]),
        "imgname": np.array(["a.jpg", "bücher/b.jpg"]),
        "bytes": np.array([b"a", b"bcd"]),
        "gender": np.array("male"),
        "empty": np.zeros((0, 10), np.float32),
        "big_endian": np.arange(4, dtype=">i4"),
        "objects": np.array([{"k": 1}, [2.5], None], dtype=object),
        "focal": np.float32(1.5),
        "count": np.int64(7),
        "flag": np.bool_(True),
        "plain": [1, -5, 2**40, 2.5, "text", b"raw", None, True, (1, (2, 3)), 1 + 2j],
        7: collections.OrderedDict(x=1, y=[2]),
        "missing": collections.defaultdict(list, {"q": [1]}),
        "ids": {1, 2, 3},
        "frozen": frozenset([4]),
        "path": Path("images/a.jpg"),
    }


def make_tensors(seed: int = 0) -> dict[str, Any]:
    """Tensors of every type, transposed, cut and shared."""
    torch.manual_seed(seed)
    base = torch.rand(4, 6)
    return {
        "pose": torch.rand(2, 24, 3, 3),
        "base": base,
        "transposed": base.t(),
        "column": base[:, 2],
        "expanded": torch.rand(1, 10).expand(5, 10),
        "half": base.half(),
        "double": base.double(),
        "ids": torch.arange(5),
        "mask": base > 0.5,
        "bytes": torch.arange(3, dtype=torch.uint8),
        "empty": torch.zeros(0, 3),
        "number": torch.tensor(2.5),
        "weights": torch.nn.Parameter(torch.rand(3)),
        "size": base.shape,
    }


def plain(value: Any) -> Any:
    """The same as files are read: tensors as arrays, NumPy's scalars as Python's."""
    match value:
        case torch.Tensor():
            array = value.detach()
            return (array.float() if array.dtype == torch.bfloat16 else array).numpy()
        case dict():
            return {key: plain(member) for key, member in value.items()}
        case list() | tuple():
            return type(value)(map(plain, value)) if type(value) in (list, tuple) else tuple(value)
        case np.generic():
            return value.item()
        case Path():
            return str(value)
        case frozenset():
            return set(value)
    return value


def assert_same(found: Any, expected: Any) -> None:
    """They are of the same types all through, and equal."""
    if isinstance(expected, np.ndarray):
        assert type(found) is np.ndarray
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        if expected.dtype.hasobject:
            assert_same(found.tolist(), expected.tolist())
        else:
            np.testing.assert_array_equal(found, expected)
        return
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_same(found[key], expected[key])
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    else:
        assert found == expected


def _dump_joblib(**options: Any) -> Callable[[Any], bytes]:
    def dump(value: Any) -> bytes:
        file = io.BytesIO()
        joblib.dump(value, file, **options)
        return file.getvalue()

    return dump


def _dump_torch(**options: Any) -> Callable[[Any], bytes]:
    def dump(value: Any) -> bytes:
        file = io.BytesIO()
        torch.save(value, file, **options)
        return file.getvalue()

    return dump


def _dump_npz(save: Callable) -> Callable[[Any], bytes]:
    def dump(value: Any) -> bytes:
        file = io.BytesIO()
        save(file, results=value)
        return file.getvalue()

    return dump


def _dump_npy(value: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, value)
    return file.getvalue()


def _dump_pickle(protocol: int) -> Callable[[Any], bytes]:
    return lambda value: pickle.dumps(value, protocol)


# What writes a value, by the kind and a word on how.
DUMPS: dict[tuple[str, str], Callable[[Any], bytes]] = {
    **{("pickle", f"protocol {protocol}"): _dump_pickle(protocol) for protocol in range(6)},
    **{("joblib", f"protocol {protocol}"): _dump_joblib(protocol=protocol) for protocol in (0, 2, 3, 4, 5)},
    **{
        ("joblib", method): _dump_joblib(compress=(method, 3))
        for method in ("zlib", "gzip", "bz2", "lzma", "xz")
    },
    ("torch", "zip"): _dump_torch(),
    ("torch", "old"): _dump_torch(_use_new_zipfile_serialization=False),
    ("npz", "stored"): _dump_npz(np.savez),
    ("npz", "packed"): _dump_npz(np.savez_compressed),
    ("npy", "object"): _dump_npy,
}
