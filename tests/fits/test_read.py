"""Fit files are read in one place, whatever their format."""

import warnings

import numpy as np
import pytest

from render.errors import FitFileError
from render.fits.read import read_fits


def test_numbers_beyond_all_others_are_refused_without_warnings_of_numpy(tmp_path):
    fits = {
        "imgname": np.array(["a.jpg"]),
        "center": np.full((1, 2), 100.0),
        "scale": np.ones(1),
        "pred_cam": np.full((1, 3), 1e300),
        "pred_rotmat": np.tile(np.eye(3), (1, 24, 1, 1)) * 1e300,
        "pred_betas": np.full((1, 10), 1e300),
    }
    np.savez(tmp_path / "a.npz", **fits)
    with warnings.catch_warnings(), pytest.raises(FitFileError, match="none of its 1 rows can be drawn"):
        warnings.simplefilter("error")
        read_fits("spin", tmp_path / "a.npz")
