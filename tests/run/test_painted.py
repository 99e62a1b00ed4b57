"""Whole runs with textures and colours of vertices: what they show, and what draws them anew."""

import json

import cv2
import numpy as np
import pytest

from render.body.charts import read_charts
from render.body.surface.atlas import make_atlas
from render.errors import BodyModelError
from render.fits.read import read_fits
from tests.helpers.made_meshes import FACES, write_obj
from tests.helpers.painting import make_colors, make_texels, save_texture, save_uv_obj
from tests.helpers.runs import configure, run, sheets_below

# Whole runs take seconds together.
pytestmark = pytest.mark.slow

RED, GREEN = np.array([255, 0, 0], np.uint8), np.array([0, 255, 0], np.uint8)
# A metre high, at 4 m, its point to the viewer.
PYRAMID = np.array([(-0.5, 0.5, 4), (0.5, 0.4, 4), (0, -0.5, 4.1), (0, 0, 3.5)])
CAMERA = {"focal": 61, "princpt": [32, 24], "axes": "opencv"}
SHOWN = ["panels=[camera/vertexcolor/black]", "size=64x48", "output=png", "edges=hard"]


@pytest.fixture
def folder(tmp_path):
    """Two meshes of files, the first red; settings that draw them."""
    meshes = tmp_path / "meshes"
    meshes.mkdir()
    write_obj(meshes / "a.obj", PYRAMID, colors=np.tile(RED, (4, 1)))
    write_obj(meshes / "b.obj", PYRAMID, colors=np.tile(GREEN, (4, 1)))
    (meshes / "camera.json").write_text(json.dumps(CAMERA))
    return meshes


def draw_meshes(path, out, *words):
    base = ["dataset=meshes", f"dataset.fit_file={path}", "dataset.image_dir=null", f"output.dir={out}"]
    report = run(*base, *SHOWN, *words)
    return report, {
        name: cv2.imread(str(out / name))[:, :, ::-1] for name in sheets_below(out) if name.endswith("png")
    }


def has_only(picture: np.ndarray, channel: int) -> bool:
    """Whether one channel is far brighter than the others wherever something is."""
    body = picture[picture.any(2)].astype(int)
    others = np.delete(body, channel, 1).max(1)
    return len(body) > 100 and bool((body[:, channel] > others + 50).all())


def test_meshes_show_the_colours_of_their_files(folder, tmp_path):
    report, sheets = draw_meshes(folder, tmp_path / "out")
    assert (report.rendered, len(sheets)) == (2, 2)
    first, second = (sheets[name] for name in sorted(sheets))
    assert has_only(first, 0)
    assert has_only(second, 1)


def test_colours_of_arrays_and_of_each_person(tmp_path):
    held = {"vertices": np.stack([PYRAMID, PYRAMID]), "faces": FACES, **CAMERA}
    np.savez(
        tmp_path / "a.npz", vertex_colors=np.stack([np.tile(RED, (4, 1)), np.tile(GREEN, (4, 1))]), **held
    )
    _, sheets = draw_meshes(tmp_path / "a.npz", tmp_path / "out")
    first, second = (sheets[name] for name in sorted(sheets))
    assert has_only(first, 0)
    assert has_only(second, 1)
    # One for all, as floats.
    np.savez(tmp_path / "b.npz", vertex_colors=np.tile([0.0, 1.0, 0.0], (4, 1)), **held)
    _, sheets = draw_meshes(tmp_path / "b.npz", tmp_path / "out2")
    assert all(has_only(picture, 1) for picture in sheets.values())


def test_what_is_no_colour_is_said_and_shapes_are_drawn(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, vertices=PYRAMID, faces=FACES, vertex_colors=np.full((4, 3), "red"), **CAMERA)
    fits, _ = read_fits("meshes", path)
    (note,) = [note for note in fits.sources[0].notes if "colors" in note]
    assert note.startswith("vertex_colors are not used: expected colours")
    with pytest.raises(BodyModelError, match=r"fits of format meshes have none \(rows 0\)"):
        draw_meshes(path, tmp_path / "out")
    assert draw_meshes(path, tmp_path / "out", "panels=[camera/geo]")[0].rendered == 1


def test_people_without_colours_are_named_before_anything_is_drawn(folder, tmp_path):
    for name in "cdefg":
        write_obj(folder / f"{name}.obj", PYRAMID)
    out = tmp_path / "out"
    with pytest.raises(BodyModelError, match=r"have none \(rows 2, 3, 4 and 2 more\); set it to a file"):
        draw_meshes(folder, out)
    assert not list(out.glob("*.png"))
    # Who has none gets those of the setting, the others keep theirs.
    np.savez(tmp_path / "green.npz", colors=np.tile(GREEN, (4, 1)))
    _, sheets = draw_meshes(folder, out, f"body.colors={tmp_path}/green.npz")
    assert [has_only(sheets[name], 0) for name in sorted(sheets)] == [True] + [False] * 6
    assert all(has_only(sheets[name], 1) for name in sorted(sheets)[1:])


