"""What a viewer shows at a time: the people of a photo or of a frame, and the photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from render.types.shape_checked import ShapeChecked
from render.viewer.stages.lens import Lens

# So far off stands the photo, in distances of the farthest body: who walks around the bodies, at the distance
# from which he sees them first, is never behind it.
_BEHIND = 2.2


@dataclass(frozen=True, repr=False)
class StagePerson(ShapeChecked):
    """A person on a stage.

    Attributes:
        key: What the person is called in the scene, the same in all frames of a sequence: person_0.
        label: What people read: the row, and the annotation where there is one.
        colour: What colours of people are chosen by, see `People`.
        verts: Vertices, m, float32, in the space of the stage.
        normals: Unit vertex normals in the same axes, float32.
        faces: int32, counterclockwise seen from outside.
        is_closed: Whether the surface has no holes, so that its inside is never seen.
        colors: Of each vertex, RGB, uint8; None where there are none.
        values: Of each vertex, mm, how far it is from the reference; None where there is none.
    """

    key: str
    label: str
    colour: int
    verts: np.ndarray
    normals: np.ndarray
    faces: np.ndarray
    is_closed: bool
    colors: np.ndarray | None = None
    values: np.ndarray | None = None

    # V vertices and F faces.
    SHAPES: ClassVar = {
        "verts": ("V", 3),
        "normals": ("V", 3),
        "faces": ("F", 3),
        "colors": ("V", 3),
        "values": ("V",),
    }


@dataclass(frozen=True)
class Stage:
    """People in one space, with x right, y down and z away, in metres.

    Attributes:
        name: Of the photo, as the fit file has it: a text of strangers.
        people: In the order of the file.
        lens: Of the photo's camera, at the origin; None where nobody has a camera.
        photo: (H, W, 3) uint8 RGB, which may be smaller than the photo itself; None where there is none.
        reach_m: (2, 3) least and greatest corner of all that happens in its sequence; None of one time.
    """

    name: str
    people: tuple[StagePerson, ...]
    lens: Lens | None = None
    photo: np.ndarray | None = None
    reach_m: np.ndarray | None = None

    @property
    def bounds_m(self) -> tuple[np.ndarray, np.ndarray]:
        """(3,) least and greatest corner of all bodies, or of the reach; an empty stage has some, too."""
        if self.reach_m is not None:
            return self.reach_m[0], self.reach_m[1]
        verts = [person.verts for person in self.people if len(person.verts)]
        if not verts:
            middle = np.array([0.0, 0.0, 0.0 if self.lens is None else 5.0])
            return middle - 1, middle + 1
        low, high = (np.stack([getattr(one, end)(0) for one in verts]) for end in ("min", "max"))
        return low.min(0).astype(np.float64), high.max(0).astype(np.float64)

    @property
    def photo_depth_m(self) -> float:
        """How far off the photo stands: behind all bodies."""
        return _BEHIND * max(float(self.bounds_m[1][2]), 1.0)
