"""Posed bodies as files of meshes hold them, and the cameras that they stand before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked

# Settings and help use formats that take these types, and are to start quickly.
if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class SceneCamera:
    """A photo's camera, in pixels of the photo.

    Attributes:
        size_wh: Width and height of the photo.
        focal: Of a pinhole, x and y; None for weak perspective.
        princpt: Of a pinhole, its principal point; None for weak perspective.
        scale: Of weak perspective, pixels a metre; None for a pinhole.
    """

    size_wh: tuple[int, int]
    focal: tuple[float, float] | None = None
    princpt: tuple[float, float] | None = None
    scale: float | None = None


@dataclass(frozen=True, repr=False)
class PersonMesh(ShapeChecked):
    """A person's posed body, at one time.

    Attributes:
        name: What the person is called in the scene, such as person_0.
        row: In the fit file.
        verts: Vertices, m, float32, in the axes of the scene's frame.
        faces: int32, counterclockwise seen from outside.
        transl_m: From the vertices' origin to the place in the scene, float64.
        origin: What the place is counted from: the `camera`, or the `body` itself where it has no place
            before a camera.
        rgb: The colour that tells the person apart, display values of 0 to 1.
        normals: Unit vertex normals in the same frame, float32; None where nobody needs them.
        colors: Of each vertex, RGB, display values, uint8; None where there are none.
        camera: Index of the scene's camera that sees the person; None where there is none.
        frame: Number of the frame in its sequence; 0 for a picture of its own.
    """

    name: str
    row: int
    verts: np.ndarray
    faces: np.ndarray
    transl_m: np.ndarray
    origin: str
    rgb: tuple[float, float, float]
    normals: np.ndarray | None = None
    colors: np.ndarray | None = None
    camera: int | None = None
    frame: int = 0

    # V vertices and F faces.
    SHAPES: ClassVar = {
        "verts": ("V", 3),
        "normals": ("V", 3),
        "faces": ("F", 3),
        "transl_m": (3,),
        "colors": ("V", 3),
    }


@dataclass(frozen=True, repr=False)
class MeshScene(ShapeChecked):
    """The bodies of a picture, or of the frames of a sequence.

    Attributes:
        frame: `camera`, whose axes are x right, y down, z away, or `model` for those of the body model. The
            cameras are at the origin and look along z.
        people: The bodies, one at least.
        cameras: Of the photos, each once.
        starts_s: When each frame begins, and when the last one ends, seconds; of one frame for a picture.
    """

    frame: str
    people: tuple[PersonMesh, ...]
    cameras: tuple[SceneCamera, ...]
    starts_s: np.ndarray

    # N frames and the end.
    SHAPES: ClassVar = {"starts_s": ("N",)}

    @property
    def is_sequence(self) -> bool:
        """Whether it has several frames."""
        return len(self.starts_s) > 2
