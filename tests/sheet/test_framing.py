"""Who is in the shots of a batch, and what each shot shows of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from render.sheet.cameras import frame_cameras
from render.sheet.depth_order import order_people
from render.sheet.framing import Batch, list_placements, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.view import VIEWS
from render.sheet.view_cameras import ViewInputs
from render.types.bodies import Bodies, Charts
from render.types.placements import Cameras
from render.types.sheets import Sheet
from tests.helpers.fit_tables import make_spheres, make_table

# Three people in crops of 100 to 300 px, the second drawn largest; rows of the file are not their places.
FITS = make_table(
    3,
    row=np.array([11, 22, 33]),
    cam=np.array([[0.5, 0.25, 0.0], [0.75, 0.0, -0.5], [1.0, 0.0, 0.0]]),
    bbox_center_px=np.array([[160.0, 120.0], [60.0, 180.0], [200.0, 90.0]]),
    bbox_scale=np.array([1.0, 1.5, 0.5]),
)
SPHERES = make_spheres([0.9, 0.5, 0.7], [[0.1, -0.2, 0.3], [0.0, 0.4, -0.1], [-0.3, 0.0, 0.0]])


def make_sheet(people: tuple[int, ...], *panels: str, hw: tuple[int, int] = (240, 320)) -> Sheet:
    specs = tuple(parse_panel(text, "white") for text in panels)
    return lay_out_sheet("a", None, hw, specs, people, columns=99)


def frame(batch: Batch, bodies: Bodies = SPHERES, charts: Charts | None = None) -> Cameras:
    """Of a batch whose people are by their row, 11, 22 and 33, the three bodies."""
    of_people = torch.from_numpy(batch.fits.row // 11 - 1)
    own = replace(bodies, **{n: getattr(bodies, n)[of_people] for n in ("verts", "normals", "joints")})
    listed = list_placements(batch)
    return frame_cameras(batch, own, charts, listed, torch.from_numpy(listed.body)).cameras


def project(batch: Batch, cameras: Cameras) -> list[np.ndarray]:
    """x, y and depth of each placement's vertices in its shot."""
    found = []
    for k, row in enumerate(list_placements(batch).row):
        q = SPHERES.verts[row // 11 - 1].double() @ cameras.matrix[k].double().T + cameras.translation[k]
        if cameras.focal_px[k] > 0:
            assert (q[:, 2] > 0).all()
            q[:, :2] = cameras.center_px[k] + cameras.focal_px[k] * q[:, :2] / q[:, 2:]
        found.append(q.numpy())
    return found


def test_a_batch_has_the_people_of_its_sheets_and_shots_of_one_mode_side_by_side():
    """In the order of the sheets as far as that goes: each mode has a kernel of its own."""
    sheets = [make_sheet((2, 0), "camera/normal", "side/geo", "top/normal"), make_sheet((1,), "camera/geo")]
    batch = make_batch(FITS, sheets)
    assert batch.sheets == sheets
    assert batch.fits.row.tolist() == [33, 11, 22]
    assert batch.first.tolist() == [0, 2, 3]
    assert [(shot.sheet, shot.viewpoint.name, shot.modes) for shot in batch.shots] == [
        (0, "side", ("geo",)),
        (1, "camera", ("geo",)),
        (0, "camera", ("normal",)),
        (0, "top", ("normal",)),
    ]
    corners, sides = batch.crops
    # Of the first and third person together a square about both, of the second their own.
    assert corners.tolist() == [[60, 20], [-90, 30]]
    assert sides.tolist() == [200, 300]


def test_each_person_of_a_sheet_is_in_each_of_its_shots():
    sheets = [make_sheet((2, 0), "camera/mask", "side/geo"), make_sheet((1,), "camera/geo")]
    listed = list_placements(make_batch(FITS, sheets))
    assert listed.shot.tolist() == [0, 0, 1, 2, 2]
    assert listed.body.tolist() == [0, 1, 2, 0, 1]
    assert listed.instance.tolist() == [1, 2, 1, 1, 2]
    assert listed.row.tolist() == [33, 11, 22, 33, 11]
    assert {column.dtype for column in listed} == {np.dtype(np.int32)}


def test_what_is_drawn_over_a_photo_finds_its_place_on_a_crop_of_it():
    """The crop's corner comes to the shot's and its side to the shot's side."""
    batch = make_batch(FITS, [make_sheet((0,), "camera/geo"), make_sheet((1,), "crop:2/geo")])
    zoom, offset = batch.photo_to_shot(batch.shots[0])
    assert (zoom, offset.tolist()) == (1.0, [0.0, 0.0])
    zoom, offset = batch.photo_to_shot(batch.shots[1])
    assert zoom == 448 / 300
    corner, side = np.array([-90.0, 30.0]), 300
    np.testing.assert_allclose(zoom * corner + offset, [0, 0], atol=1e-9)
    np.testing.assert_allclose(zoom * (corner + side) + offset, [448, 448])


def test_a_placement_has_the_camera_that_it_has_in_a_batch_of_its_own():
    """To the bit, whatever else is in the batch: views are called for all placements at once."""
    panels = ["camera/geo", "side/depth", "crop:1/mask", "orbit:40:-20:ortho/geo", "top/depth"]
    sheets = [make_sheet((0, 2), *panels), make_sheet((1,), *panels[::-1], hw=(90, 50))]
    batch = make_batch(FITS, sheets)
    together, listed = frame(batch), list_placements(batch)
    for k, shot in enumerate(batch.shots):
        (panel,) = shot.panels
        one = replace(sheets[shot.sheet], panels=(panel,))
        alone = frame(make_batch(FITS, [one]))
        mine = torch.from_numpy(np.flatnonzero(listed.shot == k))
        for name in Cameras.SHAPES:
            assert torch.equal(getattr(together, name)[mine], getattr(alone, name)), (panel.viewpoint, name)


@pytest.mark.parametrize("hw", [(200, 300), (300, 100)])
def test_no_body_of_a_sheet_leaves_a_view_around_all(hw):
    """Bodies as round as can be: whatever the angle, there is something at every side."""
    views = ["orbit", "orbit:70:40", "orbit:200:-65", "orbit:33:12:ortho", "top", "top:ortho"]
    sheets = [make_sheet(who, *(f"{view}/geo" for view in views), hw=hw) for who in ((0,), (1, 2, 0), (2, 1))]
    batch = make_batch(FITS, sheets)
    listed = list_placements(batch)
    found = project(batch, frame(batch))
    widest = np.zeros(len(batch.shots))
    for k, placed in enumerate(found):
        share = np.abs(placed[:, :2] / np.array(hw[::-1]) - 0.5).max() * 2
        assert share <= 0.985
        widest[listed.shot[k]] = max(widest[listed.shot[k]], share)
    # Who is alone fills the panel; of a crowd the sphere about all is larger than what is in it.
    alone = [widest[k] for k, shot in enumerate(batch.shots) if shot.sheet == 0]
    assert min(alone) > 0.78
    assert widest.min() > 0.4


@pytest.mark.parametrize("panel", ["orbit:30:10/geo", "side:ortho/geo", "side/depth", "top/mask"])
def test_views_are_told_where_the_one_body_of_a_sheet_is_and_how_they_look_at_it(panel):
    spec = parse_panel(panel)
    batch = make_batch(FITS, [make_sheet((0,), panel, hw=(100, 150))])
    # A crop of 200 px from (60, 20) on; s of 0.5 and a shift of a quarter of half of it to the right.
    scale, origin = 50.0, np.array([185.0, 120.0, 0.0])
    verts = SPHERES.verts[0].double().numpy()
    told = {
        "scale_px": scale,
        "origin_px": origin,
        "eye_px": np.zeros(3),
        "focal_px": np.zeros(2),
        "principal_px": np.zeros(2),
        "depth_shift_px": 0.0,
        "center_px": origin + scale * np.array([0.1, -0.2, 0.3]),
        "extent_px": scale * np.ptp(verts, axis=0).max(),
        "radius_px": scale * 0.9,
        "size_px": [150.0, 100.0],
        "zoom": 1.0,
        "offset_px": [0.0, 0.0],
        "azimuth_rad": math.radians(spec.viewpoint.azimuth_deg),
        "elevation_rad": math.radians(spec.viewpoint.elevation_deg),
        "perspective": 0.0 if spec.viewpoint.is_orthographic else 1.0,
        "upright": np.eye(3),
        "magnify": 1.0,
    }
    inputs = ViewInputs(**{name: torch.tensor(np.array([value])) for name, value in told.items()})
    expected, found = VIEWS.load(spec.viewpoint.name).load_frame()(inputs), frame(batch)
    for name in Cameras.SHAPES:
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=1e-5, atol=1e-4, err_msg=name
        )


