"""Folders of meshes in the layouts of the programs that write them."""

import json

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from render.config.load import compose_settings, load_config
from render.errors import FitFileError
from render.fits.fit_file import FitFile
from render.fits.formats.meshes import FORMAT, read
from render.fits.geometry.presets import PRESETS
from tests.helpers.made_meshes import FACES, PICTURE_WH, VERTS, pinhole_px, project, write_obj

MIDDLE = (320, 240)
# OBJ files have eight decimals, and vertices are float32 in memory.
CLOSE_PX = 1e-3


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for name in ("img1.jpg", "img10.png", "img1_b.jpg", "deep/img2.jpg", "notes.txt"):
        (folder / name).write_bytes(b"")
    return folder


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    return path


def read_folder(path, image_dir, **options):
    fits, problems = read(FitFile(path, image_dir, options=options))
    return {(fits.image_name[k], int(fits.person[k])): project(fits, k) for k in range(len(fits))}, problems


def draw_with_pyrender(obj, focal, picture_wh):
    """Pixels of the vertices of an OBJ file of 4D-Humans, as its renderer puts them.

    It hands the file's vertices to OpenGL under an IntrinsicsCamera of (focal, focal, W / 2, H / 2) at the
    origin, which looks along -z with y up, and whose picture is stored from its top row.
    """
    width, height = picture_wh
    ndc_x = focal * obj[:, 0] / -obj[:, 2] * 2 / width
    ndc_y = focal * obj[:, 1] / -obj[:, 2] * 2 / height
    return np.stack([(ndc_x + 1) / 2 * width, (1 - ndc_y) / 2 * height], axis=1)


def test_hmr2(folder, photos):
    # vertices_to_trimesh: vertices plus the translation of the full picture, turned by 180 degrees about x.
    half_turn = np.diag([1, np.cos(np.pi), np.cos(np.pi)])
    focal = 5000 / 256 * max(PICTURE_WH)
    expected = {}
    for name, image, person in (
        ("img1_0", "img1.jpg", 0),
        ("img1_1", "img1.jpg", 1),
        ("img10_0", "img10.png", 0),
        ("img1_b_2", "img1_b.jpg", 2),
    ):
        verts = VERTS[person % 2] * 0.25 + (0.5 * person, 0.25, 80 + person)
        turned = verts @ half_turn.T
        write_obj(folder / f"{name}.obj", turned)
        expected[image, person] = draw_with_pyrender(turned, focal, PICTURE_WH)
    (folder / "img1_0.png").write_bytes(b"an overlay")
    found, problems = read_folder(folder, photos, preset="hmr2")
    assert problems == []
    assert set(found) == set(expected)
    for key, pixels in expected.items():
        np.testing.assert_allclose(found[key], pixels, atol=CLOSE_PX)


def test_sam3d_ply(folder, photos):
    # vertices_to_trimesh of its notebook: the same half turn; each picture has one focal length.
    for person in range(2):
        write_ply(folder / f"img1_mesh_{person:03d}.ply", VERTS[person] * (1, -1, -1))
    (folder / "img1_focal_length.json").write_text(json.dumps({"focal_length": 812.5}, indent=2))
    found, problems = read_folder(folder, photos, preset="sam3d")
    assert problems == []
    for person in range(2):
        expected = pinhole_px(VERTS[person], (812.5, 812.5), MIDDLE)
        np.testing.assert_allclose(found["img1.jpg", person], expected, atol=CLOSE_PX)


def write_ply(path, verts):
    """As trimesh exports it."""
    head = (
        f"ply\nformat binary_little_endian 1.0\ncomment https://github.com/mikedh/trimesh\nelement vertex "
        f"{len(verts)}\nproperty float x\nproperty float y\nproperty float z\nelement face {len(FACES)}\n"
        f"property list uchar int vertex_indices\nend_header\n"
    )
    rows = np.zeros(len(FACES), [("size", "u1"), ("corners", "<i4", 3)])
    rows["size"], rows["corners"] = 3, FACES
    path.write_bytes(head.encode() + verts.astype("<f4").tobytes() + rows.tobytes())


