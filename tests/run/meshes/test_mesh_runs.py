"""Runs whose products are bodies: where they stand, what costs what, and what is there already."""

import tarfile

import cv2
import numpy as np
import pytest
import torch
import trimesh

from render.errors import ConfigError
from render.fits.read import read_fits
from tests.helpers.fit_files import project, read_file
from tests.helpers.gltf_files import check_glb, project_by_camera, project_by_matrix
from tests.helpers.made_meshes import FACES, VERTS, pinhole_px, write_obj
from tests.helpers.manifests import counts, photo, read_failures, read_manifest
from tests.helpers.motion_files import save_json
from tests.helpers.runs import files_below, run, sheets_below

MESHES = "job=meshes"
TO_OPENCV = (1, -1, -1)
CLOSE_M, CLOSE_PX = 1e-6, 1e-2
K = [[500, 0, 300], [0, 510, 250], [0, 0, 1]]


def pose(fit_file, body):
    """The fits of a file, and their bodies' vertices in the axes of the model."""
    fits, _ = read_file("eft", fit_file)
    (source,) = fits.sources
    poses = source.bodies
    verts = body.pose(torch.from_numpy(poses.rotmat), torch.from_numpy(poses.betas)).verts
    return fits, verts.numpy()


def read_glb(folder, pattern):
    (path,) = folder.rglob(pattern)
    return check_glb(path.read_bytes())


@pytest.fixture
def make(draw):
    """Writes the meshes of the small set."""
    return lambda *words, **more: draw(MESHES, *words, **more)


def test_bodies_are_seen_where_the_formula_of_their_fit_has_them(make, small, out, demo_body):
    assert counts(make("people=together")) == (4, 0, 0)
    fits, verts = pose(small.fit_file, demo_body)
    glb = read_glb(out, "demo_000003_5.glb")
    assert {name: node["extras"]["row"] for name, node in glb.list_nodes().items()} == {
        "person_0": 5,
        "person_1": 6,
        "person_2": 7,
    }
    height, width = cv2.imread(str(photo(small, 3))).shape[:2]
    expected = project(fits, verts, (width, height))
    for name, node in glb.list_nodes().items():
        camera = glb.tree["cameras"][node["extras"]["camera"]]
        found = project_by_camera(camera, glb.place(name))
        np.testing.assert_allclose(found, expected[node["extras"]["row"]], rtol=0, atol=CLOSE_PX)
        # Around the node the body is as it was posed.
        own = glb.place(name) - node["translation"]
        np.testing.assert_allclose(own * TO_OPENCV, verts[node["extras"]["row"]], rtol=0, atol=CLOSE_M)


def test_bodies_are_seen_where_the_overlay_draws_them(make, draw, out, tmp_path):
    draw("panels=[camera/mask]", "output=png", "samples=4", into=tmp_path / "masks")
    make("samples=4")
    glb = read_glb(out, "*_4.glb")
    (mask,) = (tmp_path / "masks").rglob("*_4.png")
    rows, columns = np.nonzero(cv2.imread(str(mask)).any(2))
    seen = project_by_camera(glb.tree["cameras"][0], glb.place("person_0"))
    # A pixel is drawn where its centre is covered.
    np.testing.assert_allclose(seen.min(0), (columns.min(), rows.min()), rtol=0, atol=1)
    np.testing.assert_allclose(seen.max(0), (columns.max() + 1, rows.max() + 1), rtol=0, atol=1)


@pytest.mark.parametrize("name", ["obj", "ply"])
def test_people_of_a_picture_have_a_file_each(make, small, out, demo_body, name):
    assert counts(make(f"output={name}", "people=together")) == (4, 0, 0)
    _, verts = pose(small.fit_file, demo_body)
    files = [f"part0/demo_{image}.{name}" for image in ("000000_0.1", "000000_0.2", "000001_2.1")]
    files += [f"part0/demo_{image}.{name}" for image in ("000001_2.2", "000002_4")]
    files += [f"part0/demo_000003_5.{k}.{name}" for k in (1, 2, 3)]
    assert sorted(sheets_below(out)) == sorted(files)
    for row, file in enumerate(files):
        mesh = trimesh.load(out / file, process=False, maintain_order=True)
        np.testing.assert_allclose(mesh.vertices, verts[row], rtol=0, atol=CLOSE_M)
    assert [entry["rows"] for entry in read_manifest(out)] == [[0, 1], [2, 3], [4], [5, 6, 7]]


