"""Where benchmarks keep photos and sheets: in memory where there is room, so that no disk is measured."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")


@contextmanager
def open_workspace(least_free_bytes: int) -> Iterator[Path]:
    """A folder that is gone afterwards."""
    in_memory = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free >= least_free_bytes
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if in_memory else None, prefix="render_") as folder:
        yield Path(folder)