def test_files_that_are_read_when_they_are_drawn_keep_their_colours(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("render.fits.geometry.folder.MOST_HELD_BYTES", 0)
    _, sheets = draw_meshes(folder, tmp_path / "out")
    assert [has_only(sheets[name], k) for k, name in enumerate(sorted(sheets))] == [True, True]


def test_other_colours_are_drawn_anew_where_they_are_shown(folder, tmp_path):
    out = tmp_path / "out"
    draw_meshes(folder, out)
    draw_meshes(folder, tmp_path / "geo", "panels=[camera/geo]")
    assert draw_meshes(folder, out)[0].rendered == 0
    write_obj(folder / "a.obj", PYRAMID, colors=np.tile(GREEN, (4, 1)))
    report, sheets = draw_meshes(folder, out)
    assert report.rendered == 1
    assert all(has_only(picture, 1) for picture in sheets.values())
    # No other mode reads them.
    assert draw_meshes(folder, tmp_path / "geo", "panels=[camera/geo]")[0].rendered == 0


def test_a_texture_in_densepose_squares(demo, tmp_path):
    """The demo body's own map; another picture is drawn anew."""
    path, out = save_texture(tmp_path / "a.png"), tmp_path / "out"
    words = [*demo, "panels=[camera/texture/black]", "samples=0:1", f"body.texture={path}", "output=png"]
    assert run(*words).rendered == 1
    (name,) = sheets_below(out)
    before = cv2.imread(str(out / name))
    assert (before.max(2) > 0).sum() > 1000
    assert run(*words).rendered == 0
    cv2.imwrite(str(path), 255 - make_texels(120, 80))
    assert run(*words).rendered == 1
    assert (cv2.imread(str(out / name)) != before).any(2).sum() > 1000


def test_a_map_of_a_file_shows_what_the_squares_show(demo, demo_set, demo_body, tmp_path):
    """The same map as an OBJ gives the same picture, in another order of its faces too."""
    faces = demo_body.faces
    uv = make_atlas(read_charts(demo_set.charts_file, faces, demo_body.vert_count), faces).numpy()
    shuffled = np.random.default_rng(1).permutation(len(uv))
    verts, corners = demo_body.v_template.numpy(), faces.numpy()[shuffled][:, [1, 2, 0]]
    obj = save_uv_obj(tmp_path / "uv.obj", verts, corners, uv[shuffled][:, [1, 2, 0]].astype(np.float64))
    path = save_texture(tmp_path / "a.png")
    words = [*demo, "panels=[camera/texture]", "samples=0:2", f"body.texture={path}", "output=png"]
    run(*words)
    run(*words, f"body.uv={obj}", f"output.dir={tmp_path}/other")
    names = sheets_below(tmp_path / "out")
    assert len(names) == 2
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_model_may_have_a_map_of_its_own(demo, demo_set, demo_body, tmp_path):
    """As SMPL-X's file has it: it is taken where no other is named."""
    with np.load(demo_set.body_file) as file:
        held = dict(file)
    charts = read_charts(demo_set.charts_file, demo_body.faces, demo_body.vert_count)
    uv = make_atlas(charts, demo_body.faces).numpy()
    held |= {"vt": uv.reshape(-1, 2), "ft": np.arange(uv.shape[0] * 3).reshape(-1, 3)}
    np.savez(tmp_path / "body.npz", **held)
    path = save_texture(tmp_path / "a.png")
    words = [*demo, "panels=[camera/texture]", "samples=0:1", f"body.texture={path}", "output=png"]
    run(*words)
    own = [
        f"body.path={tmp_path}/body.npz",
        "body.uv=null",
        "body.charts=null",
        f"output.dir={tmp_path}/other",
    ]
    run(*words, *own)
    (name,) = sheets_below(tmp_path / "out")
    assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_colours_of_a_topology(demo, demo_body, tmp_path):
    np.save(tmp_path / "a.npy", make_colors(demo_body.v_template.numpy()))
    words = [*demo, "panels=[camera/vertexcolor/black]", "samples=0:2", f"body.colors={tmp_path}/a.npy"]
    assert run(*words, "output=png", "people=together").rendered == 1
    np.save(tmp_path / "a.npy", np.zeros((6890, 3), np.uint8))
    assert run(*words, "output=png", "people=together").rendered == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["panels=[camera/texture]"], "body.texture: these panels show a texture, and no picture is named"),
        (["panels=[camera/texture]", "body.texture=nothing.png"], "nothing.png: there is no such texture"),
        (["panels=[camera/texture]", "body.texture={png}", "body.uv=null"], "body.uv: demo has no UV map"),
        (
            ["panels=[camera/texture]", "body.texture={png}", "body.uv=x.obj"],
            "x.obj: there is no such UV",
        ),
        (["panels=[camera/texture]", "body.texture={png}", "body.charts=null"], "Set body.uv to a file"),
        (["panels=[camera/texture]", "body.texture={text}"], "It is the texture that body.texture names"),
        (["panels=[camera/vertexcolor]"], "body.colors: these panels show colours"),
        (["panels=[camera/vertexcolor]", "body.colors={text}"], "no colours of this body"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_drawn(demo, tmp_path, words, said):
    files = {"png": save_texture(tmp_path / "a.png"), "text": tmp_path / "a.txt"}
    files["text"].write_text("no picture")
    with pytest.raises(BodyModelError, match=said):
        run(*demo, *(word.format(**files) for word in words))
    assert not list(tmp_path.glob("out/*.*g"))


def test_settings_that_nobody_reads_are_no_part_of_the_fingerprint(demo, tmp_path):
    """A run of other modes neither opens these files nor draws anew for them."""
    words = [*demo, "panels=[camera/geo]", "samples=0:1"]
    assert run(*words).rendered == 1
    assert run(*words, "body.texture=nothing.png", "body.uv=nothing.obj", "body.colors=x.npy").rendered == 0
    assert configure(*words, "body.uv=densepose").body.uv == "densepose"
