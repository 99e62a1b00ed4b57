"""Kernels that are made for a test, and a compiler that leaves a file and no code."""

from pathlib import Path

import pytest
import warp as wp

from render.compute import kernels, warm
from render.compute.kernels import MODULE_OPTIONS


def make_module(factor: float) -> wp.Module:
    """A module of its own for each factor."""

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def multiply(values: wp.array(dtype=wp.float32)):
        values[wp.tid()] *= wp.static(factor)

    return multiply.module


@pytest.fixture
def compiled(monkeypatch, tmp_path) -> list[str]:
    """What is compiled, in order; kernels are kept in this test's folder."""
    found = []

    def load(module: wp.Module, _device: str) -> None:
        found.append(module.name)
        kept = Path(tmp_path, module.get_module_identifier(1))
        kept.mkdir()
        (kept / "kernel.o").touch()

    kernels.start_warp()
    monkeypatch.setattr(wp.config, "kernel_cache_dir", str(tmp_path))
    monkeypatch.setattr(warm.wp, "load_module", load)
    return found
