"""Arrays of vertices: each camera, axes and unit puts them where an independent formula does."""

import pickle

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.fits.fit_file import FitFile
from render.fits.formats.meshes import FORMAT
from render.fits.formats.meshes import read as read_format
from render.types.fits import Unit
from tests.helpers.made_meshes import FACES, PICTURE_WH, VERTS, pinhole_px, project

K = np.array([(500, 0, 300), (0, 510, 250), (0, 0, 1)], float)
PLAIN = {"vertices": VERTS, "faces": FACES, "image": np.array(["a.jpg", "b.jpg"])}
# Rounded to float32: its steps at 6 m are 5e-7 m, of 500 px a metre and less.
CLOSE_PX = 1e-3


@pytest.fixture
def read(tmp_path):
    """Reads keys as an npz, or as a file of the suffix given."""

    def read(content, name="people.npz", image_dir=None, **options):
        path = tmp_path / name
        if path.suffix == ".npz":
            np.savez(path, **content)
        elif path.suffix == ".npy":
            np.save(path, content)
        else:
            path.write_bytes(pickle.dumps(content, protocol=4))
        return read_format(FitFile(path, image_dir, options=options))

    return read


def assert_at(fits, expected, wh=PICTURE_WH):
    assert len(fits) == len(expected)
    for row, pixels in enumerate(expected):
        np.testing.assert_allclose(project(fits, row, wh), pixels, atol=CLOSE_PX)


def test_names_and_numbers_come_out_as_they_are(read):
    keys = {**PLAIN, "K": K, "frame": np.array([7, 8]), "person": np.array([3, 4]), "uv": np.zeros((4, 2))}
    fits, problems = read(keys)
    assert problems == []
    assert fits.image_name.tolist() == ["a.jpg", "b.jpg"]
    assert (fits.row.tolist(), fits.frame.tolist(), fits.person.tolist()) == ([0, 1], [7, 8], [3, 4])
    assert fits.is_metric.all()
    source = fits.sources[0]
    assert source.format == "meshes"
    assert source.bodies.topology == ""
    np.testing.assert_array_equal(source.bodies.faces, FACES)
    np.testing.assert_array_equal(source.bodies.verts, VERTS.astype(np.float32))
    assert source.notes == (
        "axes opencv, units m",
        "pinhole, focal length and principal point of the file",
        "4 faces of the file",
        "not used: uv",
    )


MIDDLE = (320, 240)
CAMERAS = {
    "K": ({"K": K}, pinhole_px(VERTS[0])),
    "K of each": ({"cam_int": np.stack([K, K])}, pinhole_px(VERTS[0])),
    "focal and princpt": ({"focal": [(500, 510)], "princpt": (300, 250)}, pinhole_px(VERTS[0])),
    "focal of each": (
        {"focal_length": np.full((2, 1), 500.0), "princpt": np.array([(300, 250)] * 2)},
        pinhole_px(VERTS[0], (500, 500)),
    ),
    "focal alone": ({"focal": 500.0}, pinhole_px(VERTS[0], (500, 500), MIDDLE)),
    # Half of 640 px at 30 degrees.
    "fov": ({"fov": 60.0}, pinhole_px(VERTS[0], (320 * 3**0.5,) * 2, MIDDLE)),
    "fov of the height": (
        {"fov": 60.0, "fov_side": "height"},
        pinhole_px(VERTS[0], (240 * 3**0.5,) * 2, MIDDLE),
    ),
    "weak": (
        {"weak": (0.5, 0.25, -0.125), "bbox_center": (200, 100), "bbox_size": 300.0},
        (200, 100) + 150 * 0.5 * (VERTS[0][:, :2] + (0.25, -0.125)),
    ),
    "cam_t": ({"K": K, "cam_t": (0.5, -0.25, 2)}, pinhole_px(VERTS[0] + (0.5, -0.25, 2))),
    "transl of each": (
        {"K": K, "transl": np.array([(0.5, -0.25, 2), (0, 0, 1)])},
        pinhole_px(VERTS[0] + (0.5, -0.25, 2)),
    ),
}


@pytest.mark.parametrize(("keys", "expected"), CAMERAS.values(), ids=CAMERAS)
def test_each_camera(read, keys, expected):
    fits, problems = read({**PLAIN, **keys})
    assert problems == []
    np.testing.assert_allclose(project(fits, 0), expected, atol=CLOSE_PX)


