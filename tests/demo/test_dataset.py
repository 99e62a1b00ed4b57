"""The demo set: reproducible, whole or absent, and its fits land on the masks."""

import itertools
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from render.demo.dataset import GENERATOR_VERSION, find_demo_dataset, make_demo_dataset
from render.demo.people.cast import cast_photo
from render.demo.people.poses import POSES
from render.demo.photo import DemoPhoto
from render.errors import OutputError
from tests.helpers.in_the_way import IRREGULAR, limit_seconds

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

# Of the set that all tests share.
COUNT, SEED = 12, 0


def read_entries(fit_file: Path) -> list[dict]:
    return json.loads(fit_file.read_text())["data"]


def read_bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def entries(demo_set) -> list[dict]:
    return read_entries(demo_set.fit_file)


def test_same_seed_gives_same_bytes(tmp_path, demo_body):
    folders = [make_demo_dataset(tmp_path / name, 1, 5, demo_body).parent for name in ("a", "b")]
    assert read_bytes(folders[0]) == read_bytes(folders[1])


def test_seeds_differ(tmp_path, demo_set, demo_body):
    other = make_demo_dataset(tmp_path / "other", 1, SEED + 1, demo_body).parent
    name = "images/demo_000000.jpg"
    assert (other / name).read_bytes() != (demo_set.folder / name).read_bytes()


def test_photo_does_not_depend_on_count(tmp_path, demo_set, demo_body):
    few = make_demo_dataset(tmp_path / "few", 2, SEED, demo_body).parent
    few_entries, all_files = read_entries(few / "demo_EFT.json"), read_bytes(demo_set.folder)
    assert few_entries == read_entries(demo_set.fit_file)[: len(few_entries)]
    for name, content in read_bytes(few).items():
        if name.endswith((".jpg", ".png")):
            assert content == all_files[name], name


def test_entries_have_all_keys_and_shapes(demo_set, entries):
    for entry in entries:
        assert np.shape(entry["parm_pose"]) == (24, 3, 3)
        assert np.shape(entry["parm_shape"]) == (10,)
        assert np.shape(entry["parm_cam"]) == (3,)
        assert np.shape(entry["bbox_scale"]) == ()
        assert np.shape(entry["bbox_center"]) == (2,)
        assert np.shape(entry["joint_validity_openpose18"]) == (18,)
        assert np.shape(entry["gt_keypoint_2d"]) == (49, 3)
        assert entry["smpltype"] == "smpl"
        assert (demo_set.image_dir / entry["imageName"]).is_file()
        rotmat = np.array(entry["parm_pose"])
        np.testing.assert_allclose(
            rotmat @ rotmat.transpose(0, 2, 1), np.tile(np.eye(3), (24, 1, 1)), atol=1e-6
        )
        np.testing.assert_allclose(np.linalg.det(rotmat), 1, atol=1e-6)
    assert len({entry["annotId"] for entry in entries}) == len(entries)
    assert len({entry["imageName"] for entry in entries}) == COUNT


def test_masks_are_binary_and_of_the_photo_size(demo_set, entries):
    sizes = set()
    for entry in entries:
        mask = cv2.imread(str(demo_set.folder / "masks" / f"{entry['annotId']}.png"), cv2.IMREAD_UNCHANGED)
        photo = cv2.imread(str(demo_set.image_dir / entry["imageName"]))
        assert mask.dtype == np.uint8
        assert mask.shape == photo.shape[:2]
        assert set(np.unique(mask)) == {0, 255}
        sizes.add(mask.shape)
    assert sizes == {(480, 640), (640, 480), (375, 500)}


def project_as_eft(entry: dict, points_m: np.ndarray) -> np.ndarray:
    """EFT's formula, written once more: it must not share code with what is tested."""
    side, center = 200 * entry["bbox_scale"], np.array(entry["bbox_center"])
    corner, opposite = np.trunc(center - side / 2), np.trunc(center + side / 2)
    s, tx, ty = entry["parm_cam"]
    return corner + (1 + s * points_m[:, :2] + (tx, ty)) * (opposite[1] - corner[1]) / 2