def make_pinholes(tmp_path, image="img1.png"):
    """Two people before one pinhole, of files that hold their vertices."""
    meshes, images = tmp_path / "meshes", tmp_path / "images"
    meshes.mkdir()
    images.mkdir()
    cv2.imwrite(str(images / image), np.zeros((480, 640, 3), np.uint8))
    save_json(meshes / "camera.json", {"K": K})
    for person, verts in enumerate(VERTS):
        write_obj(meshes / f"img1_{person}.obj", verts)
    files = [f"dataset.fit_file={meshes}", f"dataset.image_dir={images}"]
    return ["dataset=meshes", *files, "device=cpu", "threads=2", f"output.dir={tmp_path / 'out'}", MESHES]


def test_colours_of_files_are_kept(tmp_path):
    settings = make_pinholes(tmp_path)
    colors = np.random.default_rng(1).integers(0, 256, (4, 3), np.uint8)
    for person, verts in enumerate(VERTS):
        mesh = trimesh.Trimesh(verts, FACES, vertex_colors=colors, process=False)
        mesh.export(tmp_path / f"meshes/img1_{person}.ply")
        (tmp_path / f"meshes/img1_{person}.obj").unlink()
    assert run(*settings, "output=ply").rendered == 2
    for path in (tmp_path / "out").glob("*.ply"):
        mesh = trimesh.load(path, process=False)
        np.testing.assert_array_equal(mesh.visual.vertex_colors[:, :3], colors)


def test_people_of_a_pinhole_share_its_scene(tmp_path):
    assert run(*make_pinholes(tmp_path), "people=together").rendered == 1
    glb = read_glb(tmp_path / "out", "*.glb")
    (camera,) = glb.tree["cameras"]
    assert camera["extras"] == {"width": 640, "height": 480, "K": K}
    for person, verts in enumerate(VERTS):
        placed = glb.place(f"person_{person}")
        np.testing.assert_allclose(placed * TO_OPENCV, verts, rtol=0, atol=CLOSE_M)
        found = project_by_matrix(camera, placed)
        np.testing.assert_allclose(found, pinhole_px(verts), rtol=0, atol=CLOSE_PX)


def test_a_glb_is_read_again_without_being_told_its_axes(tmp_path):
    run(*make_pinholes(tmp_path))
    for person, verts in enumerate(VERTS):
        (path,) = (tmp_path / "out").glob(f"*_{person}.glb")
        save_json(path.with_suffix(".json"), {"K": K})
        fits, _ = read_fits("meshes", path)
        seen = project(fits, np.array(fits.sources[0].bodies.verts[:], np.float64))
        np.testing.assert_allclose(seen, [pinhole_px(verts)], rtol=0, atol=CLOSE_PX)


def test_files_of_one_mesh_have_it_before_the_pinhole(tmp_path):
    settings = make_pinholes(tmp_path)
    run(*settings, "people=together", "output=ply")
    for person, verts in enumerate(VERTS):
        (path,) = (tmp_path / "out").glob(f"*.{person + 1}.ply")
        mesh = trimesh.load(path, process=False)
        np.testing.assert_allclose(mesh.vertices, verts, rtol=0, atol=CLOSE_M)
        np.testing.assert_array_equal(mesh.faces, FACES)


def test_without_photos_a_picture_that_nobody_took_stands_for_them(tmp_path):
    settings = [word for word in make_pinholes(tmp_path) if "image_dir" not in word]
    run(*settings, "dataset.image_dir=null")
    extras = read_glb(tmp_path / "out", "*_0.glb").tree["cameras"][0]["extras"]
    assert (extras["width"], extras["height"]) == (640, 480)


def test_the_frame_of_the_model_knows_no_camera(make, small, out, demo_body):
    make("frame=model", "samples=3")
    _, verts = pose(small.fit_file, demo_body)
    glb = read_glb(out, "*_3.glb")
    assert "cameras" not in glb.tree
    np.testing.assert_allclose(glb.place("person_0") * TO_OPENCV, verts[3], rtol=0, atol=CLOSE_M)


