"""Who stands, as far as bodies tell."""

from __future__ import annotations

import numpy as np
import torch

from render.body.anatomy import Anatomy
from render.compute.transfer import upload
from render.fits.joint_orders import OPENPOSE_18
from render.types.bodies import Bodies

# Of a leg, from the hip to the ankle as it is: who stands or squats has the hips above the feet by more.
LEAST_RISE = 0.4
# From an ankle to the lowest vertex, on tiptoe in shoes.
MOST_SOLE_M = 0.2
_SIDES = ("right", "left")


def find_standing(
    bodies: Bodies,
    matrix: torch.Tensor,
    shift: torch.Tensor,
    units_per_m: torch.Tensor,
    lowest: torch.Tensor,
    anatomies: list[Anatomy] | None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Whether the feet are what is lowest of a body, and well below the hips.

    Args:
        bodies: M of them.
        matrix: (M, 3, 3), a vertex v of a body lies at matrix v + shift in a space whose y is down.
        shift: (M, 3) of the formula above.
        units_per_m: (M,) lengths of the space.
        lowest: (M,) y of what is lowest of each body there.
        anatomies: Where the bodies' joints are, None where that is not known: nobody stands.

    Returns:
        (M,) whether it does, and (M, 3) the middle of the ankles in the space.
    """
    device, count = bodies.verts.device, len(bodies.verts)
    # Meshes as they are have no joints.
    if anatomies is None or not count or not bodies.joints.shape[1]:
        return torch.zeros(count, dtype=torch.bool, device=device), torch.zeros_like(shift)
    columns = [OPENPOSE_18.index(f"{side}_{name}") for name in ("hip", "knee", "ankle") for side in _SIDES]
    places = np.array([anatomy.openpose18[columns] for anatomy in anatomies])
    has_legs = upload(np.asarray((places >= 0).all(1)), device)
    index = upload(places.clip(0), device)[:, :, None].expand(-1, -1, 3)
    legs = bodies.joints.gather(1, index).double()
    hips, knees, ankles = legs.unbind(1)[:2], legs.unbind(1)[2:4], legs.unbind(1)[4:]
    length = sum(
        (h - k).norm(dim=1) + (k - a).norm(dim=1) for h, k, a in zip(hips, knees, ankles, strict=True)
    )
    down = matrix[:, 1]
    hip_y = sum((hip * down).sum(1) for hip in hips) / 2 + shift[:, 1]
    foot_y = torch.stack([(ankle * down).sum(1) for ankle in ankles], 1).amax(1) + shift[:, 1]
    rises = foot_y - hip_y > LEAST_RISE * units_per_m * length / 2
    feet = (matrix @ ((ankles[0] + ankles[1]) / 2)[:, :, None])[:, :, 0] + shift
    # NaN stands nowhere.
    return has_legs & rises & (lowest - foot_y < MOST_SOLE_M * units_per_m), feet