@pytest.mark.parametrize(("panel", "zoom", "corner"), [("camera", 1.0, (0, 0)), ("crop:1", 1.12, (60, 20))])
def test_a_crowd_stands_over_its_photo_one_behind_the_other(panel, zoom, corner):
    batch = make_batch(FITS, [make_sheet((0, 2), f"{panel}/geo")])
    found = project(batch, frame(batch))
    scale, origin = np.array([50.0, 50.0]), np.array([[185.0, 120.0], [200.0, 90.0]])
    spheres = [SPHERES.verts[i].double() for i in (0, 2)]
    shift = order_people(
        torch.from_numpy(scale),
        torch.stack([verts.amin(0) for verts in spheres]),
        torch.stack([verts.amax(0) for verts in spheres]),
        np.array([0, 2]),
    ).numpy()
    for k, verts in enumerate(spheres):
        expected = scale[k] * verts.numpy()
        expected[:, :2] += origin[k] - corner
        expected[:, 2] += shift[k]
        np.testing.assert_allclose(found[k], zoom * expected, atol=1e-3)
    assert found[0][:, 2].max() < found[1][:, 2].min()


def test_only_the_original_s_mode_is_centred_on_the_corners_of_the_charts():
    """And still shows all of the body."""
    count = SPHERES.verts.shape[1]
    weight = torch.zeros(count, dtype=torch.float64)
    # Two vertices have all corners, one of them three times as many.
    weight[[3, 40]] = torch.tensor([3.0, 1.0], dtype=torch.float64)
    charts = Charts(torch.ones(1, dtype=torch.int32), torch.zeros(1, 3, 2), weight)
    panels = ("orbit:20:30/densepose", "orbit:20:30/parts", "side/densepose")
    batch = make_batch(FITS, [make_sheet((1,), *panels)])
    cameras = frame(batch, charts=charts)
    modes = [shot.modes for shot in batch.shots]
    assert modes == [("densepose",), ("densepose",), ("parts",)]
    verts = SPHERES.verts[1].double().numpy()
    on_charts, plain = (3 * verts[3] + verts[40]) / 4, verts.mean(0)
    for k, middle in enumerate((on_charts, on_charts, plain)):
        q = cameras.matrix[k].double().numpy() @ middle + cameras.translation[k].numpy()
        np.testing.assert_allclose(q[:2], 0, atol=1e-3)
    placed = project(batch, cameras)
    for k in (0, 2):
        assert (np.abs(placed[k][:, :2] / [320, 240] - 0.5) < 0.5).all()
    without = frame(batch)
    assert torch.equal(without.translation[2], cameras.translation[2])
    assert not torch.equal(without.translation[0], cameras.translation[0])
