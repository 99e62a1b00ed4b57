"""Each layer against its numpy twin, and against what can be worked out by hand."""

import numpy as np
import pytest
import torch

from render.body.charts import read_charts
from render.body.family.skin_parts import find_skin_parts
from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.errors import ConfigError
from render.fits.build import assemble
from render.fits.cameras import World, pinhole, weak_perspective
from render.fits.read import read_fits
from render.labels.layer import DTYPES, LAYERS, MOST, LayerSpec, parse_layer, parse_layers
from render.sheet.layout import group_people
from render.types.sources import Meshes
from tests.helpers.drawn_labels import Twin, draw_labels, lay_out_labels, read_planes, read_scene

# Those whose values the twin knows; uv needs a map that no body here has.
NAMES = [name for name in LAYERS.names if name != "uv"]
# As files have them: of whole numbers s v + o is rounded, or truncated as DensePose does.
SCALES = {
    ("bary", "16"): (65535, 0),
    ("depth", "16"): (1000, 0),
    ("depth_relative", "16"): (65535, 0),
    ("iuv", "8"): ([1, 255, 255], 0),
    ("iuv", "16"): ([1, 65535, 65535], 0),
    ("normal", "8"): (127.5, 127.5),
    ("normal", "16"): (32767.5, 32767.5),
    ("normal_world", "8"): (127.5, 127.5),
    ("normal_world", "16"): (32767.5, 32767.5),
    ("silhouette", "8"): (255, 0),
}
HALF_BITS = 11


@pytest.fixture(scope="module")
def demo_scene(demo_set, demo_body):
    """Two photos of the demo set, of people who cross, as if a pinhole had seen them."""
    fits, _ = read_fits("eft", demo_set.fit_file)
    groups = [who for image in group_people(fits, "together") for who in image][:2]
    charts = read_charts(demo_set.charts_file, demo_body.faces, demo_body.vert_count)
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    fits.world_rotation[:] = turn * np.linalg.det(turn)
    fits.focal[:], fits.center[:], fits.scale[:] = 700, (320, 240), 0
    # 6 m away, where weak perspective had them, and each in front of the one before.
    fits.transl_m[:, 2] = 6 - 0.3 * np.arange(len(fits))
    fits.transl_m[:, :2] = (fits.origin - fits.center) / 700 * fits.transl_m[:, 2:]
    sheets = lay_out_labels(groups, (480, 640))
    return FitBodies((demo_body,)), fits, sheets, charts


@pytest.fixture(scope="module")
def twin(demo_scene, demo_body):
    scene = read_scene(*demo_scene)
    return scene, Twin(scene, find_skin_parts(demo_body))


LAYER_STORES = [(name, store) for name in NAMES for store in LAYERS.load(name).stores]


@pytest.fixture(scope="module")
def drawn(demo_scene):
    """The planes of each sheet, of each layer in each of its stores: as many at once as there are layers."""
    bodies, fits, sheets, charts = demo_scene
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    left = dict.fromkeys(LAYER_STORES)
    while left:
        # One store of each layer.
        now = dict(reversed(left))
        labels = draw_labels(bodies, fits, sheets, [f"{name}:{now[name]}" for name in now], charts)
        for number, key in enumerate(now.items()):
            found[key] = [of_sheet.planes[number].values for of_sheet in labels]
            del left[key]
    return found


@pytest.mark.parametrize(("name", "store"), LAYER_STORES)
def test_layers_are_those_of_the_numpy_twin(drawn, twin, name, store):
    """float32 has 24 bits, and values come from a few operations on numbers of up to some metres: 4e-6 is
    what they may be off. Values at which a whole number is rounded to may be off by that before.
    """
    scene, values = twin
    for i, plane in enumerate(drawn[name, store]):
        assert plane.dtype == DTYPES[store]
        index, at = scene.find_at(i)
        assert len(index) > 5000
        is_body = np.zeros(plane.shape[:2], bool)
        is_body[at] = True
        assert not plane[~is_body].any()
        found = plane[at].astype(np.float64)
        scale, offset = SCALES.get((name, store), (1, 0))
        expected = np.asarray(scale) * values.find(name)[index] + offset
        slack = 4e-6 * np.max(scale) + 1e-9
        if store == "float":
            np.testing.assert_allclose(found, expected, atol=slack, rtol=0)
        elif store == "half":
            assert (np.abs(found - expected) <= slack + 2.0**-HALF_BITS * np.abs(expected) + 2**-25).all()
        elif name == "iuv" and store == "8":
            assert ((found <= expected + slack) & (expected < found + 1 + slack)).all()
        else:
            assert (np.abs(found - np.minimum(expected, MOST[store])) <= 0.5 + slack).all()


