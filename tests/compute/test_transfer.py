"""Buffers that are lent, and go when nobody needs them."""

import gc
import weakref
from contextlib import contextmanager

import numpy as np
import torch

from render.compute.transfer import PixelPool, upload


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


def test_memory_is_pinned_for_the_gpu_that_draws(monkeypatch):
    """For any but the first it must be said: else the first would be opened too."""
    current, pinned = [], []

    @contextmanager
    def use(device):
        current.append(device)
        yield
        current.pop()

    def pin(tensor):
        pinned.append([*current])
        return tensor

    empty = torch.empty
    monkeypatch.setattr(torch.cuda, "device", use)
    monkeypatch.setattr(torch.Tensor, "pin_memory", pin)
    monkeypatch.setattr(torch.Tensor, "to", lambda tensor, *_, **__: tensor)
    monkeypatch.setattr(torch, "empty", lambda *size, pin_memory=False, **kw: pin(empty(*size, **kw)))
    first, second = torch.device("cuda:0"), torch.device("cuda:1")
    for device in (first, second):
        upload(np.zeros(3), device)
        with PixelPool(device).lend(10):
            pass
    assert pinned == [[], [], [second], [second]]
    assert current == []