@pytest.mark.parametrize("chosen", ["", "mesh"])
def test_smplerx(folder, photos, chosen):
    (folder / "mesh").mkdir()
    (folder / "meta").mkdir()
    for person in range(2):
        write_obj(folder / "mesh" / f"00001_{person}.obj", VERTS[person])
        meta = {
            "focal": [500.0 + person, 510.0],
            "princpt": [300.0, 250.0],
            "bbox": [10.0, 20.0, 100.0, 200.0],
            "bbox_id": person,
            "img_path": "/home/me/SMPLer-X/demo/images/deep/img2.jpg",
        }
        (folder / "meta" / f"00001_{person}.json").write_text(json.dumps(meta))
    fits, problems = read(FitFile(folder / chosen, photos, options={"preset": "smplerx"}))
    assert problems == []
    assert fits.image_name.tolist() == ["deep/img2.jpg"] * 2
    assert fits.person.tolist() == [0, 1]
    # Each person has a camera of his own.
    assert not fits.is_metric.any()
    for person in range(2):
        expected = pinhole_px(VERTS[person], (500 + person, 510))
        np.testing.assert_allclose(project(fits, person), expected, atol=CLOSE_PX)
    assert "not used: bbox, bbox_id" in fits.sources[0].notes


def test_multihmr(folder, photos):
    verts = np.full((2, 10475, 3), 5, np.float32)
    verts[:, :4] = VERTS
    np.save(folder / "img1.npy", verts)
    np.save(folder / "img10.npy", np.zeros(0))
    fits, problems = read(FitFile(folder, photos, options={"preset": "multihmr"}))
    assert problems == []
    assert fits.image_name.tolist() == ["img1.jpg"] * 2
    assert fits.person.tolist() == [0, 1]
    assert [source.bodies.topology for source in fits.sources] == ["smplx"]
    for person in range(2):
        # 60 degrees of the longer side, 640 px.
        expected = pinhole_px(VERTS[person], (320 * 3**0.5,) * 2, MIDDLE)
        np.testing.assert_allclose(project(fits, person)[:4], expected, atol=CLOSE_PX)
    alone, _ = read(FitFile(folder / "img1.npy", photos, options={"preset": "multihmr"}))
    np.testing.assert_allclose(project(alone, 1), project(fits, 1), atol=1e-9)
    # As demo.py has it with another --fov.
    (folder / "img1.json").write_text(json.dumps({"fov": 90, "fov_side": "height"}))
    alone, _ = read(FitFile(folder / "img1.npy", photos, options={"preset": "multihmr"}))
    expected = pinhole_px(VERTS[1], (240, 240), MIDDLE)
    np.testing.assert_allclose(project(alone, 1)[:4], expected, atol=CLOSE_PX)


def test_a_file_by_itself(folder, photos):
    path = write_obj(folder / "img1_7.obj", VERTS[0])
    (folder / "img1.json").write_text(json.dumps({"focal": 500, "princpt": [300, 250], "axes": "opencv"}))
    assert FORMAT.recognises(FitFile(path))
    fits, problems = read(FitFile(path, photos))
    assert (problems, fits.image_name.tolist(), fits.person.tolist()) == ([], ["img1.jpg"], [7])
    np.testing.assert_allclose(project(fits, 0), pinhole_px(VERTS[0], (500, 500)), atol=CLOSE_PX)


