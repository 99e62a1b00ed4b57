"""Bodies in all modes: who is in front, and what more samples change."""

from itertools import product

import numpy as np
import pytest

from render.shade.mode import MODES
from tests.helpers.demo_pictures import body_verts_px
from tests.helpers.drawing import face_picture, make_placements

# Two people who cross: rows of the demo set, in one photo.
CROSSING = (2, 3)
ORDERS = (CROSSING, CROSSING[::-1])
# Where people take each other's light, none is as by himself: see tests/sheet/lighting.
UNSHADED = [mode for mode in MODES.names if not MODES.load(mode).needs_light]


@pytest.mark.parametrize(
    ("mode", "order"),
    # Either order in turn; of the one mode that numbers them, both.
    sorted({(mode, ORDERS[k % 2]) for k, mode in enumerate(UNSHADED)} | set(product(["mask"], ORDERS))),
)
def test_the_nearer_person_is_on_top(draw_people, fits, mode, order):
    """In a crowd each body covers what it covers alone, except where a nearer one is."""
    near, far = sorted(order, key=lambda row: -fits.scale[row])
    alone = {row: draw_people([row], "camera/silhouette")[:, :, 0] == 0 for row in order}
    assert (alone[near] & alone[far]).sum() > 200
    together = draw_people(order, f"camera/{mode}")
    by_itself = {row: draw_people([row], f"camera/{mode}") for row in order}
    if mode == "mask":
        by_itself = {row: picture * (order.index(row) + 1) for row, picture in by_itself.items()}
    if mode == "colormask":
        # The second of the sheet has a colour of his own.
        assert (together[alone[near]] == together[alone[near]][0]).all()
        assert (together[alone[near]][0] != together[only_far(alone, near, far)][0]).any()
        return
    if mode == "colordepth":
        # Lighter where it is nearer.
        assert together[alone[near]].mean() > together[only_far(alone, near, far)].mean()
        return
    if mode == "depth":
        # Scaled to the nearest and the farthest of all, it only keeps its order.
        assert together[alone[near]].min() > together[alone[far] & ~alone[near]].max()
        return
    np.testing.assert_array_equal(together[alone[near]], by_itself[near][alone[near]])
    of_far = only_far(alone, near, far)
    np.testing.assert_array_equal(together[of_far], by_itself[far][of_far])


def only_far(alone: dict[int, np.ndarray], near: int, far: int) -> np.ndarray:
    """Where the farther one is seen."""
    return alone[far] & ~alone[near]


def test_supersampled_silhouettes_are_close_to_many_more_samples(draw_people, demo_body, fits):
    picture = draw_people([4], "camera/silhouette", supersample=4)[:, :, 0].astype(float)
    n = 8
    verts = body_verts_px(demo_body, fits, 4) * [n, n, 1]
    box = np.array([*np.floor(verts.min(0)[:2] / n), *np.ceil(verts.max(0)[:2] / n)]).astype(int).clip(0)
    verts[:, :2] -= box[:2] * n
    size_hw = ((box[3] - box[1]) * n, (box[2] - box[0]) * n)
    covered = face_picture(make_placements(verts[None], demo_body.faces.numpy(), cull=True), size_hw)[0] >= 0
    share = covered.reshape(size_hw[0] // n, n, -1, n).mean((1, 3))
    reference = 255 * (1 - share)
    ours = picture[box[1] : box[3], box[0] : box[2]]
    reference = reference[: ours.shape[0], : ours.shape[1]]
    edge = (reference > 0) & (reference < 255)
    assert edge.sum() > 300
    assert np.abs(ours - reference)[edge].mean() <= 8


@pytest.mark.parametrize("mode", [mode for mode in MODES.names if MODES.load(mode).is_label])
def test_labels_are_never_anti_aliased(draw_people, mode):
    np.testing.assert_array_equal(
        draw_people([4], f"camera/{mode}", supersample=4), draw_people([4], f"camera/{mode}")
    )