def test_k_comes_before_what_says_less(read):
    fits, _ = read({**PLAIN, "K": K, "fov": 20.0}, fov=30.0)
    assert_at(fits, [pinhole_px(VERTS[0]), pinhole_px(VERTS[1])])


# Each as the file's axes of one of ours: what a point (x, y, z) of ours is called there.
AXES = {
    "opencv": lambda p: p,
    "opengl": lambda p: p * (1, -1, -1),
    "pytorch3d": lambda p: (
        Rotation.from_euler("z", 180, degrees=True).apply(p.reshape(-1, 3)).reshape(p.shape)
    ),
    "y_up": lambda p: p * (1, -1, -1),
    "z_up": lambda p: np.stack([p[..., 0], p[..., 2], -p[..., 1]], axis=-1),
}


@pytest.mark.parametrize("units", ["m", "cm", "mm"])
@pytest.mark.parametrize("axes", AXES)
def test_axes_and_units_of_vertices_and_translations(read, axes, units):
    per_m = {"m": 1, "cm": 100, "mm": 1000}[units]
    cam_t = np.array([0.5, -0.25, 2])
    keys = {"vertices": AXES[axes](VERTS) * per_m, "cam_t": AXES[axes](cam_t) * per_m, "K": K}
    expected = [pinhole_px(VERTS[0] + cam_t), pinhole_px(VERTS[1] + cam_t)]
    fits, _ = read({**PLAIN, **keys, "axes": axes, "units": units})
    assert_at(fits, expected)
    # The user's word comes before the file's.
    fits, _ = read({**PLAIN, **keys, "axes": "z_up", "units": "m"}, axes=axes, units=units)
    assert_at(fits, expected)
    assert fits.sources[0].notes[0] == f"axes {axes}, units {units}"


def test_pytorch3d_s_cameras_see_the_same(read):
    """As https://pytorch3d.org/docs/cameras has it: x left and y up, so both count against the pixels."""
    fits, _ = read({**PLAIN, "K": K}, axes="pytorch3d")
    focal, center = K[[0, 1], [0, 1]], K[:2, 2]
    assert_at(fits, [center - focal * verts[:, :2] / verts[:, 2:] for verts in VERTS])


@pytest.mark.parametrize("axes", AXES)
def test_extrinsics_lead_from_the_axes_of_the_file(read, axes):
    angle = 0.3
    turned = np.array([(np.cos(angle), 0, np.sin(angle)), (0, 1, 0), (-np.sin(angle), 0, np.cos(angle))])
    world, shift, cam_t = AXES[axes](VERTS - (0, 0, 4)), np.array([10, 20, 500.0]), np.array([0.5, 0.25, 0])
    # The axes are the file's, and so R is of them, in whatever way they lie.
    camera = np.einsum("ij,nvj->nvi", turned, world * 100 + cam_t) + shift
    keys = {"vertices": world * 100, "R": turned, "T": shift, "cam_t": cam_t, "K": K}
    fits, problems = read({**PLAIN, **keys, "axes": axes, "units": "cm"})
    assert problems == []
    assert_at(fits, [pinhole_px(camera[0]), pinhole_px(camera[1])])


def test_weak_perspective_in_centimetres(read):
    keys = {"weak": (0.005, 25, -12.5), "bbox_center": (200, 100), "bbox_size": 300.0, "units": "cm"}
    fits, _ = read({**PLAIN, **keys, "vertices": VERTS * 100})
    expected, _ = read({**PLAIN, **CAMERAS["weak"][0]})
    np.testing.assert_allclose(project(fits, 0), project(expected, 0), atol=CLOSE_PX)
    assert not fits.is_metric.any()


