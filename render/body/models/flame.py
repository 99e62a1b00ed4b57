"""FLAME (Li et al., 2017): a head, 5 joints and an expression."""

from __future__ import annotations

from pathlib import Path

import torch

from render.body.family.body import FamilyBody
from render.body.family.kinds import KINDS


def open_body(path: Path | None, name: str, device: torch.device) -> FamilyBody:
    """The body in a model file; it takes, and raises, what `FamilyBody` does."""
    return FamilyBody(KINDS["flame"], path, name, device)
