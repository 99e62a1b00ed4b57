"""A file that is no SMPL model is called what it is: another model, an archive of models, or another."""

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csc_matrix

from render.body.model_file import read_model_file
from render.body.models.smpl import open_body
from render.errors import BodyModelError
from tests.containers.test_npz_arrays import small_model


def refusal(path: Path) -> str:
    with pytest.raises(BodyModelError) as caught:
        read_model_file(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "https://smpl.is.tue.mpg.de" in message
    assert "\n" not in message
    return message


# Another body model. Sizes are those of the models as they are distributed, faces left out.

MODELS = {
    "SMPL-H": (52, 6890, 16, 459, "SMPL-H (52 joints, 6890 vertices), which body.model=smplh takes"),
    "SMPL-X": (55, 10475, 400, 486, "SMPL-X (55 joints, 10475 vertices), which body.model=smplx takes"),
    "SUPR": (75, 10475, 300, 300, "SUPR (75 joints, 10475 vertices)"),
    "MANO": (16, 778, 10, 135, "MANO (a hand, 16 joints, 778 vertices), which body.model=mano takes"),
    "FLAME": (5, 5023, 400, 36, "FLAME (a head, 5 joints, 5023 vertices), which body.model=flame takes"),
    "SMAL": (33, 3889, 41, 288, "SMAL (animals, 33 joints, 3889 vertices)"),
    "dogs": (35, 3889, 26, 306, "SMAL (animals, 35 joints, 3889 vertices)"),
    "STAR": (24, 6890, 300, 93, "STAR (93 pose correctives, where SMPL has 207)"),
    "unknown": (19, 1234, 10, 162, "another body model (19 joints, 1234 vertices)"),
}


def model_of(joints: int, verts: int, betas: int, correctives: int) -> dict[str, np.ndarray]:
    return {
        "v_template": np.zeros((verts, 3), np.float32),
        # As many zeros as they have take no room in a sum, and little in a file.
        "shapedirs": np.zeros((verts, 3, betas), np.int8),
        "posedirs": np.zeros((verts, 3, correctives), np.int8),
        "J_regressor": np.zeros((joints, verts), np.int8),
        "weights": np.zeros((verts, joints), np.int8),
        "f": np.zeros((10, 3), np.uint32),
        "kintree_table": np.zeros((2, joints), np.int64),
    }


@pytest.mark.parametrize(("joints", "verts", "betas", "correctives", "name"), MODELS.values(), ids=MODELS)
def test_another_model_is_named(tmp_path, joints, verts, betas, correctives, name):
    path = tmp_path / "model.npz"
    np.savez(path, **model_of(joints, verts, betas, correctives))
    assert f": this is {name}; body.model=smpl needs SMPL (24 joints). " in refusal(path)


@pytest.mark.parametrize("name", ["MANO", "SMPL-H", "FLAME"])
def test_another_model_is_named_out_of_a_pickle(tmp_path, name):
    path = tmp_path / "model.pkl"
    *sizes, called = MODELS[name]
    model = model_of(*sizes)
    model["J_regressor"][:, 0] = 1
    path.write_bytes(pickle.dumps(model | {"J_regressor": csc_matrix(model["J_regressor"])}, 2))
    assert f": this is {called}; body.model=smpl needs SMPL (24 joints). " in refusal(path)


@pytest.mark.parametrize("left_out", ["weights", "kintree_table", "J_regressor", "posedirs", "shapedirs"])
def test_another_model_is_named_where_a_key_of_smpl_is_missing(tmp_path, left_out):
    """Not all have all of SMPL's keys."""
    path = tmp_path / "model.npz"
    *sizes, called = MODELS["SMPL-X"]
    np.savez(path, **{key: array for key, array in model_of(*sizes).items() if key != left_out})
    assert f": this is {called}; body.model=smpl needs SMPL (24 joints). " in refusal(path)


@pytest.mark.parametrize("verts", [30, 333, 6787])
def test_a_body_has_the_vertices_that_count_as_joints(tmp_path, verts):
    np.savez(tmp_path / "small.npz", **small_model(verts))
    message = rf"small\.npz: v_template: expected SMPL's 6890 vertices.*up to the 6787th.*found {verts}\."
    with pytest.raises(BodyModelError, match=message):
        open_body(tmp_path / "small.npz", "small", torch.device("cpu"))


def test_a_body_with_just_these_vertices_is_one(tmp_path):
    np.savez(tmp_path / "small.npz", **small_model(6788))
    assert open_body(tmp_path / "small.npz", "small", torch.device("cpu")).vert_count == 6788


# An archive or a folder with models.


def write_zip(path: Path, names: list[str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")


ZIPS = {
    "SMPL": (
        [
            "__MACOSX/smpl/models/._basicmodel_f_lbs_10_207_0_v1.1.0.pkl",
            "SMPL_python_v.1.1.0/smpl/models/basicmodel_f_lbs_10_207_0_v1.1.0.pkl",
            "SMPL_python_v.1.1.0/smpl/models/basicmodel_m_lbs_10_207_0_v1.1.0.pkl",
            "SMPL_python_v.1.1.0/smpl/models/basicmodel_neutral_lbs_10_207_0_v1.1.0.pkl",
            "SMPL_python_v.1.1.0/readme.txt",
        ],
        "found a zip archive that holds SMPL_python_v.1.1.0/smpl/models/basicmodel_neutral_lbs_10_207_0_v1"
        ".1.0.pkl, SMPL_python_v.1.1.0/smpl/models/basicmodel_f_lbs_10_207_0_v1.1.0.pkl, "
        "SMPL_python_v.1.1.0/smpl/models/basicmodel_m_lbs_10_207_0_v1.1.0.pkl. Unpack it and set body.path "
        "to the model inside.",
    ),
    "with arrays": (["a/SMPL_NEUTRAL.PKL", "a/J_h36m.npy"], "that holds a/SMPL_NEUTRAL.PKL. Unpack"),
    "many": ([f"{i}.npz" for i in range(9)], "that holds 0.npz, 1.npz, 2.npz and 6 more. Unpack"),
    "PyTorch": (["hmr/data.pkl", "hmr/data/0", "hmr/version"], "found a PyTorch file (a checkpoint). Set"),
    "no model": (["word/document.xml"], "zip archive without a model: word/document.xml. Set"),
    "escapes": (["\x1b[2J\n.pkl"], r"that holds \x1b[2J\n.pkl. Unpack it"),
    "empty": ([], "found a zip archive without a model: it is empty. Set"),
}  # fmt: skip


@pytest.mark.parametrize(("names", "found"), ZIPS.values(), ids=ZIPS)
def test_a_zip_archive_is_named_and_what_it_holds(tmp_path, names, found):
    path = tmp_path / "SMPL_python_v.1.1.0.zip"
    write_zip(path, names)
    assert found in refusal(path)


def test_a_folder_is_named_and_what_it_holds(tmp_path):
    assert "found a folder. SMPL must be" in refusal(tmp_path)
    (tmp_path / "smpl").mkdir()
    for name in ("SMPL_MALE.pkl", "SMPL_NEUTRAL.pkl", "readme.txt"):
        (tmp_path / "smpl" / name).write_bytes(b"")
    with pytest.raises(BodyModelError, match=r"found a folder\. It holds ") as caught:
        read_model_file(tmp_path)
    assert "It holds smpl/SMPL_NEUTRAL.pkl, smpl/SMPL_MALE.pkl: set body.path to one of" in str(caught.value)


# Something else.


def tar_of(name: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return file.getvalue()


def npy_of(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def torch_of(value: object, is_zip: bool) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=is_zip)
    return file.getvalue()


OTHERS = {
    "gzip": (gzip.compress(b"model"), "found a gzip archive. Unpack it"),
    "tar": (tar_of("smpl/SMPL_NEUTRAL.pkl"), "found a tar archive. Unpack it"),
    "tar of dots": (tar_of("./SMPL_NEUTRAL.pkl"), "found a tar archive. Unpack it"),
    "tar of N.": (tar_of("N./SMPL_NEUTRAL.pkl"), "found a tar archive. Unpack it"),
    "checkpoint": (torch_of({"a": torch.zeros(2)}, True), "found a PyTorch file (a checkpoint). Set"),
    "old checkpoint": (torch_of([1], False), "found a PyTorch file (a checkpoint). Set"),
    "MATLAB": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\1IM", "found a MATLAB file. Set"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "found an HDF5 file. Set"),
    "JSON": (json.dumps({"ver": 0.1, "data": []}).encode(), "found a JSON file, as fits are. Set"),
    "JSON of Windows": (b'\xef\xbb\xbf\r\n[\r\n{"id": 1}\r\n]', "found a JSON file, as fits are. Set"),
    "a page": (b"\r\n<!doctype html>\r\n<html>Log in</html>", "found a web page (HTML)"),
    "git-lfs": (b"version https://git-lfs.github.com/spec/v1\r\noid sha256:0\r\n", "found a git-lfs pointer"),
    "npy": (npy_of(np.zeros((6890, 3))), "found a single array (.npy). A model is several"),
    "OBJ": (b"# made by a program\n\nmtllib a.mtl\nv 0 0 0\n", "found a mesh without joints. Set"),
    "PLY": (b"ply\nformat ascii 1.0\n", "found a mesh without joints. Set"),
    "safetensors": (b"\x40\0\0\0\0\0\0\0" + b'{"a":{"dtype":"F32"}}', "found a safetensors file. Set"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(30), "found a picture. Set"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "found"), OTHERS.values(), ids=OTHERS)
def test_other_files_are_named_by_their_content(tmp_path, data, found):
    path = tmp_path / "smpl.pkl"
    path.write_bytes(data)
    assert found in refusal(path)


CONTENTS = {
    "AMASS": (["poses", "trans", "betas", "gender"], "found a motion (poses, as AMASS has them). Set"),
    "AMASS of SMPL-X": (["pose_body", "root_orient"], "found a motion (poses, as AMASS has them). Set"),
    "SPIN": (["imgname", "scale", "center", "pose"], "found fits or labels of photos. Set"),
    "vertices": (["verts", "poses_body"], "found vertices that are posed already. Set"),
}  # fmt: skip


@pytest.mark.parametrize(("keys", "found"), CONTENTS.values(), ids=CONTENTS)
def test_arrays_of_something_else_are_named(tmp_path, keys, found):
    arrays = {key: np.zeros(3) for key in keys}
    np.savez(tmp_path / "a.npz", **arrays)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(arrays))
    assert found in refusal(tmp_path / "a.npz")
    assert found in refusal(tmp_path / "a.pkl")


def test_an_npz_of_unknown_arrays_says_which(tmp_path):
    np.savez(tmp_path / "a.npz", alpha=np.zeros(3), beta=np.zeros(3))
    assert "found an npz without a model: alpha, beta. Set body.path" in refusal(tmp_path / "a.npz")
