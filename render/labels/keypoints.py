"""Whether joints are seen, by what a label set shows where they are.

A joint is hidden where another person is in front, or another limb of its own body. Its own limb does not
hide it: the skin in front of a joint lies about as far from it as the skin nearest to it does, where the limb
is round. So a surface of the same person within two such radii in front of the joint counts as its own limb,
and anything nearer to the viewer as something else. It is a rule of thumb: an arm that touches the chest does
not hide the joints within.
"""

from __future__ import annotations

import torch

OUTSIDE, HIDDEN, VISIBLE = 0, 1, 2
# How far the skin may lie in front of a joint, in radii: twice as far as on a round limb, for limbs that are
# seen along their length and for joints that do not lie in the middle.
OWN_LIMB_RADII = 2.0
# Joints may be vertices themselves, such as the nose. The fourth nearest vertex is then an edge away, and
# that of a joint within a limb is about as far as the nearest.
_NEAREST = 4


def measure_radii(joints: torch.Tensor, verts: torch.Tensor) -> torch.Tensor:
    """How far the skin is from joints: the distance to the fourth nearest vertex.

    Args:
        joints: (P, J, 3).
        verts: (P, V, 3) of the same bodies, in the same frame.

    Returns:
        (P, J), in their unit. Where depths are in another one, such as pixels, they are to be scaled to it.
    """
    count = min(_NEAREST, verts.shape[1])
    # Not by matrix products, which round away short distances of bodies far from the origin.
    distance = torch.cdist(joints, verts, compute_mode="donot_use_mm_for_euclid_dist")
    return distance.topk(count, largest=False).values[..., -1]


def find_visibility(
    joints_px: torch.Tensor,
    joint_depth: torch.Tensor,
    radius: torch.Tensor,
    instance: torch.Tensor,
    depth: torch.Tensor,
) -> torch.Tensor:
    """How joints are seen.

    - OUTSIDE: not in the picture, or nowhere (NaN), as behind the camera;
    - VISIBLE: nobody is in the pixel where it is, or its own person is, at most two radii in front of it;
    - HIDDEN: otherwise.

    A depth is that of a pixel's centre, and a joint on the skin is up to a pixel away from one. So of its own
    person the farthest of the nine pixels around it counts.

    Args:
        joints_px: (P, J, 2) x, y in pixels of the labels.
        joint_depth: (P, J), larger is farther.
        radius: (P, J) from `measure_radii`, in the unit of the depths.
        instance: (H, W) integers, 0 where nobody is, else 1 for the first of the people, and so on.
        depth: (H, W) of what is in front, infinite where nobody is.

    Returns:
        (P, J) uint8.
    """
    height, width = instance.shape
    x, y = joints_px.unbind(-1)
    # NaN is in no picture.
    is_inside = (x >= 0) & (x < width) & (y >= 0) & (y < height) & joint_depth.isfinite()
    # What is outside is looked up somewhere, and what is found is not used.
    column = torch.where(is_inside, x, 0).long()
    row = torch.where(is_inside, y, 0).long()
    front = instance.to(torch.int32)
    person = torch.arange(1, len(joints_px) + 1, dtype=torch.int32, device=front.device)[:, None]

    step = torch.arange(9, device=front.device)
    rows = (row[..., None] + step // 3 - 1).clamp(0, height - 1)
    columns = (column[..., None] + step % 3 - 1).clamp(0, width - 1)
    is_own = front[rows, columns] == person[..., None]
    farthest = torch.where(is_own, depth[rows, columns], -torch.inf).amax(-1)

    here = front[row, column]
    is_own_limb = (here == person) & (farthest >= joint_depth - OWN_LIMB_RADII * radius)
    seen = torch.where((here == 0) | is_own_limb, VISIBLE, HIDDEN)
    return torch.where(is_inside, seen, OUTSIDE).to(torch.uint8)


def join_keypoints(joints_px: torch.Tensor, visibility: torch.Tensor) -> torch.Tensor:
    """Joints as COCO has them.

    Args:
        joints_px: (P, J, 2) x, y.
        visibility: (P, J) from `find_visibility`.

    Returns:
        (P, J, 3) x, y, v: v is 0 for what is not in the picture, whose x and y are 0 too, 1 for what is
        hidden and 2 for what is seen.
    """
    xy = torch.where((visibility == OUTSIDE)[..., None], 0, joints_px)
    return torch.cat([xy, visibility[..., None].to(joints_px.dtype)], -1)
