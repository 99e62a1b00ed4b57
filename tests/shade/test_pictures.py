"""What the modes, views, crowds and clips of a whole run show."""

import json
from itertools import pairwise
from pathlib import Path

import cv2
import imageio.v3 as iio
import numpy as np
import pytest
import scipy.io
import torch

from render.body.charts import read_charts
from render.errors import BodyModelError
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer, Style
from render.photos.crop import crop_photo
from render.shade.mode import MODES
from render.sheet.crops import place_in_photo
from render.sheet.depth_order import order_people
from render.sheet.framing import frame_cameras, list_placements, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.fits import FitTable
from tests.helpers.drawing import draw_sheets, face_picture, make_placements
from tests.helpers.runs import run, sheets_below

# Two people who cross: rows of the demo set, in one photo.
CROSSING = (2, 3)


@pytest.fixture(scope="module")
def fits(demo_set) -> FitTable:
    return read_fits("eft", demo_set.fit_file)[0]


@pytest.fixture(scope="module")
def charts(demo_set, demo_body):
    return read_charts(demo_set.charts_file, demo_body.faces, len(demo_body.v_template))


@pytest.fixture
def draw(demo_body, charts, fits):
    """Draws people on one sheet of the size of a demo photo, without the photo."""

    def draw_sheet(people, *panels, table=fits, size_hw=(480, 640), frames=1, **style) -> np.ndarray:
        renderer = BatchRenderer(demo_body, Style(**style), charts)
        specs = tuple(parse_panel(panel, "white") for panel in panels)
        sheet = lay_out_sheet("a", None, size_hw, specs, tuple(people), columns=99, frames=frames)
        return draw_sheets(renderer, table, [sheet], [None])[0]

    return draw_sheet


def body_verts_px(demo_body, fits: FitTable, row: int) -> np.ndarray:
    """The camera view's vertices, by EFT's formula."""
    bodies = demo_body.pose(torch.from_numpy(fits.pose_rotmat[[row]]), torch.from_numpy(fits.betas[[row]]))
    h = 200 * fits.bbox_scale[row]
    ul = np.trunc(fits.bbox_center_px[row] - h / 2)
    half = (np.trunc(fits.bbox_center_px[row, 1] + h / 2) - ul[1]) / 2
    s, tx, ty = fits.cam[row]
    verts = bodies.verts[0].double().numpy()
    shifted = s * verts[:, :2] + [tx, ty]
    return np.column_stack([ul + (1 + shifted) * half, s * verts[:, 2] * half])


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


def test_charts_of_another_body_are_refused(demo_set, demo_body):
    with pytest.raises(
        BodyModelError, match=r"charts are of another body: \d+ of their \d+ faces.*body\.charts"
    ):
        read_charts(demo_set.charts_file, demo_body.faces.flip(0)[:, [0, 0, 1]], len(demo_body.v_template))


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


@pytest.mark.parametrize("mode", MODES.names)
@pytest.mark.parametrize("order", [CROSSING, CROSSING[::-1]])
def test_the_nearer_person_is_on_top(draw, fits, mode, order):
    """In a crowd each body covers what it covers alone, except where a nearer one is."""
    near, far = sorted(order, key=lambda row: -place_in_photo(fits)[0][row])
    alone = {row: draw([row], "camera/silhouette")[:, :, 0] == 0 for row in order}
    assert (alone[near] & alone[far]).sum() > 200
    together = draw(order, f"camera/{mode}")
    by_itself = {row: draw([row], f"camera/{mode}") for row in order}
    if mode == "mask":
        by_itself = {row: picture * (order.index(row) + 1) for row, picture in by_itself.items()}
    if mode == "depth":
        # Scaled to the nearest and the farthest of all, it only keeps its order.
        assert together[alone[near]].min() > together[alone[far] & ~alone[near]].max()
        return
    only_far = alone[far] & ~alone[near]
    np.testing.assert_array_equal(together[alone[near]], by_itself[near][alone[near]])
    np.testing.assert_array_equal(together[only_far], by_itself[far][only_far])


