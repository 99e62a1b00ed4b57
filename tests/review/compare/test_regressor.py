"""Matrices of joints in files of strangers."""

import pickle

import numpy as np
import pytest

from render.errors import ConfigError
from render.review.compare import regressor
from render.review.compare.regressor import read_regressor

MATRIX = np.arange(12, dtype=np.float32).reshape(3, 4)


def test_npy_and_npz_hold_the_same(tmp_path):
    np.save(tmp_path / "a.npy", MATRIX)
    np.savez(tmp_path / "b.npz", J_regressor=MATRIX, other=np.zeros(3))
    for name in ("a.npy", "b.npz"):
        found = read_regressor(tmp_path / name, [2, 0])
        np.testing.assert_array_equal(found.matrix, MATRIX)
        assert (found.name, found.subset.tolist(), found.vert_count) == (name, [2, 0], 4)
    assert read_regressor(tmp_path / "a.npy").subset.tolist() == [0, 1, 2]


class Trap:
    def __reduce__(self):
        return (print, ("run",))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (np.zeros(3), r"found float64 of shape \(3,\)"),
        (np.zeros((0, 4)), "found float64 of shape"),
        (np.full((2, 3), np.nan), "not finite"),
        (np.zeros((2, 3), complex), "complex"),
        (np.zeros((1001, 1)), "1001"),
        (np.array([[Trap()]], dtype=object), "joint_regressor"),
    ],
    ids=["flat", "empty", "nan", "complex", "many", "objects"],
)
def test_what_is_no_matrix_is_refused(tmp_path, content, said, capsys):
    np.save(tmp_path / "a.npy", content, allow_pickle=True)
    with pytest.raises(ConfigError, match=said):
        read_regressor(tmp_path / "a.npy")
    assert capsys.readouterr().out == ""


def test_what_is_no_such_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file"):
        read_regressor(tmp_path / "gone.npy")
    with pytest.raises(ConfigError, match=r"no regular file|found a folder"):
        read_regressor(tmp_path)
    (tmp_path / "a.npy").write_bytes(pickle.dumps(MATRIX))
    with pytest.raises(ConfigError, match="expected an npy"):
        read_regressor(tmp_path / "a.npy")
    np.savez(tmp_path / "b.npz", other=MATRIX)
    with pytest.raises(ConfigError, match="none of the keys J_regressor"):
        read_regressor(tmp_path / "b.npz")
    np.save(tmp_path / "c.npy", MATRIX)
    with pytest.raises(ConfigError, match=r"joint_subset: c\.npy has 3 rows; expected 0 to 2, found 7"):
        read_regressor(tmp_path / "c.npy", [7])


@pytest.mark.parametrize("save", [np.save, np.savez, np.savez_compressed])
def test_a_vast_matrix_is_refused(tmp_path, monkeypatch, save):
    monkeypatch.setattr(regressor, "MOST_NUMBERS", 5)
    path = tmp_path / ("a.npy" if save is np.save else "a.npz")
    if save is np.save:
        save(path, np.zeros((2, 3)))
    else:
        save(path, J_regressor=np.zeros((2, 3)))
    with pytest.raises(ConfigError, match=r"found shape \(2, 3\), more than 5 numbers"):
        read_regressor(path)
