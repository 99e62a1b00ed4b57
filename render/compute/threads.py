"""Threads: how many there is room for, and that libraries start none inside of ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import torch

from render.compute.control_group import read_core_quota


def count_cores(root: Path = Path("/")) -> int:
    """How many cores this process may use: those it is bound to, and no more than its control group's share.

    Args:
        root: Where the file system with /proc and /sys begins.
    """
    # Not everywhere are processes bound to cores.
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # A fraction of a core is left to whatever else runs here.
    quota = read_core_quota(root)
    return bound if quota is None else max(1, min(bound, int(quota)))


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Keeps torch and OpenCV from starting threads inside of ours, which are as many as there are cores."""
    torch_threads, cv2_threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.set_num_threads(torch_threads)
        cv2.setNumThreads(cv2_threads)