def test_the_frame_of_the_model_is_before_any_turn_to_the_camera(tmp_path, demo_body):
    """AMASS's bodies are in a world with z up, and are turned for their views."""
    rng = np.random.default_rng(0)
    poses = rng.normal(0, 0.3, (1, 156))
    np.savez(
        tmp_path / "a.npz",
        poses=poses,
        trans=np.zeros((1, 3)),
        betas=np.zeros(16),
        mocap_framerate=60.0,
        gender="neutral",
    )
    found = {}
    for frame in ("camera", "model"):
        run(
            "dataset=amass",
            f"dataset.fit_file={tmp_path / 'a.npz'}",
            "dataset.image_dir=null",
            "body=mannequin",
            "device=cpu",
            "threads=2",
            MESHES,
            "output=ply",
            f"frame={frame}",
            f"output.dir={tmp_path / frame}",
        )
        (path,) = (tmp_path / frame).rglob("*.ply")
        found[frame] = np.asarray(trimesh.load(path, process=False).vertices)
    # z up to y down.
    turned = found["model"] @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    np.testing.assert_allclose(found["camera"], turned, rtol=0, atol=CLOSE_M)


def test_a_photo_that_is_gone_costs_its_own_scenes(make, small, out):
    photo(small, 1).unlink()
    assert counts(make("people=together")) == (3, 0, 2)
    assert {entry["row"] for entry in read_failures(out)} == {"2", "3"}
    assert "demo_000001.jpg" in read_failures(out)[0]["reason"]


@pytest.mark.parametrize("words", [("output=obj",), ("output=ply",), ("output=glb", "frame=model")])
def test_whoever_needs_no_size_misses_no_photo(make, small, words):
    photo(small, 1).unlink()
    assert counts(make(*words)) == (8, 0, 0)


def test_what_is_there_is_not_made_again(make, small, out):
    make("people=together")
    before = files_below(out)
    assert counts(make("people=together")) == (0, 4, 0)
    # A photo of other sizes has another camera; its pixels mean nothing.
    changed = cv2.imread(str(photo(small, 1)))
    cv2.imwrite(str(photo(small, 0)), 255 - cv2.imread(str(photo(small, 0))))
    cv2.imwrite(str(photo(small, 1)), changed[:-8])
    (out / "part0/demo_000002_4.glb").unlink()
    assert counts(make("people=together")) == (2, 2, 0)
    after = files_below(out)
    assert {name for name in before if before[name] != after[name]} == {
        "part0/demo_000001_2.glb",
        "manifest.jsonl",
    }


def test_another_frame_is_another_product(make):
    make("output=ply", "samples=0")
    assert counts(make("output=ply", "samples=0")) == (0, 1, 0)
    assert counts(make("output=ply", "samples=0", "frame=model")) == (1, 0, 0)


def test_a_missing_file_of_several_is_made_again(make, out):
    make("output=ply", "people=together")
    before = files_below(out)
    (out / "part0/demo_000003_5.2.ply").unlink()
    assert counts(make("output=ply", "people=together")) == (1, 3, 0)
    assert files_below(out) == before


def test_files_of_several_people_go_into_tars_together(make, out):
    assert counts(make("output=ply", "people=together", "output.tar=3")) == (4, 0, 0)
    members = []
    for path in sorted(out.glob("*.tar")):
        with tarfile.open(path) as tar:
            members += [member.name for member in tar if member.isfile()]
    assert len(members) == len(set(members)) == 8
    assert counts(make("output=ply", "people=together", "output.tar=3")) == (0, 4, 0)


@pytest.mark.parametrize("output", ["glb", "obj", "ply"])
def test_the_same_bytes_in_any_batch(make, tmp_path, output):
    found = []
    for batch, threads in ((1, 1), (64, 2)):
        into = tmp_path / f"{batch}"
        make(f"output={output}", f"batch={batch}", f"threads={threads}", into=into)
        found.append(files_below(into))
    assert found[0] == found[1]


def test_a_package_that_is_not_installed_is_named(make, monkeypatch):
    monkeypatch.setattr("render.config.made.formats.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"output: glb needs the package trimesh.*smpl-render\[meshes\]"):
        make()