def test_a_camera_for_all_and_the_words_of_one(folder, photos):
    (folder / "camera.json").write_text(json.dumps({"fov": 60, "units": "cm", "axes": "z_up"}))
    (folder / "img10.json").write_text(
        json.dumps(
            {"K": [[500, 0, 300], [0, 510, 250], [0, 0, 1]], "image": "img10.png", "person": 5, "frame": 3}
        )
    )
    z_up = np.stack([VERTS[0][:, 0], VERTS[0][:, 2], -VERTS[0][:, 1]], axis=1) * 100
    write_obj(folder / "img1_0.obj", z_up)
    write_obj(folder / "img10_0.obj", VERTS[1])
    fits, problems = read(FitFile(folder, photos))
    assert problems == []
    assert (fits.person.tolist(), fits.frame.tolist()) == ([5, 0], [3, -1])
    np.testing.assert_allclose(project(fits, 0), pinhole_px(VERTS[1]), atol=CLOSE_PX)
    expected = pinhole_px(VERTS[0], (320 * 3**0.5,) * 2, MIDDLE)
    np.testing.assert_allclose(project(fits, 1), expected, atol=CLOSE_PX)


def test_axes_of_gltf_are_those_of_its_specification(folder, photos):
    """y up, and z towards the viewer; files beside it, and who says otherwise, have theirs."""
    half_turn = Rotation.from_euler("x", 180, degrees=True)
    trimesh.Trimesh(half_turn.apply(VERTS[0]), FACES, process=False).export(folder / "img1_0.glb")
    write_obj(folder / "img1_1.obj", VERTS[1])
    expected = [pinhole_px(verts, (320 * 3**0.5,) * 2, MIDDLE) for verts in VERTS[:2]]
    fits, problems = read(FitFile(folder, photos, options={"fov": 60.0}))
    assert problems == []
    for row in (0, 1):
        np.testing.assert_allclose(project(fits, row), expected[row], atol=CLOSE_PX)
    assert "axes opengl, units m" in fits.sources[0].notes
    trimesh.Trimesh(VERTS[0], FACES, process=False).export(folder / "img1_0.glb")
    for said in ({"axes": "opencv"}, {"preset": "smplerx"}):
        fits, _ = read(FitFile(folder / "img1_0.glb", photos, options={"fov": 60.0, **said}))
        np.testing.assert_allclose(project(fits, 0), expected[0], atol=CLOSE_PX)
    (folder / "img1_0.json").write_text(json.dumps({"fov": 60.0, "axes": "opencv"}))
    fits, _ = read(FitFile(folder / "img1_0.glb", photos))
    np.testing.assert_allclose(project(fits, 0), expected[0], atol=CLOSE_PX)


def test_meshes_of_several_topologies_stay_in_order(folder, photos):
    other = np.vstack([FACES, [(0, 2, 3)]])
    write_obj(folder / "img1_0.obj", VERTS[0])
    write_obj(folder / "img1_1.obj", VERTS[1], other)
    write_obj(folder / "img1_2.obj", np.vstack([VERTS[0], VERTS[0][:1]]))
    write_obj(folder / "img1_3.obj", VERTS[1] + (0, 0, 1))
    fits, problems = read(FitFile(folder, photos, options={"fov": 60.0}))
    assert problems == []
    assert (fits.row.tolist(), fits.source.tolist()) == ([0, 1, 2, 3], [0, 1, 2, 0])
    assert [source.bodies.faces.tolist() for source in fits.sources] == [
        FACES.tolist(),
        other.tolist(),
        FACES.tolist(),
    ]
    expected = pinhole_px(VERTS[1] + (0, 0, 1), (320 * 3**0.5,) * 2, MIDDLE)
    np.testing.assert_allclose(project(fits, 3), expected, atol=CLOSE_PX)


