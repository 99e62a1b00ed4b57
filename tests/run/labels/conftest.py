"""The small set of eight people as label sets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from render.run.report import Report
from tests.helpers.small_runs import out, small

__all__ = ["out", "small"]

LAYERS = "layers=[iuv,instance,keypoints,densepose]"


@pytest.fixture
def label(small, out, kept_runs, request) -> Callable[..., Report]:
    """Makes labels of the set in `out`, or in another folder, and returns the report."""

    def label(*words: str, into: Path = out) -> Report:
        layers = () if any(word.startswith("layers=") for word in words) else (LAYERS,)
        return kept_runs.run(request, small, into, "job=labels", *layers, *words)

    return label
