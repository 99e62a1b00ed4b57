"""Layers of labels from fragments: those of a run, and those of cameras and views of one's own."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render import (
    build_sheets,
    label_sheets,
    load_charts,
    make_bodies,
    make_cameras,
    pose_bodies,
    rasterize_sheets,
    read_fits,
)
from render.body.fit_bodies import FitBodies
from render.errors import BodyModelError, RenderError
from render.labels.layer import LAYERS
from tests.helpers.drawn_labels import draw_labels, lay_out_labels, read_planes
from tests.helpers.squares import SQUARE, build

SIZE_WH = (160, 120)


def tilt_square():
    """A square of a metre that a pinhole of one's own looks at from the side, and that camera."""
    square = make_bodies(np.array(SQUARE[0], float) - [[[0.5, 0.5, 0]]], SQUARE[1])
    rotation = Rotation.from_euler("yx", [0.5, -0.3]).as_matrix()
    return square, rotation, make_cameras(rotation[None], [[0.1, -0.05, 2.0]], [150], [[80, 60]])


def test_the_float_layers_of_a_run(demo_set, demo_body):
    """The same kernels write them. Only translations come by another way: 1e-6 m is what float32 leaves."""
    fits, _ = read_fits("eft", demo_set.fit_file)
    fits = fits.take(np.arange(4))
    fits.focal[:], fits.center[:], fits.scale[:] = (700, 650), (80, 60), 0
    fits.is_metric[:] = True
    fits.transl_m[:] = np.column_stack([np.zeros(4), np.zeros(4), 8 + np.arange(4)])
    charts = load_charts(demo_set.charts_file, demo_body)
    poses = fits.sources[0].bodies
    bodies = pose_bodies(demo_body, poses.rotmat[fits.place], poses.betas[fits.place])
    photos = [np.zeros((120, 160, 3), np.uint8)] * len(dict.fromkeys(fits.image_name))
    sheets = build_sheets(
        bodies, ["camera/depth", "crop:1/iuv"], fits=fits, photos=photos, people="together", charts=charts
    )
    # Runs draw the outside of bodies only.
    sheets.staged.placements.cull.fill_(1)
    names = ["bary", "depth", "iuv", "normal", "position", "face", "instance", "skin_parts", "alpha", "parts"]
    found = label_sheets(sheets, rasterize_sheets(sheets), names, body=demo_body)
    people = [sheet.fits for sheet in sheets.sheets]
    stores = [f"{name}:{next(s for s in ('float', '32', '16', '8') if s in _stores(name))}" for name in names]
    for view, mode in (("camera", "depth"), ("crop:1", "iuv")):
        drawn = draw_labels(
            FitBodies((demo_body,)), fits, lay_out_labels(people, (120, 160), view), stores, charts
        )
        shots = [k for k, (_, modes) in enumerate(sheets.shots) if modes == (mode,)]
        for k, labels in zip(shots, drawn, strict=True):
            assert (labels.instance > 0).sum() > 300
            assert set(found[k]) == set(names)
            for name, values in read_planes(labels).items():
                ours = found[k][name]
                assert ours.dtype == torch.float32
                channels = 1 if values.ndim == 2 else values.shape[2]
                assert ours.shape == (*values.shape[:2], channels)
                atol = 2e-6 if name in ("depth", "position") else 0
                np.testing.assert_allclose(ours.numpy().reshape(values.shape), values, atol=atol, rtol=0)


def _stores(name: str) -> tuple[str, ...]:
    return ("float",) if name == "alpha" else tuple(LAYERS.load(name).stores)


def test_a_camera_of_one_s_own():
    """Depths, positions and normals are in its frame, as the rays of its pixels meet the turned square."""
    square, rotation, cameras = tilt_square()
    sheets = build_sheets(square, ["camera/geo"], size_px=SIZE_WH, cameras=cameras)
    (labels,) = label_sheets(sheets, rasterize_sheets(sheets), ["depth", "position", "normal", "silhouette"])
    y, x = np.mgrid[: SIZE_WH[1], : SIZE_WH[0]] + 0.5
    ray = np.stack([(x - 80) / 150, (y - 60) / 150, np.ones_like(x)], -1)
    normal, transl = rotation @ [0, 0, -1], np.array([0.1, -0.05, 2.0])
    expected = ray * ((normal @ transl) / (ray @ normal))[..., None]
    is_square = labels["silhouette"][..., 0].numpy() > 0
    assert is_square.sum() > 3000
    np.testing.assert_allclose(labels["position"].numpy()[is_square], expected[is_square], atol=1e-4)
    np.testing.assert_allclose(labels["depth"].numpy()[is_square, 0], expected[is_square, 2], atol=1e-4)
    assert np.abs(labels["normal"].numpy()[is_square] - normal).max() < 1e-6
    for layer in labels.values():
        assert not layer.numpy()[~is_square].any()


