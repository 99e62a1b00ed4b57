"""What fits are of: poses of a body model, or vertices as they are, and what else a file says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from render.types.shape_checked import ShapeChecked

# Settings and help use these types, and are to start quickly.
if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, repr=False)
class Poses(ShapeChecked):
    """Poses of one kind of body model, M rows.

    Hands are either among `rotmat` (then H is 0) or in `hands`, as the model's file has their mean and their
    components; the rows of `rotmat` that are theirs are the identity then.

    Attributes:
        kind: Of the body model that they are for: smpl, smplh, smplx, mano or flame.
        variant: Which of its files: neutral, male or female, left or right of a hand.
        rotmat: Rotations relative to the parent joint, in the order of the model's joints, float32; joint 0
            is the global orientation.
        betas: Shape coefficients, float32.
        expression: Of the face, float32; E is 0 for none.
        hands: Left and right (one row in mano): 45 axis-angle numbers in rad, or fewer of the model's
            principal components, float32.
        adds_hand_mean: Whether the model's mean hands are added to them, as smplx does without
            `flat_hand_mean`.
    """

    kind: str
    variant: str
    rotmat: np.ndarray
    betas: np.ndarray
    expression: np.ndarray
    hands: np.ndarray
    adds_hand_mean: bool = False

    SHAPES: ClassVar = {
        "rotmat": ("M", "J", 3, 3),
        "betas": ("M", "B"),
        "expression": ("M", "E"),
        "hands": ("M", "S", "H"),
    }

    def __len__(self) -> int:
        return len(self.rotmat)


@dataclass(frozen=True, repr=False)
class Meshes(ShapeChecked):
    """Vertices as they are, M rows of one topology.

    Attributes:
        topology: Its name, such as smpl, smplx or mhr, whose faces are in a file of the user; empty where the
            faces are given here.
        faces: int32, counterclockwise seen from outside; F is 0 with a topology's name.
        verts: Vertices, m, x right, y down, z away, float32. An array, or what reads rows when they are
            asked for: it has a `shape` and takes an array of rows as its index.
        colors: RGB of each vertex, uint8, in either of these forms; None where the file has none.
    """

    topology: str
    faces: np.ndarray
    verts: Any
    colors: Any = None

    SHAPES: ClassVar = {"faces": ("F", 3), "verts": ("M", "V", 3), "colors": ("M", "V", 3)}

    def __len__(self) -> int:
        return int(self.verts.shape[0])


@dataclass(frozen=True, repr=False)
class Marks(ShapeChecked):
    """Joints that a file has beside its bodies, M rows.

    Attributes:
        order: Name of the order of the joints, see `render.fits.joint_orders`; empty where there are none.
        points_px: x, y in the photo and confidence, float32, all 0 where a joint is not known; K is 0 for
            none.
        points_m: The file's own 3D joints in the same order and in the frame of the vertices, before any
            translation, float32; L is K, or 0 for none.
        validity: Of OpenPose's 18 joints, False for those of the body that are to be dimmed.
    """

    order: str
    points_px: np.ndarray
    points_m: np.ndarray
    validity: np.ndarray

    SHAPES: ClassVar = {"points_px": ("M", "K", 3), "points_m": ("M", "L", 3), "validity": ("M", 18)}

    def __len__(self) -> int:
        return len(self.points_px)


@dataclass(frozen=True, repr=False)
class FitSource:
    """What rows of one file, or of files of one kind, have in common.

    Attributes:
        format: The reader's name.
        bodies: Their bodies.
        marks: Their joints on the photo, of the same rows.
        notes: What the user is told of them once: axes, units, camera, in short sentences.
    """

    format: str
    bodies: Poses | Meshes
    marks: Marks
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.bodies) != len(self.marks):
            raise ValueError(
                f"FitSource.marks: expected {len(self.bodies)} rows, as of bodies, found {len(self.marks)}"
            )

    def __len__(self) -> int:
        return len(self.bodies)

    def __repr__(self) -> str:
        return f"FitSource(format={self.format!r}, bodies={self.bodies!r}, marks={self.marks!r})"
