"""What the sheets and clips of whole runs show."""

import json
from itertools import pairwise

import cv2
import imageio.v3 as iio
import numpy as np
import pytest
import scipy.io

from render.errors import BodyModelError
from render.photos.crop import crop_photo
from tests.helpers.clips import decode_video
from tests.helpers.demo_pictures import body_verts_px
from tests.helpers.drawing import face_picture, make_placements
from tests.helpers.runs import ORIGINAL, run, sheets_below

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


@pytest.fixture
def demo(demo) -> list[str]:
    return [ORIGINAL, *demo]


def test_iuv_reads_back_as_the_charts(demo, demo_set, demo_body, fits, tmp_path):
    row = 4
    run(*demo, f"samples={row}", "panels=[camera/iuv]", "output=png")
    label = cv2.imread(str(tmp_path / "out" / f"demo_000002_{row}.png"), cv2.IMREAD_UNCHANGED)
    mat = scipy.io.loadmat(demo_set.charts_file)
    corners = mat["All_Faces"].astype(int) - 1
    vertex = mat["All_vertices"].ravel().astype(int) - 1
    uv = np.column_stack([mat["All_U_norm"], mat["All_V_norm"]])
    part_of = {frozenset(vertex[c]): k for k, c in enumerate(corners)}

    verts, faces = body_verts_px(demo_body, fits, row), demo_body.faces.numpy()
    picture, fragments, at = face_picture(make_placements(verts[None], faces, cull=True), label.shape[:2])
    assert ((label[:, :, 0] > 0) != (picture >= 0)).sum() <= 2
    assert set(np.unique(label[:, :, 0])) <= set(range(25))
    assert len(np.unique(label[:, :, 0])) > 20
    assert (label[picture < 0] == 0).all()
    chosen = np.random.default_rng(0).choice(len(at), 1000, replace=False)
    same = 0
    for i in chosen:
        face = faces[fragments.face[i]]
        k = part_of[frozenset(face)]
        in_order = [list(vertex[corners[k]]).index(v) for v in face]
        u, v = fragments.bary[i].numpy() @ uv[corners[k][in_order]]
        found = label[at[i, 0], at[i, 1]].astype(float)
        expected = [mat["All_FaceIndices"].ravel()[k], min(255 * u, 255), min(255 * v, 255)]
        same += found[0] == expected[0] and np.abs(found[1:] - np.floor(expected[1:])).max() <= 1
    # A pixel on an edge may be its neighbour's in float32.
    assert same >= 998


def test_missing_charts_say_which_file_and_where(demo):
    with pytest.raises(
        BodyModelError, match=r"nowhere\.mat: there are no charts.*UV_Processed\.mat.*body\.charts"
    ):
        run(*demo, "samples=0", "panels=[camera/parts]", "output=png", "body.charts=nowhere.mat")


def test_damaged_charts_are_refused(demo, tmp_path):
    for name, content in {"a.mat": b"<html>", "b.mat": b""}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BodyModelError, match=f"{name}: "):
            run(*demo, "samples=0", "panels=[camera/uv]", f"body.charts={tmp_path / name}")


def test_modes_without_charts_do_not_ask_for_them(demo):
    assert run(*demo, "samples=0", "panels=[camera/normal]", "body.charts=nowhere.mat").rendered == 1


def test_people_together_make_one_sheet_an_image(demo, demo_set, tmp_path):
    report = run(*demo, "people=together", "panels=[camera/mask]", "output=png")
    entries = json.loads(demo_set.fit_file.read_text())["data"]
    assert report.rendered == len({entry["imageName"] for entry in entries}) == 12
    label = cv2.imread(str(tmp_path / "out" / "demo_000003_5.png"), cv2.IMREAD_UNCHANGED)
    assert np.unique(label).tolist() == [0, 1, 2, 3]


def test_alone_or_among_others_in_a_batch_gives_the_same_pixels(small, draw, out, tmp_path):
    settings = ["panels=[camera/geo, side/normal]", "output=png", "supersample=2"]
    draw(*settings)
    draw(*settings, "samples=4", into=tmp_path / "one")
    many, one = sheets_below(out), sheets_below(tmp_path / "one")
    assert one.items() <= many.items()
    assert (len(one), len(many)) == (1, len(small.entries))


@pytest.mark.parametrize(("crop", "words", "size"), [("crop:2", (), 448), ("crop", ("size=auto",), 640)])
def test_a_crop_shows_the_photo_under_the_body(demo, demo_set, tmp_path, crop, words, size):
    """Magnified as it says, or to the height of the photo beside it."""
    run(*demo, "samples=4", f"panels=[camera/normal, {crop}/normal]", "output=png", *words)
    entry = json.loads(demo_set.fit_file.read_text())["data"][4]
    h = 200 * entry["bbox_scale"]
    corner = np.trunc(np.array(entry["bbox_center"]) - h / 2)
    side = np.trunc(entry["bbox_center"][1] + h / 2) - corner[1]
    sheet = cv2.imread(str(tmp_path / "out" / "demo_000002_4.png"))
    height, width = cv2.imread(str(demo_set.image_dir / entry["imageName"])).shape[:2]
    assert sheet.shape[1] == width + size
    crop = sheet[:size, width:]
    expected = crop_photo(sheet[:height, :width], corner, side, size)
    assert np.median(np.abs(crop.astype(int) - expected)) <= 2
    assert np.abs(crop.astype(int) - expected).mean() < 3