def test_a_crowd_keeps_each_x_and_y_and_never_interpenetrates(demo_body, fits):
    specs = (parse_panel("camera/geo"),)

    def verts_of(people) -> np.ndarray:
        sheet = lay_out_sheet("a", None, (480, 640), specs, people, columns=1)
        batch = make_batch(fits, [sheet])
        bodies = demo_body.pose(torch.from_numpy(batch.fits.pose_rotmat), torch.from_numpy(batch.fits.betas))
        placements = list_placements(batch)
        body = torch.from_numpy(placements.body)
        cameras = frame_cameras(batch, bodies, None, placements, body)
        moved = (cameras.matrix[:, None] @ bodies.verts[body.long()][..., None])[..., 0]
        return (moved + cameras.translation[:, None]).numpy()

    people = (5, 6, 7)
    together = verts_of(people)
    for i, row in enumerate(people):
        alone = verts_of((row,))[0]
        assert np.abs(together[i, :, :2] - alone[:, :2]).max() <= 1e-4
        np.testing.assert_allclose(np.ptp(together[i, :, 2]), np.ptp(alone[:, 2]), rtol=1e-4)
    slabs = sorted((together[i, :, 2].min(), together[i, :, 2].max()) for i in range(3))
    assert all(before[1] < behind[0] for before, behind in pairwise(slabs))
    scales = place_in_photo(fits)[0][list(people)]
    assert np.argsort(together[:, :, 2].min(1)).tolist() == np.argsort(-scales).tolist()


def test_equal_sizes_keep_the_order_of_the_file():
    box = (
        torch.tensor([[0.0, 0, -1]] * 2, dtype=torch.float64),
        torch.tensor([[0.0, 0, 1]] * 2, dtype=torch.float64),
    )
    shift = order_people(np.full(2, 50.0), *box, np.array([0, 2]))
    assert shift.tolist() == [0, 101]


def test_people_together_make_one_sheet_an_image(demo, demo_set, tmp_path):
    report = run(*demo, "people=together", "panels=[camera/mask]", "output=png")
    entries = json.loads(demo_set.fit_file.read_text())["data"]
    assert report.rendered == len({entry["imageName"] for entry in entries}) == 12
    label = cv2.imread(str(tmp_path / "out" / "demo_000003_5.png"), cv2.IMREAD_UNCHANGED)
    assert np.unique(label).tolist() == [0, 1, 2, 3]


def test_alone_or_among_others_in_a_batch_gives_the_same_pixels(demo, tmp_path):
    run(*demo, "samples=0:6", "panels=[camera/geo, side/normal]", "output=png", "supersample=2")
    run(
        *demo,
        "samples=4",
        "panels=[camera/geo, side/normal]",
        "output=png",
        "supersample=2",
        f"output.dir={tmp_path}/one",
    )
    many, one = sheets_below(tmp_path / "out"), sheets_below(tmp_path / "one")
    assert one.items() <= many.items()
    assert (len(one), len(many)) == (1, 6)


@pytest.mark.parametrize("view", ["camera", "side", "crop:1"])
def test_shifting_a_fit_by_whole_pixels_shifts_the_picture(draw, fits, view):
    # Corners are truncated towards zero, so a shift across zero would not be one of whole pixels.
    shift = np.array([400.0, 500.0])
    fits = FitTable(**{**vars(fits), "bbox_center_px": fits.bbox_center_px + 300})
    moved = FitTable(**{**vars(fits), "bbox_center_px": fits.bbox_center_px + shift})
    before, after = (draw([4], f"{view}/geo", table=table, size_hw=(1400, 1300)) for table in (fits, moved))
    if view == "camera":
        before, after = before[:700, :700], after[500:1200, 400:1100]
    # Coordinates are rounded to float32 elsewhere, so a few pixels on edges may flip.
    assert (before != after).any(2).mean() < 1e-4
    assert (before != 255).any(2).mean() > 0.03


