"""What light of the studio reaches the bodies of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from render.types.rays import Rays
from render.types.shape_checked import ShapeChecked

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, repr=False)
class Light(ShapeChecked):
    """What of a studio's light reaches the vertices of M bodies in D placements.

    The lights stand on the ground and go around it with the viewer: the *rig* has x to the viewer's right, y
    up and z level towards the viewer. With n the normal, w a direction and V(w) 1 where nothing is in the
    way, the light of the sky is 1/pi of the integral of V(w) max(n w, 0) over all w that point up, and that
    of the floor the same over those that point down, times how bright the floor is there. Where nothing is in
    the way they add up to 1.

    The key light is a disc. Its share is the integral of V(w) max(n w, 0) over the disc, over that of
    max(n w, 0) alone: what is below the horizon of a vertex counts on neither side, for shading sees to that.
    Where all of the disc is, the share is 1.

    Attributes:
        rig: float32, takes normals as `SurfacePoint` has them to the rig.
        ambient: float32, of the sky and of the floor; None where rays find it for each pixel.
        key: float32, share of the key light; None likewise.
        rays: What these rays start from and may meet; None where there are none.
    """

    rig: torch.Tensor
    ambient: torch.Tensor | None = None
    key: torch.Tensor | None = None
    rays: Rays | None = None

    SHAPES: ClassVar = {"rig": ("D", 3, 3), "ambient": ("M", "V", 2), "key": ("D", "V")}