def test_a_camera_is_found_from_joints(read):
    joints = np.random.default_rng(5).uniform(-1, 1, (2, 20, 3)) * 100
    cam_t = np.array([(0, 0, 400.0), (100, 0, 500)])
    pixels = np.stack([pinhole_px(joints[k] + cam_t[k], (700, 700), (310, 205)) for k in range(2)])
    turned = AXES["opengl"]
    keys = {
        "vertices": turned(VERTS - (0, 0, 4)) * 100,
        "cam_t": turned(cam_t),
        "joints3d": turned(joints),
        "joints2d": pixels,
        "axes": "opengl",
        "units": "cm",
    }
    fits, problems = read({**PLAIN, **keys})
    assert problems == []
    assert fits.unit.tolist() == [Unit.PIXELS] * 2
    np.testing.assert_allclose(fits.focal, 700, rtol=1e-9)
    np.testing.assert_allclose(fits.center, [(310, 205)] * 2, rtol=1e-9)
    marks = fits.sources[0].marks
    np.testing.assert_allclose(marks.points_px[..., :2], pixels, rtol=1e-6)
    np.testing.assert_allclose(marks.points_m, joints / 100, rtol=1e-6, atol=1e-7)
    assert "focal length 700.00 px, principal point (310.0, 205.0) px" in fits.sources[0].notes[1]


def test_a_person_without_joints_is_named_and_the_other_is_drawn(read):
    joints = np.random.default_rng(5).uniform([-1, -1, 3], [1, 1, 5], (2, 20, 3))
    pixels = np.concatenate([pinhole_px(one, (700, 700)) for one in joints]).reshape(2, 20, 2)
    scored = np.concatenate([pixels, np.array([1.0, 0.0])[:, None, None] * np.ones((2, 20, 1))], axis=2)
    fits, problems = read({**PLAIN, "joints3d": joints, "joints2d": scored})
    assert fits.row.tolist() == [0]
    assert [problem.row for problem in problems] == [1]


def test_without_a_camera_bodies_stand_in_the_middle(read):
    fits, _ = read({**PLAIN, "vertices": VERTS * 0.25})
    for row in range(2):
        pixels = project(fits, row)
        middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2
        np.testing.assert_allclose(middle, MIDDLE, atol=CLOSE_PX)
        assert np.ptp(pixels, axis=0).max() == pytest.approx(0.8 * 480, abs=CLOSE_PX)
    assert "has no camera" in fits.sources[0].notes[1]


@pytest.mark.parametrize("name", ["verts", "pred_vertices", "vertices3d", "v3d", "smplx_verts"])
@pytest.mark.parametrize("transl", ["pred_cam_t", "cam_trans", "orig_cam_t", "transl"])
def test_the_names_of_other_programs(read, name, transl):
    keys = {name: VERTS[0], transl: np.array([0.5, 0, 1]), "focal_length": 500.0, "faces": FACES}
    fits, _ = read({**keys, "imgname": "a.jpg"}, "one.pkl")
    assert_at(fits, [pinhole_px(VERTS[0] + (0.5, 0, 1), (500, 500), MIDDLE)])
    assert fits.image_name.tolist() == ["a.jpg"]


@pytest.mark.parametrize(
    ("count", "topology"), [(6890, "smpl"), (10475, "smplx"), (18439, "mhr"), (5023, "flame")]
)
def test_a_topology_is_told_by_its_vertices(read, tmp_path, count, topology):
    (tmp_path / "photo.jpg").write_bytes(b"")
    verts = np.zeros((1, count, 3), np.float32)
    fits, _ = read(verts, "photo.npy", tmp_path, fov=60.0)
    assert fits.sources[0].bodies.topology == topology
    assert fits.sources[0].bodies.faces.shape == (0, 3)
    assert fits.sources[0].notes[-1] == f"faces of {topology}"


def test_a_topology_may_be_named(read):
    fits, _ = read({"vertices": VERTS, "topology": "anny", "image": "a.jpg", "K": K})
    assert fits.sources[0].bodies.topology == "anny"
    assert fits.image_name.tolist() == ["a.jpg"] * 2


def test_pictures_of_another_machine_are_found_below_the_folder(read, tmp_path):
    (tmp_path / "val").mkdir()
    (tmp_path / "val" / "a.jpg").write_bytes(b"")
    names = np.array(["/home/me/coco/val/a.jpg", "../../etc/b.jpg"])
    fits, _ = read({**PLAIN, "image": names, "K": K}, image_dir=tmp_path)
    assert fits.image_name.tolist() == ["val/a.jpg", "b.jpg"]