def test_fits_reproject_onto_their_masks(demo_set, entries, demo_body):
    rotmat = torch.tensor([entry["parm_pose"] for entry in entries], dtype=torch.float32)
    betas = torch.tensor([entry["parm_shape"] for entry in entries], dtype=torch.float32)
    bodies = demo_body.pose(rotmat, betas)
    for entry, verts, joints in zip(entries, bodies.verts.numpy(), bodies.joints.numpy(), strict=True):
        mask = (
            cv2.imread(str(demo_set.folder / "masks" / f"{entry['annotId']}.png"), cv2.IMREAD_UNCHANGED) > 0
        )
        height, width = mask.shape
        verts_px = project_as_eft(entry, verts)
        rows, columns = np.nonzero(mask)
        found = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        inside = ((verts_px >= 0) & (verts_px < (width, height))).all(1)
        extreme = np.r_[verts_px.argmin(0), verts_px.argmax(0)]
        bounds = np.r_[verts_px.min(0), verts_px.max(0)]
        # A pixel is in the mask where its centre is covered: half a pixel, and thin fingertips miss centres.
        # Where a person is cut, the outermost vertex is outside the picture and says nothing of the mask.
        np.testing.assert_allclose(bounds[inside[extreme]], found[inside[extreme]], atol=1.5)
        assert inside.any()

        grown = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5)))
        column, row = verts_px[inside].astype(int).T
        assert grown[row, column].all()

        keypoints = np.array(entry["gt_keypoint_2d"])
        nose, left_wrist = project_as_eft(entry, joints)[[24, 20]]
        for index, expected in ((0, nose), (19 + 25, nose), (7, left_wrist), (11 + 25, left_wrist)):
            if keypoints[index, 2]:
                np.testing.assert_allclose(keypoints[index, :2], expected, atol=0.01)


def test_keypoints_without_source_have_no_confidence(entries):
    regressed = np.array([2, 3, *range(12, 19)]) + 25
    for entry in entries:
        keypoints = np.array(entry["gt_keypoint_2d"])
        assert not keypoints[regressed].any()
        assert keypoints[:, 2].sum() > 20
        validity = np.array(entry["joint_validity_openpose18"])
        np.testing.assert_array_equal(validity, keypoints[np.r_[0:8, 9:19], 2])


def test_first_twelve_photos_show_every_pose():
    assert len(POSES) >= 12
    shown = {actor.pose_name for photo in range(12) for actor in cast_photo(SEED, photo)[1]}
    assert shown == set(POSES)


def test_no_two_people_are_alike(entries):
    for one, other in itertools.combinations(entries, 2):
        assert not np.allclose(one["parm_pose"][1:], other["parm_pose"][1:], atol=1e-3)


def test_people_are_of_useful_size(demo_set, entries):
    areas = [
        (cv2.imread(str(demo_set.folder / "masks" / f"{e['annotId']}.png"), cv2.IMREAD_UNCHANGED) > 0).sum()
        for e in entries
    ]
    assert 12_000 <= np.median(areas) <= 20_000
    assert min(areas) > 4_000


@pytest.fixture
def quick_photos(monkeypatch) -> None:
    """Photos of nobody, where it does not matter what they show."""
    photo = DemoPhoto(np.zeros((4, 4, 3), np.uint8), [], [])
    monkeypatch.setattr("render.demo.photo.make_photo", lambda *_: photo)


@pytest.mark.usefixtures("quick_photos")
def test_finished_set_is_reused(tmp_path, demo_body, monkeypatch):
    fit_file = make_demo_dataset(tmp_path / "set", 1, SEED, demo_body)
    monkeypatch.setattr("render.demo.photo.make_photo", lambda *_: pytest.fail("made again"))
    assert make_demo_dataset(tmp_path / "set", 1, SEED, demo_body) == fit_file