def test_all_layers_of_people_cover_the_same_pixels(demo_scene):
    """The charts of the demo body cover all of it, so iuv and parts do, too."""
    bodies, fits, sheets, charts = demo_scene
    # A barycentric coordinate may be 0, as may a normal's: of those three each pixel has one that is not.
    for labels in draw_labels(bodies, fits, sheets, [*NAMES, "alpha"], charts):
        planes = read_planes(labels)
        alpha = planes.pop("alpha")
        for name, values in planes.items():
            is_there = values.any(-1) if values.ndim == 3 else values > 0
            np.testing.assert_array_equal(is_there, labels.instance > 0, err_msg=name)
        assert (alpha[labels.instance > 0] > 0).all()


PLANE_FACES = np.array([[0, 2, 1], [0, 3, 2]], np.int32)


def make_plane(tilt: float, count: int = 1) -> np.ndarray:
    """(count, 4, 3) a square of 2 m that faces the viewer, and turns about y."""
    square = np.array([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], np.float32)
    square[:, 2] = np.tan(tilt) * square[:, 0]
    return np.tile(square, (count, 1, 1))


def mesh_scene(verts: np.ndarray, cameras, **columns):
    """Bodies and fits of meshes with two faces."""
    fits = assemble("meshes", ["a.png"] * len(verts), Meshes("", PLANE_FACES, verts), cameras, **columns)
    return FitBodies([MeshBody("plane", torch.from_numpy(PLANE_FACES), 4)]), fits


@pytest.mark.parametrize("view", ["camera", "crop:1", "crop:2"])
@pytest.mark.parametrize("focal", [(300.0, 300.0), (320.0, 280.0)])
def test_depth_and_position_of_a_tilted_plane(view, focal):
    """The ray of each pixel meets the plane z = 3 + (x - 0.1) tan. A pixel is 0.01 m, so 1e-4 m is little."""
    tilt, transl, center = 0.5, np.array([0.1, -0.05, 3.0]), np.array([90.0, 70.0])
    box = (20.0, 10.0, 130.0)
    cameras = pinhole([focal], [center], [transl], is_metric=True)
    bodies, fits = mesh_scene(make_plane(tilt), cameras, box_px=np.array([box]))
    sheets = lay_out_labels([(0,)], (150, 200), view)
    (labels,) = draw_labels(bodies, fits, sheets, ["depth:float", "position:float"])
    depth, position = (plane.values for plane in labels.planes)
    (whole,) = draw_labels(bodies, fits, sheets, ["depth:16"])
    millimetres = whole.planes[0].values
    height, width = labels.instance.shape
    zoom, corner = (1, 0) if view == "camera" else (height / box[2], np.array(box[:2]))
    y, x = np.mgrid[:height, :width] + 0.5
    ray = (np.stack([x, y], -1) / zoom + corner - center) / focal
    z = (transl[2] - np.tan(tilt) * transl[0]) / (1 - np.tan(tilt) * ray[..., 0])
    expected = np.concatenate([ray * z[..., None], z[..., None]], 2)
    is_plane = labels.instance > 0
    assert is_plane.mean() > 0.5
    np.testing.assert_allclose(position[is_plane], expected[is_plane], atol=1e-4, rtol=0)
    np.testing.assert_allclose(depth[..., 0][is_plane], z[is_plane], atol=1e-4, rtol=0)
    # Half a millimetre is rounded off, and what is off before.
    np.testing.assert_allclose(millimetres[..., 0][is_plane], 1000 * z[is_plane], atol=0.6, rtol=0)
    assert not millimetres[~is_plane].any()