def test_lists_and_tracks_of_people(read):
    people = [
        {"verts": VERTS[k], "cam_t": np.zeros(3), "faces": FACES, "image": f"{k}.jpg", "mask": np.ones(k + 1)}
        for k in range(2)
    ]
    focal = ({"focal_length": 500.0}, {"focal_length": 600.0})
    fits, _ = read([one | other for one, other in zip(people, focal, strict=True)], "list.pkl")
    assert_at(fits, [pinhole_px(VERTS[0], (500, 500), MIDDLE), pinhole_px(VERTS[1], (600, 600), MIDDLE)])
    assert (fits.image_name.tolist(), len(fits.sources)) == (["0.jpg", "1.jpg"], 1)
    tracks = {
        k: {
            "verts": VERTS[k : k + 1],
            "frame_ids": np.array([k + 5]),
            "faces": FACES,
            "K": K,
            "image": "a.jpg",
        }
        for k in range(2)
    }
    fits, _ = read(tracks, "tracks.pkl")
    assert (fits.person.tolist(), fits.frame.tolist(), fits.row.tolist()) == ([0, 1], [5, 6], [0, 1])
    assert_at(fits, [pinhole_px(VERTS[0]), pinhole_px(VERTS[1])])


def test_a_bad_row_is_named_and_the_others_are_drawn(read):
    verts = VERTS.copy()
    verts[0, 2, 1] = np.nan
    fits, problems = read({**PLAIN, "vertices": verts, "K": K})
    assert fits.row.tolist() == [1]
    assert [(one.row, one.image_name) for one in problems] == [(0, "a.jpg")]
    assert problems[0].reason == "vertices: expected finite numbers up to 1e+06, found nan"


BAD = {
    "flat": (
        {"vertices": VERTS.reshape(2, 12)},
        "vertices: expected the shape (N, V, 3) or (V, 3), found (2, 12)",
    ),
    "words": ({"vertices": np.array([["a"]])}, "vertices: expected numbers"),
    "no faces": ({"faces": None}, "faces: expected them beside 4 vertices"),
    "far corners": ({"faces": FACES + 1}, "faces: expected corners from 0 to 3, found 1 to 4"),
    "negative corners": ({"faces": FACES - 1}, "found -1 to 2"),
    "float faces": ({"faces": FACES * 1.0}, "faces: expected integers of shape (F, 3), found float64 (4, 3)"),
    "topology": ({"topology": "../etc", "faces": None}, "topology: expected a name such as smpl"),
    "other topology": (
        {"topology": "smpl", "faces": None},
        "topology: smpl has 6890 vertices, and these bodies have 4",
    ),
    "axes": ({"axes": "up"}, "axes: expected opencv, opengl, pytorch3d, y_up, z_up, found 'up'"),
    "units": ({"units": "inch"}, "units: expected m, cm, mm, found 'inch'"),
    "skewed K": ({"K": K + np.eye(3)[::-1]}, "K: expected (fx, 0, cx)"),
    "shape of K": ({"K": K[:2]}, "K: expected numbers of shape (3, 3) or (2, 3, 3), found (2, 3)"),
    "focal": ({"K": None, "focal": np.array([500, 600])}, "focal: two numbers of two people"),
    "fov": ({"K": None, "fov": 180.0}, "fov: expected degrees between 0 and 180"),
    "fov_side": ({"K": None, "fov": 60.0, "fov_side": "x"}, "fov_side: expected longer or height, found 'x'"),
    "weak": ({"K": None, "weak": np.ones(3)}, "weak: expected bbox_center and bbox_size beside it"),
    "words of K": ({"K": "none"}, "K: expected numbers, found"),
    "crop": (
        {"pred_cam": np.ones(3), "pred_cam_t": np.ones(3)},
        "pred_cam_t: beside pred_cam it is of the crop",
    ),
    "names": ({"image": np.array(["a.jpg"] * 3)}, "image: expected a name for each of 2 people, found 3"),
    "person": ({"person": np.ones(2)}, "person: expected an integer for each of 2 people"),
    "joints": (
        {"K": None, "joints2d": np.ones((2, 5, 2)), "joints3d": np.ones((2, 5, 3))},
        "joints2d: expected pixels of the photo",
    ),
    "joints of one": ({"joints2d": np.ones((5, 2))}, "joints2d: expected (2, K, 2 or 3), found (1, 5, 2)"),
    "no people": (
        {"vertices": VERTS[:0], "image": "a.jpg"},
        "vertices: expected the shape (N, V, 3) or (V, 3), found (0, 4, 3)",
    ),
    "infinite": ({"K": np.full((3, 3), np.inf)}, "K: expected (fx, 0, cx)"),
}


