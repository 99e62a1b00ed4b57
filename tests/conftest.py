import sys
from pathlib import Path

import pytest
import torch

from render.body.smpl import SmplBody

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def demo_body() -> SmplBody:
    return SmplBody(ROOT / "extradata" / "demo" / "demo_smpl.npz", "demo", torch.device("cpu"))