def test_a_view_from_the_side_has_its_own_frame():
    """Turned by 90 degrees about the vertical, what was to the right is in front or behind."""
    cube = np.array([(x, y, z) for x in (-0.3, 0.3) for y in (-0.5, 0.5) for z in (-0.2, 0.2)])
    faces = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1)]
    faces += [(2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)]
    sheets = build_sheets(make_bodies(cube[None], faces), ["orbit:90:0:ortho/geo"], size_px=(60, 60))
    (labels,) = label_sheets(sheets, rasterize_sheets(sheets), ["position", "instance"])
    seen = labels["position"][labels["instance"][..., 0] > 0].abs().numpy()
    # The nearer of the sides that are 0.3 m away, as wide as the cube is deep and as high as it is.
    np.testing.assert_allclose(seen[:, 2], 0.3, atol=1e-5)
    assert 0.18 < seen[:, 0].max() <= 0.2 + 1e-5
    assert 0.45 < seen[:, 1].max() <= 0.5 + 1e-5


def test_fragments_from_elsewhere_are_believed():
    sheets = build("camera/geo")
    fragments = rasterize_sheets(sheets)
    fragments.face.fill_(1)
    (labels,) = label_sheets(sheets, fragments, ["face"])
    assert set(labels["face"].unique().tolist()) == {0, 2}


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ("depth", "expected a list of names"),
        ([], "expected at least one"),
        ([1], "expected a list of names"),
        (["iuf"], "no layer 'iuf'"),
        (["depth:half"], "layers of sheets are float32"),
        (["amodal"], "'amodal' is not of sheets"),
        (["keypoints"], "'keypoints' is not of sheets"),
        (["face", "face"], "found face 2 times"),
    ],
)
def test_layers_that_sheets_do_not_have(layers, says):
    sheets = build("camera/geo")
    with pytest.raises(RenderError, match="layers: ") as caught:
        label_sheets(sheets, rasterize_sheets(sheets), layers)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        ("iuv", "iuv needs DensePose's charts"),
        ("uv", "uv needs a UV map"),
        ("skin_parts", "skin_parts needs the skinning weights of a model; pass body="),
        ("normal_world", "normal_world needs fits that know the world"),
        ("depth", "depth needs pinhole cameras"),
    ],
)
def test_what_layers_need(layer, says):
    sheets = build("camera/geo")
    with pytest.raises(ValueError, match=says):
        label_sheets(sheets, rasterize_sheets(sheets), [layer])


def test_what_is_handed_in_is_checked(demo_body):
    sheets = build("camera/geo")
    fragments = rasterize_sheets(sheets)
    with pytest.raises(TypeError, match="sheets: expected SheetBatch"):
        label_sheets(fragments, fragments, ["face"])
    with pytest.raises(TypeError, match="fragments: expected Fragments"):
        label_sheets(sheets, sheets, ["face"])
    with pytest.raises(TypeError, match="body: expected a body model"):
        label_sheets(sheets, fragments, ["skin_parts"], body=7)
    with pytest.raises(ValueError, match="model of the bodies, with 4 vertices, found 6890"):
        label_sheets(sheets, fragments, ["skin_parts"], body=demo_body)
    with pytest.raises(ValueError, match="one sample a pixel"):
        label_sheets(build("camera/geo", supersample=2), fragments, ["face"])
    with pytest.raises(ValueError, match="expected 1 shots, the first"):
        label_sheets(build("camera/geo", size_px=(30, 30)), fragments, ["face"])


def test_a_body_without_smpl_s_joints_has_no_parts():
    square = build("camera/geo")

    class Plain:
        name, faces, vert_count, pose = "plain", square.staged.bodies.faces, 4, None
        weights, joint_names, kind = torch.ones(4, 1), ("root",), "mesh"

    with pytest.raises(BodyModelError, match="plain: expected"):
        label_sheets(square, rasterize_sheets(square), ["skin_parts"], body=Plain())
