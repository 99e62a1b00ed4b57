"""A person of a demo photo where it stands."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from render.demo.people.cast import Actor
from render.demo.people.wardrobe.outfit import Outfit
from render.demo.view import Placement


@dataclass(frozen=True)
class Figure:
    """A placed person, y up, about a point of the floor.

    Attributes:
        actor: Who it is.
        verts_m: (V, 3).
        normals: Of the vertices (V, 3).
        joints_m: (45, 3).
        floor_m: That point in the frame in which the body was posed (3,).
        place: Where it is in the photo.
        outfit: What the person wears.
    """

    actor: Actor
    verts_m: np.ndarray
    normals: np.ndarray
    joints_m: np.ndarray
    floor_m: np.ndarray
    place: Placement
    outfit: Outfit

    @functools.cached_property
    def verts_px(self) -> np.ndarray:
        """Vertices as x, y in pixels of the photo and depth (V, 3)."""
        return self.place.project(self.verts_m)
