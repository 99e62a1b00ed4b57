"""Buffers that are lent, and go when nobody needs them."""

import gc
import weakref

import torch

from render.compute.transfer import PixelPool


def test_buffers_go_with_their_pool_at_once():
    """A worker draws hundreds of shares, each with a pool: memory must not wait for a collector."""
    pool = PixelPool(torch.device("cpu"))
    with pool.lend(1000) as pixels:
        lent = weakref.ref(pixels.untyped_storage())
        kept = weakref.ref(pool)
    del pixels
    gc.disable()
    try:
        del pool
        assert kept() is None
        assert lent() is None
    finally:
        gc.enable()


def test_a_buffer_is_lent_again():
    pool = PixelPool(torch.device("cpu"))
    with pool.lend(1000) as first:
        place = first.data_ptr()
    with pool.lend(900) as second:
        assert (second.data_ptr(), len(second)) == (place, 900)