@pytest.mark.parametrize(("keys", "found"), BAD.values(), ids=BAD)
@pytest.mark.filterwarnings("error")
def test_files_that_are_not_as_they_should_be(read, keys, found):
    content = {key: value for key, value in {**PLAIN, "K": K, **keys}.items() if value is not None}
    with pytest.raises(FitFileError) as caught:
        read(content)
    assert found in str(caught.value)
    assert "people.npz: expected meshes of people; " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_vertices_the_keys_are_listed(read):
    with pytest.raises(FitFileError, match=r"found the keys poses, tr\\x1bns"):
        read({"poses": np.ones(3), "tr\x1bns": np.ones(3)}, "a.pkl")
    with pytest.raises(FitFileError, match="2 of its 3 entries have no vertices"):
        read([{"verts": VERTS}, {}, 5], "a.pkl")


def test_presets_of_meshes_are_not_for_arrays(read):
    with pytest.raises(FitFileError, match=r"it holds arrays, and hmr2 is for IMG_PERSON\.obj of 4D-Humans"):
        read(PLAIN, preset="hmr2")


def test_large_arrays_that_are_ours_already_are_mapped(read):
    verts = np.zeros((4, 30_000, 3), np.float32)
    faces = np.array([(0, 1, 29_999)])
    fits, _ = read({"vertices": verts, "faces": faces, "image": "a.jpg", "K": K})
    held = fits.sources[0].bodies.verts
    assert not held.flags.writeable
    assert not held.flags.owndata


STRANGE = [
    *("a", b"a", 5, -1.5, True, [], {}, [[1], [1, 2]], [None], {"a": 1}, float("nan"), 10**400, (1, 2, 3)),
    *(np.array(5), np.zeros(0), np.zeros((2, 2, 2, 2)), np.full(3, np.inf), np.array([["a", "b"]])),
    *(np.full((2, 3), 1e308), np.zeros((3, 3), bool), np.ones((2, 4, 3)) * 1j, np.array([None, 1])),
]


@pytest.mark.filterwarnings("error")
def test_strange_values_of_any_key_are_refused_or_read(tmp_path):
    joints = np.random.default_rng(1).uniform([-1, -1, 3], [1, 1, 5], (2, 9, 3))
    pixels = np.stack([pinhole_px(one) for one in joints])
    camera_sets = [
        {"K": K, "R": np.eye(3), "T": np.zeros(3), "cam_t": np.zeros(3)},
        {"focal": 500.0, "princpt": (300, 250), "person": [1, 2], "frame": [1, 2]},
        {"fov": 60.0, "fov_side": "height", "axes": "z_up", "units": "mm"},
        {"weak": np.ones(3), "bbox_center": np.zeros(2), "bbox_size": 3.0},
        {"joints2d": pixels, "joints3d": joints, "topology": "anny"},
    ]
    refused = 0
    for cameras in camera_sets:
        sound = {**PLAIN, **cameras}
        for key in sound:
            for value in STRANGE:
                file = FitFile(tmp_path / "a.pkl", options={})
                # As if it were read, once for each.
                vars(file).update(kind="pickle", content=sound | {key: value})
                try:
                    fits, problems = read_format(file)
                except FitFileError as error:
                    refused += "\n" not in str(error) and len(str(error)) < 400
                else:
                    assert len(fits) + len(problems) == 2
    assert refused > 300


class Bomb:
    def __reduce__(self):
        return (print, ("executed",))


def test_nothing_of_a_pickle_is_run(read, capsys):
    with pytest.raises(FitFileError, match=r"builtins\.print"):
        read({"verts": Bomb()}, "a.pkl")
    assert capsys.readouterr().out == ""


def test_is_told_from_its_content(read, tmp_path):
    def tell(name, content):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(content)) if name.endswith("pkl") else np.save(path, content)
        return FORMAT.recognises(FitFile(path))

    assert tell("a.pkl", {"verts": VERTS})
    assert tell("a.npy", np.zeros((3, 6890, 3), np.float32))
    assert not tell("b.npy", np.zeros((3, 82)))
    assert not tell("b.pkl", {"verts": VERTS, "betas": np.zeros(10)})
    assert not tell("c.pkl", {"pose": VERTS})
