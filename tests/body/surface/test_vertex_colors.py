"""A colour of each vertex, from arrays and from meshes."""

import numpy as np
import pytest

from render.body.surface.vertex_colors import read_vertex_colors
from render.containers.mesh_formats.color_bytes import to_color_bytes
from render.errors import BodyModelError
from tests.helpers.made_meshes import VERTS, write_obj

BYTES = np.array([[0, 51, 255], [1, 2, 3], [200, 100, 50], [7, 8, 9]], np.uint8)


@pytest.mark.parametrize(
    "held", [BYTES, BYTES.astype(np.int64), BYTES / 255, (BYTES / 255).astype(np.float32)]
)
def test_arrays(tmp_path, held):
    np.savez(tmp_path / "a.npz", vertex_colors=held, vertices=VERTS)
    np.savez(tmp_path / "b.npz", colors=held)
    # An alpha is dropped.
    np.save(tmp_path / "c.npy", np.column_stack([held, held[:, :1]]))
    for name in ("a.npz", "b.npz", "c.npy"):
        np.testing.assert_array_equal(read_vertex_colors(tmp_path / name, 4), BYTES)


def test_a_mesh(tmp_path):
    path = write_obj(tmp_path / "a.obj", VERTS[0], colors=BYTES)
    np.testing.assert_array_equal(read_vertex_colors(path, 4), BYTES)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"colours": BYTES}, "found none of the keys vertex_colors or colors"),
        ({"colors": BYTES[:3]}, "expected a colour of each of 4 vertices, found the shape"),
        ({"colors": BYTES[:, :2]}, "expected a colour of each of 4 vertices"),
        ({"colors": BYTES[None]}, r"expected the shape \(4, 3\), found \(1, 4, 3\)"),
        ({"colors": BYTES + 0.5}, "floats from 0 to 1, found float64 from 0.5 to 255.5"),
        ({"colors": np.full((4, 3), np.nan)}, "floats from 0 to 1, found float64 from nan"),
        ({"colors": np.full((4, 3), -1)}, "found int64 from -1 to -1"),
        ({"colors": np.full((4, 3), "red")}, "found <U3"),
    ],
)
def test_other_arrays_are_refused(tmp_path, held, said):
    np.savez(tmp_path / "a.npz", **held)
    with pytest.raises(BodyModelError, match=said) as caught:
        read_vertex_colors(tmp_path / "a.npz", 4)
    assert str(caught.value).startswith(str(tmp_path / "a.npz"))


def test_other_files_are_refused(tmp_path):
    write_obj(tmp_path / "a.obj", VERTS[0])
    (tmp_path / "b.json").write_text("[]")
    for name, said in (
        ("a.obj", "not each vertex of this mesh has a colour"),
        ("b.json", "found another file"),
        ("", "found a folder"),
        ("nothing.npz", "there is no such file of colours"),
    ):
        with pytest.raises(BodyModelError, match=said):
            read_vertex_colors(tmp_path / name, 4)


def test_colours_of_several_people():
    many = np.stack([BYTES, BYTES[::-1]])
    np.testing.assert_array_equal(to_color_bytes(many, 4), many)
