"""DensePose's charts lie on the faces of their body, and files that hold none are refused."""

import os
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch

from render.body import charts
from render.body.charts import read_chart_arrays, read_charts
from render.errors import BodyModelError

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

# A square of two faces, whose four corners are six chart vertices: one chart for each face.
FACES = [[0, 1, 2], [0, 2, 3]]
CHARTS = {
    "All_Faces": [[1, 2, 3], [5, 6, 4]],
    "All_FaceIndices": [[3], [7]],
    "All_vertices": [[1, 2, 3, 1, 3, 4]],
    "All_U_norm": [[0.0], [0.1], [0.2], [0.3], [0.4], [0.5]],
    "All_V_norm": [[1.0], [0.9], [0.8], [0.7], [0.6], [0.5]],
}


def save(path: Path, **changes: object) -> Path:
    scipy.io.savemat(path, {key: np.array(value) for key, value in (CHARTS | changes).items()})
    return path


def read(path: Path, faces: list[list[int]] = FACES, vert_count: int = 4) -> charts.Charts:
    return read_charts(path, torch.tensor(faces, dtype=torch.int32), vert_count)


def test_each_corner_of_a_face_has_its_own_place_in_the_chart(tmp_path):
    """Also where the chart starts a face at another corner than the body does."""
    found = read(save(tmp_path / "charts.mat"))
    assert found.part.tolist() == [3, 7]
    expected = [[[0.0, 1.0], [0.1, 0.9], [0.2, 0.8]], [[0.3, 0.7], [0.4, 0.6], [0.5, 0.5]]]
    np.testing.assert_allclose(found.uv.numpy(), expected, atol=1e-7)
    assert found.corner_count.tolist() == [2, 1, 2, 1]


def test_faces_of_the_body_that_the_charts_leave_out_have_no_part(tmp_path):
    found = read(save(tmp_path / "charts.mat"), faces=[FACES[1], [0, 1, 3], FACES[0]])
    assert found.part.tolist() == [7, 0, 3]
    assert (found.uv[1] == 0).all()


def test_the_charts_of_the_demo_body(demo_set, demo_body):
    found = read_charts(demo_set.charts_file, demo_body.faces, demo_body.vert_count)
    assert found.part.shape == (13776,)
    assert set(found.part.tolist()) <= set(range(25))
    assert set(range(1, 25)) <= set(found.part.tolist())
    assert ((found.uv >= 0) & (found.uv <= 1)).all()


@pytest.mark.parametrize(
    ("faces", "vert_count", "message"),
    [
        ([[0, 1, 2], [0, 1, 3]], 4, "these charts are of another body: 1 of their 2 faces are no faces of"),
        (FACES, 3, "All_vertices: expected vertices of a body with 3"),
    ],
)
def test_charts_of_another_body_are_refused(tmp_path, faces, vert_count, message):
    with pytest.raises(BodyModelError, match=message):
        read(save(tmp_path / "charts.mat"), faces, vert_count)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"All_Faces": [[1, 2], [5, 6]]}, r"All_Faces: expected \(faces, 3\), found \(2, 2\)"),
        ({"All_FaceIndices": [[3]]}, "All_FaceIndices: expected one for each face, found 1"),
        ({"All_Faces": [[0, 2, 3], [5, 6, 4]]}, "All_Faces: an index outside of the charts"),
        ({"All_Faces": [[1, 2, 7], [5, 6, 4]]}, "All_Faces: an index outside of the charts"),
        ({"All_FaceIndices": [[3], [0]]}, "All_FaceIndices: expected parts 1 to 24"),
        (
            {"All_U_norm": [[0.0], [0.1], [0.2], [0.3], [0.4], [1.5]]},
            "All_U_norm and All_V_norm: expected 0 to 1",
        ),
        ({"All_Faces": [[1, 2, 3], [5, 6, 4.5]]}, "All_Faces: expected whole numbers"),
        ({"All_vertices": [[1, 2, 3, 1, 3, np.nan]]}, "All_vertices: expected whole numbers"),
        ({"All_FaceIndices": [[3], [1e30]]}, "All_FaceIndices: expected whole numbers"),
        ({"All_V_norm": [[np.nan]] * 6}, "All_U_norm and All_V_norm: expected 0 to 1"),
        ({"All_V_norm": "text"}, "All_V_norm: expected real numbers, found text"),
    ],
)
def test_arrays_that_are_no_charts_are_refused(tmp_path, changes, message):
    with pytest.raises(BodyModelError, match=message) as caught:
        read_chart_arrays(save(tmp_path / "charts.mat", **changes))
    assert str(tmp_path / "charts.mat") in str(caught.value)
    assert "smpl-render download densepose" in str(caught.value)


def test_files_that_hold_no_charts_are_refused(tmp_path):
    path = tmp_path / "charts.mat"
    with pytest.raises(BodyModelError, match="there are no charts for this body, and a panel asks for them"):
        read_chart_arrays(path)
    path.write_bytes(b"<html>")
    with pytest.raises(BodyModelError, match="not a MATLAB file that can be read"):
        read_chart_arrays(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BodyModelError, match="found no regular file"):
        read_chart_arrays(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(BodyModelError, match="found no regular file"):
        read_chart_arrays(path)


def test_files_that_would_fill_the_memory_are_refused_unread(tmp_path, monkeypatch):
    path = save(tmp_path / "charts.mat")
    with monkeypatch.context() as patch:
        patch.setattr(charts, "LARGEST_FILE_BYTES", path.stat().st_size - 1)
        with pytest.raises(BodyModelError, match="found a far larger file"):
            read_chart_arrays(path)
    # Compressed, zeros without end take no room in a file.
    scipy.io.savemat(path, {"All_Faces": np.zeros((1000, 2100), np.uint8)}, do_compression=True)
    assert path.stat().st_size < 10_000
    with pytest.raises(BodyModelError, match="All_Faces: expected at most 2,000,000 numbers"):
        read_chart_arrays(path)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("key", ["All_U_norm", "All_V_norm"])
@pytest.mark.parametrize("number", [1e300, -1e300, np.inf, np.nan])
def test_coordinates_beyond_float32_are_refused_without_a_warning(tmp_path, key, number):
    with pytest.raises(BodyModelError, match="All_U_norm and All_V_norm: expected 0 to 1"):
        read_chart_arrays(save(tmp_path / "charts.mat", **{key: [[0.0]] * 5 + [[number]]}))
