"""The pixels of the demo set: the same wherever they are made, and people where their fits are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from render.demo import dataset, photo
from render.demo.dataset import make_demo_dataset
from render.demo.people.cast import cast_photo
from render.demo.people.mannequin import Mannequin
from render.resources import DEMO_BODY_FILE

# Whole photos: they take seconds together.
pytestmark = pytest.mark.slow

SEED = 0
# Most of a JPEG of that quality is noise, so its size is bounded by that of the photo.
MOST_BYTES_PER_PIXEL = 0.4
# Sums of x and of y over all of them.
CENTERS = (6494.52, 5773.86)

ANOTHER_PROCESS = """
import sys
import torch
from pathlib import Path
from render.body.models.smpl import open_body
from render.demo.dataset import make_demo_dataset

body = open_body(Path(sys.argv[2]), "demo", torch.device("cpu"))
make_demo_dataset(Path(sys.argv[1]), 1, 0, body)
"""


def read_photos(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((folder / "images").iterdir())]


@pytest.mark.parametrize("threads", [1, 3])
def test_photos_do_not_depend_on_threads(tmp_path, demo_set, demo_body, monkeypatch, threads):
    monkeypatch.setattr(dataset, "MOST_THREADS", threads)
    # With fewer cores there would be no more threads.
    monkeypatch.setattr(dataset, "count_cores", lambda: threads)
    few = make_demo_dataset(tmp_path / "few", 3, SEED, demo_body).parent
    assert read_photos(few) == read_photos(demo_set.folder)[:3]


def test_photos_do_not_depend_on_the_process(tmp_path, demo_set):
    words = [sys.executable, "-c", ANOTHER_PROCESS, str(tmp_path / "set"), str(DEMO_BODY_FILE)]
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "1"}
    subprocess.run(words, check=True, timeout=120, env=environment)
    assert read_photos(tmp_path / "set") == read_photos(demo_set.folder)[:1]


def test_photos_are_of_bounded_size(demo_set):
    for path in demo_set.image_dir.iterdir():
        height, width = cv2.imread(str(path)).shape[:2]
        assert path.stat().st_size < MOST_BYTES_PER_PIXEL * height * width, path.name


def test_photos_are_well_exposed(demo_set):
    """Neither dark nor blown out: a photo has blacks, whites and a mean near the middle."""
    for path in demo_set.image_dir.iterdir():
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert 70 < grey.mean() < 190, path.name
        assert np.percentile(grey, 1) < 70, path.name
        assert np.percentile(grey, 99) > 170, path.name
        assert (grey == 255).mean() < 0.05, path.name


def draw_scene(number: int, body, monkeypatch, with_people: bool) -> photo.DemoPhoto:
    """A photo in linear light, before it is developed; without people their shadows are still there."""
    slot, actors = cast_photo(SEED, number)
    people = dataset._pose_people([(slot, actors)], body)
    with monkeypatch.context() as patch:
        patch.setattr(photo, "develop", lambda _, light: light)
        if not with_people:
            nothing = np.zeros((*slot.hw, 4), np.float32), np.zeros(slot.hw, np.float32)
            patch.setattr(photo, "draw_people", lambda *_: nothing)
        return photo.make_photo(SEED, number, slot, people, Mannequin.of(body))


# Three people side by side, and two of whom one hides the other, in a lawn.
@pytest.mark.parametrize("number", [3, 1])
def test_people_are_drawn_where_their_fits_are(demo_body, monkeypatch, number):
    drawn, empty = (draw_scene(number, demo_body, monkeypatch, asked) for asked in (True, False))
    shown = np.abs(drawn.rgb - empty.rgb).max(2) > 1e-4
    body = np.logical_or.reduce(drawn.masks)
    # Blades of grass hide parts of shoes, and a colour may be that of what is behind it.
    assert (shown & body).sum() > 0.985 * body.sum()
    entries = drawn.entries
    # Clothes, hair and shoes stand off the body by less than 4 cm and the width of a blurred edge.
    px_per_m = max(entry["parm_cam"][0] * 100 * entry["bbox_scale"] for entry in entries)
    reach = int(np.ceil(0.04 * px_per_m)) + 1
    near = cv2.dilate(body.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1))) > 0
    assert not (shown & ~near).any()
    assert shown.sum() < 1.5 * body.sum()

    rotmat = torch.tensor([entry["parm_pose"] for entry in entries], dtype=torch.float32)
    betas = torch.tensor([entry["parm_shape"] for entry in entries], dtype=torch.float32)
    height, width = shown.shape
    for entry, joints in zip(entries, demo_body.pose(rotmat, betas).joints.numpy(), strict=True):
        # EFT's formula, but for the truncation of corners, which is less than a pixel.
        half, (s, tx, ty) = 100 * entry["bbox_scale"], entry["parm_cam"]
        joints_px = np.array(entry["bbox_center"]) + (s * joints[:24, :2] + (tx, ty)) * half
        inside = ((joints_px >= 0) & (joints_px < (width, height))).all(1)
        column, row = joints_px[inside].astype(int).T
        # A pixel more for the truncation, and for hands that are thinner than that.
        assert (cv2.dilate(shown.astype(np.uint8), np.ones((5, 5)))[row, column] > 0).all()


def test_fits_do_not_hang_on_looks(demo_set):
    """Cameras are drawn last from a photo's stream: a look that takes more of it would move all of them."""
    entries = json.loads(demo_set.fit_file.read_text())["data"]
    centers = np.array([entry["bbox_center"] for entry in entries])
    # Whoever has made labels or references of the set has them for these fits.
    np.testing.assert_allclose(centers.sum(0), CENTERS, atol=0.005)
