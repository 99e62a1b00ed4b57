"""What is said of a file that is given to another format's reader, and of one that is of none."""

import json
import os

import numpy as np
import pytest

from render.errors import FitFileError
from render.fits.read import read_fits

ROMP = {"results": {"cam": np.zeros((1, 3)), "smpl_thetas": np.zeros((1, 72))}}
SAM3D = {"pred_vertices": np.zeros((18439, 3), np.float32), "pred_cam_t": np.array([0, 0, 3.0])}


@pytest.fixture
def say(tmp_path):
    """What is said of a path below the folder, without the path."""

    def say(fit_format, name=""):
        with pytest.raises(FitFileError) as raised:
            read_fits(fit_format, tmp_path / name, image_dir=tmp_path)
        text = str(raised.value)
        assert "\n" not in text
        assert "Errno" not in text
        return text.replace(f"{tmp_path}{os.sep}", "").replace(str(tmp_path), "HERE")

    return say


@pytest.mark.parametrize(
    "fit_format", ["eft", "sam3d", "meshes", "smplerx", "smplx_json", "spin", "vibe", "phalp", "neuralannot"]
)
def test_a_file_of_another_format_is_told_by_its_name(tmp_path, say, fit_format):
    np.savez(tmp_path / "a.npz", **ROMP)
    told = f"a.npz: expected a fit file of {fit_format}; found one of romp. Use dataset=romp."
    assert say(fit_format, "a.npz") == told


def test_a_damaged_file_of_the_format_is_told_by_its_reader(tmp_path, say):
    np.savez(tmp_path / "a.npz", **ROMP)
    assert "none of its 1 rows can be drawn (row 0: smpl_betas: expected" in say("romp", "a.npz")


def test_a_folder_given_for_the_file_in_it_is_told(tmp_path, say):
    (tmp_path / "out").mkdir()
    np.savez(tmp_path / "out" / "pred.npz", imgname=["a.jpg"], center=[[1, 2]], scale=[1])
    for fit_format in ("auto", "spin", "vibe", "phalp", "cliff"):
        assert "found a folder with pred.npz. out/pred.npz is one of spin: set dataset.fit_file to it" in say(
            fit_format, "out"
        )


def test_a_part_of_a_folder_is_told_the_folder(tmp_path, say):
    for name in ("smplx", "meta"):
        (tmp_path / name).mkdir()
    np.savez(tmp_path / "smplx" / "00001_0.npz", betas=np.zeros((1, 10)))
    for part in ("smplx", "smplx/00001_0.npz"):
        assert "HERE is one of smplerx: set dataset.fit_file to it." in say("auto", part)
    # No photo of a folder is a part of what is beside it.
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    assert "found content of an unknown kind. Name its format: 3dpw, amass" in say("auto", "a.jpg")


def test_annotations_are_told_from_fits(tmp_path, say):
    (tmp_path / "person_keypoints.json").write_text(json.dumps({"images": [], "annotations": []}))
    for fit_format in ("auto", "eft", "romp"):
        assert "that is for dataset.coco_file." in say(fit_format, "person_keypoints.json")


def test_names_in_a_folder_are_printable(tmp_path, say):
    (tmp_path / "a\nb\x1b[31m").touch()
    assert r"found a folder with a\nb\x1b[31m. Name its format" in say("auto")


def test_a_person_of_sam_3d_body_is_no_plain_mesh(tmp_path):
    np.savez(tmp_path / "a_0.npz", **SAM3D)
    fits, _ = read_fits("auto", tmp_path / "a_0.npz")
    assert fits.sources[0].format == "sam3d"
    # The same keys with other vertices are whoever's.
    np.savez(
        tmp_path / "b_0.npz", pred_vertices=np.zeros((200, 3)), faces=[[0, 1, 2]], focal=5.0, cam_t=[0, 0, 3]
    )
    fits, _ = read_fits("auto", tmp_path / "b_0.npz")
    assert fits.sources[0].format == "meshes"


def test_a_folder_of_arrays_of_meshes_is_one_of_meshes(tmp_path, say):
    np.save(tmp_path / "a.npy", np.zeros((1, 200, 3)))
    assert "or multihmr" in say("auto")