@pytest.mark.usefixtures("quick_photos")
def test_other_recipe_replaces_the_set(tmp_path, demo_body):
    make_demo_dataset(tmp_path / "set", 3, SEED, demo_body)
    fit_file = make_demo_dataset(tmp_path / "set", 2, SEED, demo_body)
    assert [path.name for path in sorted((tmp_path / "set" / "images").iterdir())] == [
        "demo_000000.jpg",
        "demo_000001.jpg",
    ]
    assert read_entries(fit_file) == []
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_half_made_set_is_not_found(tmp_path, demo_body, monkeypatch):
    made = []

    def fail_on_second(*args):
        if made:
            raise KeyboardInterrupt
        made.append(DemoPhoto(np.zeros((4, 4, 3), np.uint8), [], []))
        return made[0]

    monkeypatch.setattr("render.demo.photo.make_photo", fail_on_second)
    with pytest.raises(KeyboardInterrupt):
        make_demo_dataset(tmp_path / "set", 2, SEED, demo_body)
    assert made
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("quick_photos")
def test_a_set_of_which_photos_are_missing_is_refused(tmp_path, demo_body):
    fit_file = make_demo_dataset(tmp_path / "set", 2, SEED, demo_body)
    next((tmp_path / "set" / "images").iterdir()).unlink()
    with pytest.raises(OutputError, match="files of this demo set are missing; delete the folder"):
        make_demo_dataset(tmp_path / "set", 2, SEED, demo_body)
    assert fit_file.exists()


@pytest.mark.usefixtures("quick_photos")
def test_a_set_that_another_process_finished_first_is_taken(tmp_path, demo_body, monkeypatch):
    """Both make it, and both have it."""
    other = make_demo_dataset(tmp_path / "other", 1, SEED, demo_body).parent
    rename = Path.rename

    def finish_first(path, target):
        shutil.copytree(other, target)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", finish_first)
    fit_file = make_demo_dataset(tmp_path / "set", 1, SEED, demo_body)
    assert fit_file.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "set"]


def test_a_place_where_no_set_can_be_made_is_refused_with_advice(tmp_path, demo_body):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"the demo set cannot be made there .*set dataset\.root to"):
        make_demo_dataset(tmp_path / "file" / "set", 1, SEED, demo_body)


def test_foreign_folder_is_refused(tmp_path, demo_body):
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(OutputError, match="empty folder"):
        make_demo_dataset(tmp_path, 1, SEED, demo_body)
    assert (tmp_path / "holiday.jpg").read_bytes() == b"mine"


@pytest.mark.parametrize("make", IRREGULAR)
def test_a_recipe_that_is_no_regular_file_is_named(tmp_path, make):
    make(tmp_path / "recipe.json")
    with (
        limit_seconds(),
        pytest.raises(OutputError, match=r"recipe\.json: expected the recipe .*; remove it"),
    ):
        find_demo_dataset(tmp_path, 1, 0, "demo")


@pytest.mark.parametrize("make", IRREGULAR)
def test_a_fit_file_of_a_set_that_is_no_regular_file_is_missing(tmp_path, make):
    recipe = {"count": 1, "seed": 0, "generator_version": GENERATOR_VERSION, "body": "demo"}
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    make(tmp_path / "demo_EFT.json")
    with limit_seconds(), pytest.raises(OutputError, match="files of this demo set are missing; delete"):
        find_demo_dataset(tmp_path, 1, 0, "demo")


@pytest.mark.parametrize("content", ["[" * 100_000, "9" * 5000, "\ud800", "null"])
def test_a_recipe_of_no_set_is_none(tmp_path, content):
    (tmp_path / "recipe.json").write_bytes(content.encode(errors="surrogatepass"))
    assert find_demo_dataset(tmp_path, 1, 0, "demo") is None
