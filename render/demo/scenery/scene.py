"""The place of a demo photo: a floor in perspective up to a wall, a treeline or the sea."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from render.demo.scenery import floors, lawn, skylines, walls
from render.demo.scenery.floors import Ground
from render.demo.view import PhotoView


@dataclass(frozen=True)
class Place:
    """A kind of place.

    Attributes:
        floor: Draws the points of the floor that are given, unlit (H, W, 3).
        backdrop: Draws what a view sees behind the floor, lit (H, W, 3), from the row where the floor ends.
        outdoors: Whether it has the light of the sun.
        end_m: Range of depths behind the farthest person at which the floor ends.
        floor_turn_rad: How far the floor's pattern may be turned, to either side.
        gloss: How much of what stands on the floor it mirrors.
        has_blades: Whether what stands on the floor sinks into grass.
    """

    floor: Callable[[np.random.Generator, Ground], np.ndarray]
    backdrop: Callable[[np.random.Generator, PhotoView, float], np.ndarray]
    outdoors: bool
    end_m: tuple[float, float]
    floor_turn_rad: float
    gloss: float = 0.0
    has_blades: bool = False


PLACES = (
    Place(floors.draw_planks, walls.draw_room_wall, False, (1.6, 3.0), 0.35, gloss=0.11),
    Place(lawn.draw_lawn, skylines.draw_treeline, True, (22.0, 40.0), 0.3, has_blades=True),
    Place(floors.draw_pavers, walls.draw_brick_wall, True, (1.8, 3.5), 0.25),
    Place(floors.draw_sand, skylines.draw_sea, True, (9.0, 20.0), 0.3),
    Place(floors.draw_tiles, walls.draw_hall_wall, False, (2.5, 5.0), 0.7, gloss=0.13),
)


def pick_place(seed: int, photo: int) -> Place:
    """The place of a photo. Each run of five photos visits each place once.

    Args:
        seed: Of the set.
        photo: The photo's number in the set.
    """
    lap, turn = divmod(photo, len(PLACES))
    return PLACES[np.random.default_rng([seed, lap, 3]).permutation(len(PLACES))[turn]]


@dataclass(frozen=True)
class Scene:
    """The empty place.

    Attributes:
        floor: Its unlit colour (H, W, 3), black elsewhere.
        backdrop: Its lit colour (H, W, 3), black elsewhere.
        base_px: Row where the two meet.
    """

    floor: np.ndarray
    backdrop: np.ndarray
    base_px: float


def draw_scene(rng: np.random.Generator, place: Place, view: PhotoView, farthest_px_per_m: float) -> Scene:
    """Draws a place; its floor ends some way behind the farthest person.

    Args:
        rng: What chooses.
        place: To be drawn.
        view: That of the photo.
        farthest_px_per_m: How large a metre is where the farthest person stands.
    """
    end_m = float(view.focal_px / farthest_px_per_m + rng.uniform(*place.end_m))
    base_px = float(view.floor_row(view.focal_px / end_m))
    height, width = view.hw
    # The row that the edge crosses is drawn by both and mixed.
    edge = int(np.clip(base_px, 0, height - 1))
    turn = rng.uniform(-place.floor_turn_rad, place.floor_turn_rad)
    floor, backdrop = np.zeros((2, height, width, 3), np.float32)
    floor[edge:] = place.floor(rng, Ground.of(view, np.arange(edge, height), turn))
    backdrop[: edge + 1] = place.backdrop(rng, replace(view, hw=(edge + 1, width)), base_px)
    floor[edge] *= edge + 1 - base_px
    backdrop[edge] *= base_px - edge
    return Scene(floor, backdrop, base_px)
