"""Fixtures that make small figures of the demo set."""

from collections.abc import Callable
from pathlib import Path

import pytest

from render.body.fit_bodies import FitBodies
from render.library.renderer import BatchRenderer
from render.run.figures.looks import Observer
from render.run.figures.make import make_figure
from render.types.sheets import Framing
from tests.helpers.demo_pictures import fits
from tests.helpers.runs import configure

__all__ = ["fits"]


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def draw(demo, out) -> Callable[..., Path]:
    """Makes a figure of the demo set, so small that it takes no time, and returns its folder."""

    def draw_figure(*words: str, into: Path = out) -> Path:
        small = ["figure.width=40mm", "figure.dpi=72", f"output.dir={into}"]
        make_figure(configure(*demo, "job=figure", "device=cpu", *small, *words))
        return into

    return draw_figure


@pytest.fixture
def observe(demo_body) -> Callable[..., Observer]:
    """Looks at people of fits as bodies of the demo."""

    def make_observer(table, **framing) -> Observer:
        bodies = FitBodies((demo_body,) * len(table.sources))
        return Observer(BatchRenderer(bodies), table, Framing(**{"fit": "bodies", **framing}))

    return make_observer