def test_what_is_too_much_to_be_held_is_read_when_it_is_drawn(folder, photos, monkeypatch):
    monkeypatch.setattr("render.fits.geometry.folder.MOST_HELD_BYTES", 4 * 3 * 4)
    paths = [write_obj(folder / f"img1_{k}.obj", VERTS[k % 2]) for k in range(3)]
    fits, _ = read(FitFile(folder, photos, options={"fov": 60.0}))
    verts = fits.sources[0].bodies.verts
    assert verts.shape == (3, 4, 3)
    expected = VERTS.astype(np.float32)
    np.testing.assert_array_equal(verts[np.array([1, 0, 2])], expected[[1, 0, 0]])
    np.testing.assert_array_equal(verts[1], expected[1])
    assert verts[:0].shape == (0, 4, 3)
    text = paths[1].read_text()
    for changed, found in (
        (text.replace("1.50000000", "nan", 1), "vertex 1 is not finite"),
        (text.replace("1.50000000", "1e9", 1), r"up to 1e\+06 m, found 1e\+09"),
        ("v 0 0 0\n" + text, "it has 5 vertices, and had 4"),
        ("", "found an empty file"),
    ):
        paths[1].write_text(changed)
        with pytest.raises(FitFileError, match=rf"img1_1\.obj: the mesh has changed: .*{found}"):
            verts[1:2]
    paths[0].unlink()
    np.testing.assert_array_equal(verts[:1], expected[:1])


def test_files_that_cannot_be_drawn_are_named(folder, photos):
    write_obj(folder / "img1_0.obj", VERTS[0])
    # Of no photo that there is: the run says so of its name.
    write_obj(folder / "img100_0.obj", VERTS[0])
    (folder / "img1_1.obj").write_text("<!DOCTYPE html>")
    write_obj(folder / "img1_5.obj", VERTS[0] * 1e7)
    (folder / "img1_2.ply").write_text("version https://git-lfs.github.com/spec/v1\n")
    np.save(folder / "img1_3.npy", np.zeros((1, 77, 3)))
    (folder / "img10_0.json").write_text("{")
    write_obj(folder / "img10_0.obj", VERTS[0])
    fits, problems = read(FitFile(folder, photos, options={"fov": 60.0}))
    assert (fits.row.tolist(), fits.image_name.tolist()) == ([0, 2], ["img100_0", "img1.jpg"])
    assert [problem.row for problem in problems] == [1, 3, 4, 5, 6]
    for problem, reason in zip(
        problems,
        [
            "img10_0.obj: its camera img10_0.json: it is not JSON",
            "img1_1.obj: found a web page (HTML) instead of a mesh",
            "img1_2.ply: found a git-lfs pointer",
            "img1_3.npy: faces: expected them beside 77 vertices",
            "img1_5.obj: vertices: expected finite numbers up to 1e+06 m, found 4e+07",
        ],
        strict=True,
    ):
        assert problem.reason.startswith(reason)


def test_nothing_that_can_be_drawn_is_refused_with_the_reason(folder, photos):
    with pytest.raises(FitFileError, match=r"there are no \.obj, \.ply, \.glb or \.npy files in it"):
        read(FitFile(folder, photos))
    write_obj(folder / "img1_0.obj", VERTS[0])
    with pytest.raises(
        FitFileError, match=r"no camera: expected img1_0\.json or camera\.json .*preset: hmr2"
    ):
        read(FitFile(folder, photos))


def test_folders_are_recognised(folder, photos):
    assert not FORMAT.recognises(FitFile(photos))
    (folder / "mesh").mkdir()
    write_obj(folder / "mesh" / "0.obj", VERTS[0])
    assert FORMAT.recognises(FitFile(folder))
    # The parameters of SMPLer-X have a reader of their own.
    (folder / "smplx").mkdir()
    assert not FORMAT.recognises(FitFile(folder))


def test_each_preset_has_a_dataset():
    names = {"hmr2": "hmr2", "sam3d": "sam3d_ply", "smplerx": "smplerx_mesh", "multihmr": "multihmr"}
    assert set(names) == set(PRESETS)
    for preset, name in names.items():
        words = [f"dataset={name}", "dataset.fit_file=a", "dataset.image_dir=b"]
        dataset = load_config(compose_settings(words)).dataset
        assert (dataset.name, dataset.format, dataset.options) == (name, "meshes", {"preset": preset})
        FORMAT.check_options("dataset.options", dataset.options)
