"""The limbs of a skeleton, and the colours of its sides."""

import pytest

from render.annotate.joint_orders import OPENPOSE_18
from render.annotate.skeletons import COCO_17, COCO_SKELETON, OPENPOSE_SKELETON


@pytest.mark.parametrize(("skeleton", "joints"), [(OPENPOSE_SKELETON, OPENPOSE_18), (COCO_SKELETON, COCO_17)])
def test_sides_of_a_skeleton_mirror_each_other_in_other_colours(skeleton, joints):
    def mirror(name):
        side, _, part = name.partition("_")
        return f"{'left' if side == 'right' else 'right'}_{part}" if part else name

    limbs = {frozenset((joints[a], joints[b])) for a, b in skeleton.limbs}
    assert {frozenset(map(mirror, limb)) for limb in limbs} == limbs
    assert {k for limb in skeleton.limbs for k in limb} == set(range(len(joints)))
    for name, rgb in zip(joints, skeleton.joint_rgb, strict=True):
        if "_" in name:
            assert skeleton.joint_rgb[joints.index(mirror(name))] != rgb
            assert (rgb[0] > rgb[2]) == name.startswith("right")