def test_a_crop_shows_the_photo_under_the_body(demo, demo_set, tmp_path):
    run(*demo, "samples=4", "panels=[camera/normal, crop:2/normal]", "output=png")
    entry = json.loads(demo_set.fit_file.read_text())["data"][4]
    h = 200 * entry["bbox_scale"]
    corner = np.trunc(np.array(entry["bbox_center"]) - h / 2)
    side = np.trunc(entry["bbox_center"][1] + h / 2) - corner[1]
    sheet = cv2.imread(str(tmp_path / "out" / "demo_000002_4.png"))
    height, width = cv2.imread(str(demo_set.image_dir / entry["imageName"])).shape[:2]
    assert sheet.shape[1] == width + 448
    crop = sheet[:448, width:]
    expected = crop_photo(sheet[:height, :width], corner, side, 448)
    assert np.median(np.abs(crop.astype(int) - expected)) <= 2
    assert np.abs(crop.astype(int) - expected).mean() < 3


def test_crops_of_absurd_boxes_stay_small():
    photo = np.full((20, 30, 3), 200, np.uint8)
    far = crop_photo(photo, np.array([-5e5, -5e5]), 1e6, 64)
    assert far.shape == (64, 64, 3)
    tiny = crop_photo(photo, np.array([10.0, 10.0]), 1.0, 64)
    assert (tiny == 200).all()


def silhouette(picture: np.ndarray) -> np.ndarray:
    return picture[:, :, 0] == 0


def test_orbit_without_perspective_is_the_camera_view_in_another_size(draw):
    camera = silhouette(draw([4], "camera/silhouette", size_hw=(640, 640)))
    orbit = silhouette(draw([4], "orbit:0:0:ortho/silhouette", size_hw=(640, 640)))
    boxes = [np.ptp(np.argwhere(mask), axis=0) + 1 for mask in (camera, orbit)]
    ratio = boxes[1] / boxes[0]
    assert ratio[0] == pytest.approx(ratio[1], rel=0.03)
    assert orbit.sum() / camera.sum() == pytest.approx(ratio[0] * ratio[1], rel=0.05)


def test_presets_are_orbits(draw):
    np.testing.assert_array_equal(draw([4], "top/normal"), draw([4], "orbit:0:90/normal"))
    # The side view is framed as the original does, so it is the same picture in another size.
    views = ("side:ortho/silhouette", "orbit:90:20:ortho/silhouette")
    side, orbit = (silhouette(draw([4], view)) for view in views)
    boxes = [np.ptp(np.argwhere(mask), axis=0) + 1 for mask in (side, orbit)]
    ratio = boxes[1] / boxes[0]
    assert ratio[0] == pytest.approx(ratio[1], rel=0.03)
    assert orbit.sum() / side.sum() == pytest.approx(ratio[0] * ratio[1], rel=0.05)


@pytest.mark.parametrize("size_hw", [(120, 300), (300, 120)])
@pytest.mark.parametrize("row", range(0, 21, 4))
def test_no_angle_cuts_a_body_off(draw, row, size_hw):
    for view in ("orbit:0", "orbit:120:30", "orbit:240:-40:ortho", "top"):
        mask = silhouette(draw([row], f"{view}/silhouette", size_hw=size_hw))
        assert mask.any()
        assert not mask[[0, -1]].any()
        assert not mask[:, [0, -1]].any()


def test_half_a_turn_without_perspective_is_the_mirror_image(draw):
    front = silhouette(draw([4], "orbit:0:0:ortho/silhouette"))
    back = silhouette(draw([4], "orbit:180:0:ortho/silhouette"))
    assert (front != back[:, ::-1]).mean() < 0.005
    assert front.sum() > 3000


