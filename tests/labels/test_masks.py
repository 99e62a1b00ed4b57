"""Masks in COCO's form: pycocotools and a decoder of a few lines find the same pixels, boxes and areas."""

import numpy as np
import pycocotools.mask
import pytest

from render.labels.masks import encode_mask


def decode_counts(counts: str, height: int, width: int) -> np.ndarray:
    """COCO's compressed run lengths: five bits a letter, differences to the run before the last one."""
    runs: list[int] = []
    place = 0
    while place < len(counts):
        value = shift = 0
        while True:
            letter = ord(counts[place]) - 48
            value |= (letter & 31) << shift
            place, shift = place + 1, shift + 5
            if not letter & 32:
                break
        if letter & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    pixels = np.repeat(np.arange(len(runs)) % 2, runs)
    return pixels.reshape(width, height).T.astype(bool)


def make_masks() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    dot, across = np.zeros((5, 7), bool), np.zeros((6, 4), bool)
    dot[4, 6] = True
    # One run from the foot of a column to the head of the next: its box has both.
    across[5, 1] = across[0, 2] = True
    noise = [rng.random((17, 23)) < share for share in (0.02, 0.5, 0.98)]
    return [np.zeros((4, 3), bool), np.ones((4, 3), bool), dot, across, *noise, np.tri(300, 200, dtype=bool)]


@pytest.mark.parametrize("mask", make_masks(), ids=lambda mask: f"{mask.shape}-{mask.sum()}")
def test_masks(mask):
    found = encode_mask(mask)
    ys, xs = mask.nonzero()
    box = (xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1) if len(xs) else (0, 0, 0, 0)
    assert (found.area, found.bbox) == (mask.sum(), box)
    assert found.segmentation["size"] == list(mask.shape)
    np.testing.assert_array_equal(decode_counts(found.counts, *mask.shape), mask)
    np.testing.assert_array_equal(pycocotools.mask.decode(found.segmentation), mask)
    assert encode_mask(np.asfortranarray(mask)) == found