def test_backgrounds(demo, tmp_path):
    run(*demo, "samples=4", "panels=[side/geo/rgb:102030, side/geo/transparent, side/geo]", "output=png")
    sheet = cv2.imread(str(tmp_path / "out" / "demo_000002_4.png"), cv2.IMREAD_UNCHANGED)
    width = sheet.shape[1] // 3
    assert [sheet[0, i * width].tolist() for i in range(3)] == [
        [0x30, 0x20, 0x10, 255],
        [0, 0, 0, 0],
        [255] * 4,
    ]
    assert set(np.unique(sheet[:, width : 2 * width, 3])) == {0, 255}


def test_opacity(demo, demo_set, tmp_path):
    for opacity in (1.0, 0.7):
        run(
            *demo,
            "samples=4",
            "panels=[camera/normal]",
            "output=png",
            f"opacity={opacity}",
            f"output.dir={tmp_path}/{opacity}",
        )
    solid, clear = (
        cv2.imread(str(tmp_path / name / "demo_000002_4.png")).astype(float) for name in ("1.0", "0.7")
    )
    photo = cv2.imread(str(demo_set.image_dir / "demo_000002.jpg"))
    np.testing.assert_allclose(clear, 0.7 * solid + 0.3 * photo, atol=1)


def test_sheets_without_a_photo_need_none(demo, demo_set, tmp_path):
    """A turn of a set size is made though the photos are gone."""
    report = run(
        "dataset=eft",
        f"dataset.fit_file={demo_set.fit_file}",
        f"dataset.image_dir={tmp_path}/gone",
        "body=demo",
        f"output.dir={tmp_path}/drawn",
        ORIGINAL,
        "size=64x48",
        "panels=[orbit:30/geo, crop:1/normal/white]",
        "samples=0:3",
    )
    assert (report.rendered, report.failed) == (3, [])
    sheet = cv2.imread(str(tmp_path / "drawn" / "demo_000000_0.jpg"))
    assert sheet.shape == (224, 64 + 224, 3)


def test_annotations_are_drawn_where_things_are(demo, demo_set, fits, tmp_path):
    """Boxes and joints over the photo and over a crop of it, and on no label."""
    coco = [
        {
            "id": int(fits.annot_id[4]),
            "image_id": 1,
            "bbox": [100, 200, 50, 60],
            "keypoints": [120, 300, 2] * 17,
        }
    ]
    (tmp_path / "coco.json").write_text(json.dumps({"annotations": coco}))
    settings = [
        "dataset=eft",
        f"dataset.fit_file={demo_set.fit_file}",
        f"dataset.image_dir={demo_set.image_dir}",
        f"dataset.coco_file={tmp_path}/coco.json",
        "body=demo",
        ORIGINAL,
        "samples=4",
        "output=png",
        "panels=[camera/geo/white, crop:1/geo/white, camera/mask]",
    ]
    run(*settings, f"output.dir={tmp_path}/plain")
    changed = {}
    for name in ("bbox", "keypoints", "multibox", "coco", "label"):
        run(*settings, f"annotate=[{name}]", f"output.dir={tmp_path}/{name}")
        sheets = (cv2.imread(str(tmp_path / folder / "demo_000002_4.png")) for folder in ("plain", name))
        changed[name] = np.not_equal(*sheets).any(2)
        assert changed[name].sum() > 100
    width = (changed["bbox"].shape[1] - 224) // 2
    for mask in changed.values():
        assert not mask[:, width + 224 :].any()
    assert changed["coco"][295:306, 115:126].any()
    assert changed["coco"][196:205, 100:150].mean() > 0.2
    # The crop's border is the fit's box.
    assert changed["bbox"][:224, width : width + 224][[0, -1]].mean() > 0.8
    left, top = fits.box_px[4, :2].astype(int)
    corner = changed["bbox"][max(top, 0) : top + 20, max(left - 2, 0) : left + 3]
    assert corner.any()


def test_people_without_a_coco_annotation_are_said(demo_set, tmp_path, caplog):
    other = {"id": 5, "image_id": 1, "bbox": [1, 2, 3, 4], "keypoints": [0, 0, 0] * 17}
    (tmp_path / "coco.json").write_text(json.dumps({"annotations": [other]}))
    report = run(
        "dataset=eft",
        f"dataset.fit_file={demo_set.fit_file}",
        f"dataset.image_dir={demo_set.image_dir}",
        f"dataset.coco_file={tmp_path}/coco.json",
        "body=demo",
        "samples=0:2",
        "annotate=[coco]",
        f"output.dir={tmp_path}/out",
    )
    assert report.rendered == 2
    assert "2 of 2 people have no COCO annotation" in caplog.text


@pytest.mark.parametrize("output", ["gif", "mp4", "webp"])
def test_a_turntable_run_makes_a_clip_for_each_person(demo, tmp_path, output):
    settings = ["job=turntable", f"output={output}", "samples=0:2", "size=96x64", "frames=8", "output.fps=20"]
    report = run(*demo, *settings, "panels=[orbit:10:5/geo, orbit/normal]")
    assert report.rendered == 2
    for path in sorted((tmp_path / "out").glob(f"*.{output}")):
        if output == "mp4":
            # imageio looks for all garbage of the process when it has read a video.
            frames = decode_video(path.read_bytes(), tmp_path)
        else:
            frames = np.stack(list(iio.imiter(path, plugin="pillow")))
        assert frames.shape[:3] == (8, 64, 192)
        assert all((before != after).any() for before, after in pairwise(frames))


def test_a_transparent_turntable(demo, tmp_path):
    run(
        *demo, "job=turntable", "samples=0", "size=64x64", "frames=4", "background=transparent", "output=webp"
    )
    frames = np.stack(list(iio.imiter(next((tmp_path / "out").iterdir()), plugin="pillow")))
    assert frames.shape == (4, 64, 64, 4)
    assert set(np.unique(frames[..., 3])) == {0, 255}
