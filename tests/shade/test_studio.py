"""The light of the studio in every direction, and the colours that it falls on."""

import numpy as np
import pytest
import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch
from render.shade.palettes import CLAYS_RGB, PEOPLE_RGB
from render.shade.studio import studio_of
from tests.helpers.colour_vision import BLINDNESS, find_distances

wp.set_module_options(MODULE_OPTIONS)
CLAY = (0.69, 0.635, 0.575)


@wp.kernel
def light_up(
    normals: wp.array(dtype=wp.vec3f), albedo: wp.array(dtype=wp.vec3f), colour: wp.array(dtype=wp.vec3f)
):
    i = wp.tid()
    colour[i] = studio_of(normals[i], albedo[0])


def shine_on(normals: np.ndarray, albedo: tuple[float, ...] = CLAY) -> np.ndarray:
    at = torch.from_numpy(normals.astype(np.float32).reshape(-1, 3))
    colour = torch.empty_like(at)
    launch(light_up, len(at), [at, torch.tensor([albedo], dtype=torch.float32), colour], torch.device("cpu"))
    return colour.numpy().reshape(normals.shape)


def ball(least_z: float) -> np.ndarray:
    """Unit normals, as many everywhere, that turn away from the viewer by no more than `least_z`."""
    normals = np.random.default_rng(5).normal(size=(20000, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return normals[normals[:, 2] > least_z]


@pytest.mark.parametrize("albedo", [CLAY, *(tuple(np.square(rgb)) for rgb in CLAYS_RGB)])
def test_nothing_is_black_and_nothing_burns_out(albedo):
    """Also where interpolated normals turn away from the viewer."""
    colour = shine_on(ball(-0.4), albedo)
    assert (colour @ [0.299, 0.587, 0.114]).min() > 0.1
    assert colour.max() < 0.99


def test_light_has_no_edges():
    """Along great circles, a hundredth of a right angle changes no colour by more than 5 of 255."""
    turn = np.linspace(0, 2 * np.pi, 401)
    for a, b in ([1, 0, 0], [0, 0, 1]), ([0, 1, 0], [0, 0, 1]), ([1, 0, 0], [0, 1, 0]):
        colour = shine_on(np.outer(np.cos(turn), a) + np.outer(np.sin(turn), b))
        assert np.abs(np.diff(colour, axis=0)).max() < 5 / 255


def test_outlines_stand_out_on_white():
    """Clay's outline is darker than white by what any eye sees, on the side of the key light too."""
    angle = np.linspace(0, 2 * np.pi, 200)
    outline = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(200)])
    assert shine_on(outline).max() < 0.82


def test_the_key_comes_from_the_upper_left():
    up, down, left, right = shine_on(np.array([[0, 0.7, 0.7], [0, -0.7, 0.7], [-0.7, 0, 0.7], [0.7, 0, 0.7]]))
    assert (up > down).all()
    assert (left > right).all()
    # It is warm, and the fill across from it is cool.
    assert left[0] / left[2] > right[0] / right[2]


def least_difference(palette) -> float:
    """Of any two colours under any blindness, in CIELAB."""
    any_two = np.triu_indices(len(palette), 1)
    return min(find_distances(palette, eyes)[any_two].min() for eyes in BLINDNESS)


def test_clays_are_told_apart_by_the_colour_blind():
    """As well as the palette of Okabe and Ito, which is made for them."""
    assert least_difference(CLAYS_RGB) >= least_difference(PEOPLE_RGB)
