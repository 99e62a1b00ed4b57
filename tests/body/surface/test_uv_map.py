"""UV maps lie on the faces of their body, whatever file they come from; files that hold none are refused."""

import pickle
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from render.body.surface import uv_map
from render.body.surface.uv_map import find_model_uv, read_uv_map
from render.errors import BodyModelError

# A square whose diagonal is a seam: each of its two faces has three places of its own.
FACES = np.array([[0, 1, 2], [0, 2, 3]])
UV = np.array([[[0, 0], [0.5, 0], [0.5, 1]], [[0.5, 0], [1, 1], [0.5, 1]]])
HEAD = "# exported\nmtllib x.mtl\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"
VTS = "".join(f"vt {u} {v}\n" for u, v in UV.reshape(-1, 2))


def read(path, faces=FACES):
    return read_uv_map(path, torch.tensor(faces, dtype=torch.int32)).numpy()


def save(path, text):
    path.write_text(text)
    return path


def test_a_vertex_on_a_seam_has_two_places(tmp_path):
    found = read(save(tmp_path / "a.obj", f"{HEAD}{VTS}vn 0 0 1\nf 1/1/1 2/2/1 3/3/1\nf 1/4 3/5 4/6\n"))
    np.testing.assert_array_equal(found, UV.astype(np.float32))


@pytest.mark.parametrize(
    "faces",
    [
        "f 1/4 3/5 4/6\nf 1/1 2/2 3/3\n",
        "f 3/3 1/1 2/2\nf 4/6 1/4 3/5\n",
        "f -4/-6 -3/-5 -2/-4\nf -4/-3 -2/-2 -1/-1\n",
    ],
)
def test_faces_may_come_in_another_order_and_turned(tmp_path, faces):
    np.testing.assert_array_equal(read(save(tmp_path / "a.obj", HEAD + VTS + faces)), UV.astype(np.float32))


def test_a_polygon_is_a_fan(tmp_path):
    text = f"{HEAD}vt 0 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n"
    found = read(save(tmp_path / "a.obj", text))
    np.testing.assert_array_equal(found, [[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]])


@pytest.mark.parametrize("key", [None, "f", "faces"])
def test_arrays_of_a_model(tmp_path, key):
    """As SMPL-X's own file has them; its faces tell their order, without them it is the body's."""
    order = [0, 1] if key is None else [1, 0]
    held = {"vt": UV.reshape(-1, 2), "ft": np.arange(6, dtype=np.uint32).reshape(2, 3)[order]}
    held |= {} if key is None else {key: FACES[order].astype(np.uint32)}
    np.savez(tmp_path / "a.npz", v_template=np.zeros((4, 3)), **held)
    np.testing.assert_array_equal(read(tmp_path / "a.npz"), UV.astype(np.float32))
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"v_template": np.zeros((4, 3)), **held}))
    np.testing.assert_array_equal(read(tmp_path / "a.pkl"), UV.astype(np.float32))


