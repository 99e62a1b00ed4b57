"""Files of the page on coordinates say the same in each convention, and cards show what commands draw."""

import re

import numpy as np
import pytest

from examples.inputs.conventions import FOV_DEG, People, write_meshes, write_weak
from render import read_fits
from tests.helpers.pages import DOCS
from tools.docs.coordinates.cards import WIDTH_PX, measure
from tools.docs.coordinates.declare import CARDS, MISTAKES
from tools.docs.coordinates.scenes import SCENES
from tools.docs.declare import read_pictures

RIGHT = {
    "opencv": {},
    "opengl": {"axes": "opengl"},
    "pytorch3d": {"axes": "pytorch3d"},
    "blender": {},
    "centimetres": {"units": "cm"},
    "no_camera": {"fov": FOV_DEG},
}
# What files of float32 metres, 20 m from a camera of 1,500 px, are off by.
ROUNDED_PX = 0.01


@pytest.fixture(scope="module")
def people(demo_set):
    return People(demo_set.fit_file)


@pytest.fixture(scope="module")
def folder(people, tmp_path_factory):
    made = tmp_path_factory.mktemp("conventions")
    write_meshes(people, made)
    write_weak(people, made)
    return made


def see(folder, image_dir, name, options):
    """(M, V, 2) pixels from the middle, where OpenCV's formula puts bodies, and (M, V) depths."""
    fits, rejected = read_fits("meshes", folder / f"{name}.npz", image_dir=image_dir, options=options)
    assert not rejected
    verts = np.einsum("mij,mvj->mvi", fits.rotation, fits.sources[0].bodies.verts.astype(float))
    verts += fits.transl_m[:, None]
    return fits.focal[:, None] * verts[..., :2] / verts[..., 2:], verts[..., 2]


@pytest.mark.parametrize("name", RIGHT)
def test_each_convention_puts_people_at_the_same_pixels(people, folder, demo_set, name):
    focal_px = people.focal_px[:, None, None]
    transl = people.find_transl(people.focal_px, people.wh_px / 2)
    placed = people.verts + transl[:, None]
    expected = focal_px * placed[..., :2] / placed[..., 2:]
    found, depth = see(folder, demo_set.image_dir, name, RIGHT[name])
    # Focal lengths of a field of view are in lengths of the photo.
    unit = focal_px / (0.5 / np.tan(np.radians(FOV_DEG / 2))) if name == "no_camera" else 1.0
    np.testing.assert_allclose(found * unit, expected, atol=ROUNDED_PX)
    assert (depth > 0).all()


def test_extrinsics_of_blender_itself_have_everybody_behind_the_camera(folder, demo_set):
    _, depth = see(folder, demo_set.image_dir, "blender_unturned", {})
    assert (depth < 0).all()


def test_a_mirror_image_has_nearly_the_same_outline_and_another_depth(folder, demo_set):
    right, depth = see(folder, demo_set.image_dir, "opencv", {})
    found, mirrored = see(folder, demo_set.image_dir, "mirrored", {})
    # What is added to one is taken from the other, float32.
    assert np.ptp(depth + mirrored, axis=1).max() < 1e-4
    assert np.ptp(depth, axis=1).min() > 0.2
    # Under a pinhole what is nearer is larger; most of a body is not far from its own middle.
    assert np.median(np.abs(found - right)) < 0.02 * np.median(np.ptp(right[..., 1], axis=1))


def test_both_weak_perspectives_are_one_camera(people, folder, demo_set):
    eft, _ = read_fits("eft", folder / "eft.json")
    spin, _ = read_fits("spin", folder / "spin.npz", image_dir=demo_set.image_dir)
    np.testing.assert_allclose(spin.origin, people.origin_px, atol=1e-4)
    # EFT's boxes have corners at whole pixels: a pixel of the corner, and half of one of the side.
    np.testing.assert_allclose(eft.origin, people.origin_px, atol=2.0)
    wrong, _ = read_fits("eft", folder / "eft_with_spins_t.json")
    assert np.median(np.hypot(*(wrong.origin - people.origin_px).T)) > 50


def test_each_card_shows_what_the_commands_of_its_picture_draw():
    pictures = {picture.name: picture for picture in read_pictures()}
    assert set(CARDS) == set(SCENES)
    for name, photos in {**CARDS, "mistakes": MISTAKES}.items():
        run = pictures[f"coordinates-{name}.webp"].run
        drawn = {match[1] for command in run if (match := re.search(r"output\.dir=\S+/([\w-]+)$", command))}
        shown = {photo.picture.split("/")[0] for photo in photos} - {".."}
        assert shown <= drawn, name


def test_every_command_that_a_card_is_made_by_stands_on_the_page():
    page = (DOCS / "data" / "coordinates.md").read_text()
    for picture in read_pictures():
        if picture.name.startswith("coordinates-"):
            missing = [command for command in picture.run if command not in page]
            assert not missing, picture.name


@pytest.mark.parametrize("count", [2, 3])
def test_scenes_and_photos_fill_a_card(count):
    scene, photo, height = measure(count)
    assert 0 < scene < photo * 1.2
    assert scene + count * photo < WIDTH_PX
    assert height == round(0.75 * photo)