def test_a_turn_keeps_its_framing_and_doubles_no_frame(draw, demo_body, monkeypatch):
    posed = []
    pose = demo_body.pose_chunk
    monkeypatch.setattr(demo_body, "pose_chunk", lambda *a: posed.append(1) or pose(*a))
    frames = draw([4], "orbit/silhouette", size_hw=(200, 200), frames=12).reshape(12, 200, 200, 3)
    assert len(posed) == 1
    masks = [silhouette(frame) for frame in frames]
    # The body turns about the vertical through its middle: its height on the picture hardly changes.
    rows = [np.flatnonzero(mask.any(1)) for mask in masks]
    assert np.ptp([r[0] for r in rows]) <= 12
    assert all(mask[[0, -1]].sum() + mask[:, [0, -1]].sum() == 0 for mask in masks)
    assert all((a != b).sum() > 100 for a, b in zip(masks, [*masks[1:], masks[0]], strict=True))
    np.testing.assert_array_equal(frames[3], draw([4], "orbit:90/silhouette", size_hw=(200, 200)))


def test_supersampled_silhouettes_are_close_to_many_more_samples(draw, demo_body, fits):
    picture = draw([4], "camera/silhouette", supersample=4)[:, :, 0].astype(float)
    n = 16
    verts = body_verts_px(demo_body, fits, 4) * [n, n, 1]
    box = np.array([*np.floor(verts.min(0)[:2] / n), *np.ceil(verts.max(0)[:2] / n)]).astype(int).clip(0)
    verts[:, :2] -= box[:2] * n
    size_hw = ((box[3] - box[1]) * n, (box[2] - box[0]) * n)
    covered = face_picture(make_placements(verts[None], demo_body.faces.numpy(), cull=True), size_hw)[0] >= 0
    share = covered.reshape(size_hw[0] // n, n, -1, n).mean((1, 3))
    reference = 255 * (1 - share)
    ours = picture[box[1] : box[3], box[0] : box[2]]
    reference = reference[: ours.shape[0], : ours.shape[1]]
    edge = (reference > 0) & (reference < 255)
    assert edge.sum() > 300
    assert np.abs(ours - reference)[edge].mean() <= 8


@pytest.mark.parametrize("mode", [mode for mode in MODES.names if MODES.load(mode).is_label])
def test_labels_are_never_anti_aliased(draw, mode):
    np.testing.assert_array_equal(draw([4], f"camera/{mode}", supersample=4), draw([4], f"camera/{mode}"))


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


def test_panels_break_into_rows():
    specs = tuple(parse_panel(text, "white") for text in ("camera/geo", "crop:1/geo", "side/geo"))
    sheet = lay_out_sheet("a", Path("a.jpg"), (100, 150), specs, (0,), columns=2)
    assert (sheet.height, sheet.width) == (324, 374)
    assert [(p.rect.x, p.rect.y) for p in sheet.panels] == [(0, 0), (150, 0), (0, 224)]


def test_sheets_without_a_photo_need_none(demo, demo_set, tmp_path):
    """A turn of a set size is made though the photos are gone."""
    report = run(
        "dataset=eft",
        f"dataset.fit_file={demo_set.fit_file}",
        f"dataset.image_dir={tmp_path}/gone",
        "body=demo",
        f"output.dir={tmp_path}/drawn",
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
    h = 200 * fits.bbox_scale[4]
    left, top = np.trunc(fits.bbox_center_px[4] - h / 2).astype(int)
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
        frames = np.stack(list(iio.imiter(path, plugin="pyav" if output == "mp4" else "pillow")))
        assert frames.shape[:3] == (8, 64, 192)
        assert all((before != after).any() for before, after in pairwise(frames))


def test_a_transparent_turntable(demo, tmp_path):
    run(
        *demo, "job=turntable", "samples=0", "size=64x64", "frames=4", "background=transparent", "output=webp"
    )
    frames = np.stack(list(iio.imiter(next((tmp_path / "out").iterdir()), plugin="pillow")))
    assert frames.shape == (4, 64, 64, 4)
    assert set(np.unique(frames[..., 3])) == {0, 255}