def test_a_model_may_have_none(tmp_path):
    np.savez(tmp_path / "a.npz", v_template=np.zeros((4, 3)), f=FACES)
    faces = torch.tensor(FACES)
    assert find_model_uv(tmp_path / "a.npz", faces) is None
    # The faces of a topology come from a mesh.
    assert find_model_uv(save(tmp_path / "a.ply", "ply\n"), faces) is None
    with pytest.raises(BodyModelError, match=r"expected a UV map \(the arrays vt and ft\), found none"):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEAD}f 1 2 3\nf 1 3 4\n", "it has no vt"),
        (f"{HEAD}{VTS}", "it has no faces"),
        (f"{HEAD}{VTS}f 1/1 2/2 3/3\nf 1/4 3/5 4\n", "face 1 has a corner without vt"),
        (f"{HEAD}{VTS}f 1/1 2/2 3/3\n", "of another body: it has 1 faces, and the body 2"),
        (f"{HEAD}{VTS}f 1/1 2/2 3/3\nf 1/4 2/5 4/6\n", "1 of its 2 faces are no faces of the body"),
        (
            f"{HEAD}{VTS}f 1/1 2/2 3/3\nf 1/4 3/5 4/7\n",
            "ft: expected rows of 6 vt, found 0 to 6",
        ),
        (f"{HEAD}{VTS}f 1/1 2/2 3/0\n", 'line 13: expected a face of an OBJ file, found "f 1/1 2'),
        (f"{HEAD}{VTS}f 1/1 2/2\n", "line 13: expected a face"),
        (f"{HEAD}{VTS}f 1/x 2/2 3/3\n", "line 13: expected a face"),
        (f"{HEAD}vt 1\n", "line 7: expected u and v"),
        # Each word takes many times its length.
        (f"{HEAD}f{' 1' * 40_000}\n", "line 7: expected at most 65536 bytes, found 80002"),
        (f"{HEAD}vt nan 0\nf 1/1 2/1 3/1\n", "vt: expected finite numbers"),
        (f"{HEAD}vt 1e300 0\nf 1/1 2/1 3/1\n", "vt: expected finite numbers"),
        (f"{HEAD}vt 1e9 0\nf 1/1 2/1 3/1\n", "vt: expected numbers up to 1e"),
        ("<html>", "expected an OBJ, an npz or a pickle with a UV map, found another file"),
        ("", "found another file"),
    ],
)
def test_texts_without_a_map_of_this_body_are_refused(tmp_path, text, said):
    path = save(tmp_path / "a.obj", text)
    with pytest.raises(BodyModelError, match=said) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ft": np.array([[0, 1, 2], [3, 4, 6]])}, "ft: expected rows of 6 vt, found 0 to 6"),
        ({"ft": np.array([[0, 1, 2], [3, 4, -1]])}, "ft: expected rows of 6 vt, found -1 to 4"),
        ({"ft": np.zeros((2, 3))}, "ft: expected integers"),
        ({"ft": np.zeros((2, 4), int)}, "ft: expected integers"),
        ({"ft": np.int64(3)}, "ft: expected integers"),
        ({"vt": np.full((6, 2), np.inf)}, "vt: expected finite"),
        ({"vt": np.zeros((6, 3))}, "vt: expected numbers"),
        ({"vt": np.zeros((0, 2))}, "ft: expected rows of 0 vt"),
        ({"vt": np.array([None])}, "vt: expected numbers, found Python objects"),
        ({"f": np.zeros((3, 3), int)}, "faces: expected integers"),
    ],
)
def test_arrays_that_are_no_map_are_refused(tmp_path, changes, said):
    held = {"vt": UV.reshape(-1, 2), "ft": np.arange(6).reshape(2, 3)} | changes
    np.savez(tmp_path / "a.npz", **held)
    with pytest.raises(BodyModelError, match=said):
        read(tmp_path / "a.npz")


def test_more_than_any_body_has_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(uv_map, "MOST_UVS", 5)
    np.savez(tmp_path / "a.npz", vt=UV.reshape(-1, 2), ft=np.arange(6).reshape(2, 3))
    with pytest.raises(BodyModelError, match=r"vt: expected numbers of shape \(5, 2\)"):
        read(tmp_path / "a.npz")
    monkeypatch.setattr(uv_map, "LARGEST_OBJ_BYTES", 1 << 20)
    with pytest.raises(BodyModelError, match="it has 2 MiB, more than 1"):
        read(save(tmp_path / "a.obj", HEAD + " " * (2 << 20)))


def test_paths_of_no_use_are_refused(tmp_path):
    with pytest.raises(BodyModelError, match="there is no such UV map"):
        read(tmp_path / "nothing.obj")
    with pytest.raises(BodyModelError, match="found a folder"):
        read(tmp_path)
    with pytest.raises(BodyModelError, match="no regular file"):
        read(Path("/dev/null"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_files_are_refused_or_are_maps(tmp_path, data):
    """Whatever bytes of a map are lost, changed or put in."""
    text = f"{HEAD}{VTS}f 1/1 2/2 3/3\nf 1/4 3/5 4/6\n".encode()
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(at + 9, len(text))))
    (tmp_path / "a.obj").write_bytes(text[:at] + data.draw(st.binary(max_size=9)) + text[end:])
    # Anything but these is a fault.
    with suppress(BodyModelError):
        found = read(tmp_path / "a.obj")
        assert found.shape == (2, 3, 2)
        assert np.isfinite(found).all()


def test_pickles_that_ask_for_code_are_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("run",))

    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"vt": Evil()}))
    with pytest.raises(BodyModelError, match=r"nothing of it was run\. Do not trust this file"):
        read(tmp_path / "a.pkl")
