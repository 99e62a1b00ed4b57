"""PyTorch3D, or what stands in for it, and what both are to draw."""

import numpy as np
import pytest

from render.rasterize.backends import pytorch3d
from render.rasterize.load_pytorch3d import PyTorch3D
from render.types.placements import Placements
from tests.helpers.compare_rasterizers import make_zoo
from tests.helpers.drawing import require_pytorch3d
from tests.helpers.random_bodies import random_bodies
from tests.helpers.slow_pytorch3d import STAND_IN, Watched


def watch(library: PyTorch3D, monkeypatch) -> Watched:
    watched = Watched(library)
    monkeypatch.setattr(pytorch3d, "load_pytorch3d", lambda: watched.library)
    return watched


@pytest.fixture(params=["stand-in", "library"])
def watched(request, monkeypatch) -> Watched:
    return watch(STAND_IN if request.param == "stand-in" else require_pytorch3d(), monkeypatch)


@pytest.fixture
def stand_in(monkeypatch) -> Watched:
    return watch(STAND_IN, monkeypatch)


@pytest.fixture(scope="module")
def zoo() -> Placements:
    return make_zoo()


@pytest.fixture(scope="module")
def bodies(demo_body) -> tuple[np.ndarray, np.ndarray]:
    """Eight bodies in random poses, 180 px tall around (100, 100)."""
    return random_bodies(demo_body, 8)
