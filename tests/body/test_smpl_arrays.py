"""The compact layout: triplets of row, column and value are made dense as SciPy does, and checked first."""

import numpy as np
import pytest
from scipy.sparse import coo_matrix

from render.body.model_file import read_model_file
from render.errors import BodyModelError
from render.resources import DEMO_BODY_FILE


def save(path, **changes) -> None:
    """The demo body with other arrays."""
    with np.load(DEMO_BODY_FILE) as arrays:
        np.savez(path, **dict(arrays) | changes)


def test_triplets_are_added_up_as_scipy_does(tmp_path):
    """A place that is named twice has the sum of both values."""
    with np.load(DEMO_BODY_FILE) as arrays:
        row, col, value = (arrays[f"jr_{key}"] for key in "rcv")
    halves = {f"jr_{key}": np.concatenate([index, index]) for key, index in (("r", row), ("c", col))}
    save(tmp_path / "body.npz", **halves, jr_v=np.concatenate([value, value]) / 2)
    expected = coo_matrix((value, (row, col)), shape=(24, 6890)).toarray()
    np.testing.assert_array_equal(read_model_file(tmp_path / "body.npz").J_regressor, expected)


@pytest.mark.parametrize(
    ("key", "change", "found"),
    [
        ("jr_r", lambda index: index[:-1], "expected one length"),
        ("jr_c", lambda index: index[:-1], "expected one length"),
        ("jr_v", lambda value: value[:-1], "expected one length"),
        ("w_r", lambda index: index[None], "expected one length"),
        ("w_c", lambda index: index.astype(float), "expected whole numbers for places"),
        ("w_r", lambda index: index.astype(bool), "expected whole numbers for places"),
        ("w_c", lambda index: np.where(index == 23, 24, index), "to 24"),
        ("jr_r", lambda index: index.astype(int) - 1, "found -1 to"),
    ],
)
def test_triplets_that_do_not_fit_are_refused(tmp_path, key, change, found):
    with np.load(DEMO_BODY_FILE) as arrays:
        changed = change(arrays[key])
    save(tmp_path / "body.npz", **{key: changed})
    prefix = key.split("_")[0]
    with pytest.raises(BodyModelError, match=f"{prefix}_r, {prefix}_c, {prefix}_v: .*{found}"):
        read_model_file(tmp_path / "body.npz")