def test_positions_under_weak_perspective_are_from_the_body_s_origin():
    bodies, fits = mesh_scene(make_plane(0.4), weak_perspective([50.0], [[60.0, 55.0]]))
    (labels,) = draw_labels(bodies, fits, lay_out_labels([(0,)], (110, 120)), ["position:float"])
    y, x = np.mgrid[:110, :120] + 0.5
    is_plane = labels.instance > 0
    assert is_plane.sum() == 100 * 100
    expected = np.stack([(x - 60) / 50, (y - 55) / 50, np.tan(0.4) * (x - 60) / 50], -1)
    np.testing.assert_allclose(labels.planes[0].values[is_plane], expected[is_plane], atol=1e-5, rtol=0)


def test_normals_in_the_frames_of_the_camera_and_of_the_world():
    """A plane that turns about y looks to the side; in the world, which lies on its side, up or down."""
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]])
    world = World(np.array([turn, np.full((3, 3), np.nan)]), np.zeros((2, 3)))
    cameras = weak_perspective([20.0, 20.0], [[30.0, 25.0], [90.0, 25.0]])
    bodies, fits = mesh_scene(make_plane(0.6, 2), cameras, world=world)
    layers = ["normal:float", "normal_world:float"]
    (labels,) = draw_labels(bodies, fits, lay_out_labels([(0, 1)], (50, 120)), layers)
    expected = np.array([np.sin(0.6), 0, -np.cos(0.6)])
    normal, of_world = (plane.values for plane in labels.planes)
    for person in (1, 2):
        np.testing.assert_allclose(
            normal[labels.instance == person], expected[None] + np.zeros((1600, 1)), atol=1e-6
        )
    np.testing.assert_allclose(
        of_world[labels.instance == 1], (turn @ expected)[None] + np.zeros((1600, 1)), atol=1e-6
    )
    # Of whom the world is not known.
    assert not of_world[labels.instance == 2].any()
    (labels,) = draw_labels(bodies, fits, lay_out_labels([(0, 1)], (50, 120)), ["normal_world"])
    assert (labels.planes[0].values[labels.instance == 2] == 128).all()


def test_a_layer_is_read_as_it_is_written():
    assert parse_layer("iuv") == LayerSpec("iuv", "8")
    assert parse_layer("depth:half") == LayerSpec("depth", "half")
    assert parse_layer("keypoints") == LayerSpec("keypoints", "")
    assert parse_layer("alpha:16").dtype == "uint16"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("iuf", "no layer 'iuf'; did you mean 'iuv'"),
        ("iuv:", "iuv is written iuv:8, iuv:16, iuv:half, iuv:float, found 'iuv:'"),
        ("iuv:32", "iuv is written iuv:8"),
        ("keypoints:8", "keypoints is written keypoints, found 'keypoints:8'"),
        ("x" * 10**6, "no layer"),
    ],
)
def test_layers_that_there_are_not(text, says):
    with pytest.raises(ConfigError, match="layers: ") as caught:
        parse_layer(text)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_each_layer_once():
    with pytest.raises(ConfigError, match="found iuv 2 times"):
        parse_layers(["iuv", "face", "iuv:16"])
    with pytest.raises(ConfigError, match="expected at least one"):
        parse_layers([])


@pytest.mark.parametrize("name", LAYERS.names)
def test_a_layer_says_what_it_is(name):
    """Its stores have a type each, and scales for each of its channels."""
    layer = LAYERS.load(name)
    assert 1 <= len(layer.channels) <= 4
    assert set(layer.stores) <= set(DTYPES)
    assert layer.needs <= {"charts", "uv", "weights", "pinhole", "world"}
    for precision, store in layer.stores.items():
        assert len(store.scale) in (1, len(layer.channels))
        # Floats are as they are.
        if precision in ("half", "float"):
            assert (store.scale, store.offset) == ((1.0,), 0.0)
