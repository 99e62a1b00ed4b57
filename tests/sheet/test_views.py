"""What the views show of bodies: over the photo, in crops, and from all around."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from render.sheet.cameras import frame_cameras
from render.sheet.framing import list_placements, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from tests.helpers.demo_pictures import silhouette


def test_a_crowd_keeps_each_x_and_y_and_never_interpenetrates(demo_body, fits):
    specs = (parse_panel("camera/geo"),)

    def verts_of(people) -> np.ndarray:
        sheet = lay_out_sheet("a", None, (480, 640), specs, people, columns=1)
        batch = make_batch(fits, [sheet])
        poses = batch.fits.sources[0].bodies
        rotmat, betas = poses.rotmat[batch.fits.place], poses.betas[batch.fits.place]
        bodies = demo_body.pose(torch.from_numpy(rotmat), torch.from_numpy(betas))
        placements = list_placements(batch)
        body = torch.from_numpy(placements.body)
        cameras = frame_cameras(batch, bodies, None, placements, body).cameras
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
    scales = fits.scale[list(people)]
    assert np.argsort(together[:, :, 2].min(1)).tolist() == np.argsort(-scales).tolist()


def move(fits, shift):
    """Fits so many pixels farther to the right and down."""
    return replace(fits, origin=fits.origin + shift, box_px=fits.box_px + np.append(shift, 0))


@pytest.mark.parametrize("view", ["camera", "side", "crop:1"])
def test_shifting_a_fit_by_whole_pixels_shifts_the_picture(draw_people, fits, view):
    shift = np.array([400.0, 500.0])
    fits = move(fits, np.array([300.0, 300.0]))
    moved = move(fits, shift)
    before, after = (
        draw_people([4], f"{view}/geo", table=table, size_hw=(1400, 1300)) for table in (fits, moved)
    )
    if view == "camera":
        before, after = before[:700, :700], after[500:1200, 400:1100]
    # Coordinates are rounded to float32 elsewhere, so a few pixels on edges may flip.
    assert (before != after).any(2).mean() < 1e-4
    assert (before != 255).any(2).mean() > 0.03


def test_orbit_without_perspective_is_the_camera_view_in_another_size(draw_people):
    camera = silhouette(draw_people([4], "camera/silhouette", size_hw=(640, 640)))
    orbit = silhouette(draw_people([4], "orbit:0:0:ortho/silhouette", size_hw=(640, 640)))
    boxes = [np.ptp(np.argwhere(mask), axis=0) + 1 for mask in (camera, orbit)]
    ratio = boxes[1] / boxes[0]
    assert ratio[0] == pytest.approx(ratio[1], rel=0.03)
    assert orbit.sum() / camera.sum() == pytest.approx(ratio[0] * ratio[1], rel=0.05)


def test_presets_are_orbits(draw_people):
    np.testing.assert_array_equal(draw_people([4], "top/normal"), draw_people([4], "orbit:0:90/normal"))
    # The side view is framed as the original does, so it is the same picture in another size.
    views = ("side:ortho/silhouette", "orbit:90:20:ortho/silhouette")
    side, orbit = (silhouette(draw_people([4], view)) for view in views)
    boxes = [np.ptp(np.argwhere(mask), axis=0) + 1 for mask in (side, orbit)]
    ratio = boxes[1] / boxes[0]
    assert ratio[0] == pytest.approx(ratio[1], rel=0.03)
    assert orbit.sum() / side.sum() == pytest.approx(ratio[0] * ratio[1], rel=0.05)


@pytest.mark.parametrize("size_hw", [(120, 300), (300, 120)])
@pytest.mark.parametrize("row", range(0, 21, 4))
def test_no_angle_cuts_a_body_off(draw_people, row, size_hw):
    for view in ("orbit:0", "orbit:120:30", "orbit:240:-40:ortho", "top"):
        mask = silhouette(draw_people([row], f"{view}/silhouette", size_hw=size_hw))
        assert mask.any()
        assert not mask[[0, -1]].any()
        assert not mask[:, [0, -1]].any()


def test_half_a_turn_without_perspective_is_the_mirror_image(draw_people):
    front = silhouette(draw_people([4], "orbit:0:0:ortho/silhouette"))
    back = silhouette(draw_people([4], "orbit:180:0:ortho/silhouette"))
    assert (front != back[:, ::-1]).mean() < 0.005
    assert front.sum() > 3000


def test_a_turn_keeps_its_framing_and_doubles_no_frame(draw_people, demo_body, monkeypatch):
    posed = []
    pose = demo_body.pose_chunk
    monkeypatch.setattr(demo_body, "pose_chunk", lambda *a: posed.append(1) or pose(*a))
    frames = draw_people([4], "orbit/silhouette", size_hw=(200, 200), frames=12).reshape(12, 200, 200, 3)
    assert len(posed) == 1
    masks = [silhouette(frame) for frame in frames]
    # The body turns about the vertical through its middle: its height on the picture hardly changes.
    rows = [np.flatnonzero(mask.any(1)) for mask in masks]
    assert np.ptp([r[0] for r in rows]) <= 12
    assert all(mask[[0, -1]].sum() + mask[:, [0, -1]].sum() == 0 for mask in masks)
    assert all((a != b).sum() > 100 for a, b in zip(masks, [*masks[1:], masks[0]], strict=True))
    np.testing.assert_array_equal(frames[3], draw_people([4], "orbit:90/silhouette", size_hw=(200, 200)))
