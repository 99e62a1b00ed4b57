"""Which rasterizer is used."""

from __future__ import annotations

import logging
from functools import cache
from typing import NamedTuple

import torch

from render.errors import RasterizerError, list_causes
from render.rasterize.rasterizer import RASTERIZERS, Rasterizer
from render.rasterize.whole import rasterize_shots
from render.types.buffer import Visibility
from render.types.placements import Placements

log = logging.getLogger("render")


class Chosen(NamedTuple):
    """A rasterizer that works on the device that was asked for.

    Attributes:
        name: Its name.
        make: Its class.
    """

    name: str
    make: type[Rasterizer]


# Kept, for trying one compiles its kernels and waits for the device.
@cache
def choose_rasterizer(name: str, device: torch.device) -> Chosen:
    """The rasterizer of that name. Each is tried on a triangle.

    Args:
        name: One of RASTERIZERS; `auto` takes the fastest that works on the device.
        device: Where it is to work.

    Raises:
        RasterizerError: It does not work; with the cause, or for `auto` with the causes of all.
    """
    if name not in ("auto", *RASTERIZERS.names):
        raise RasterizerError(f"rasterizer: expected auto, {' or '.join(RASTERIZERS.names)}, found {name!r}")
    causes = []
    for one in RASTERIZERS.names if name == "auto" else (name,):
        make = RASTERIZERS.load(one)
        try:
            _draw_triangle(make, device)
        # Drivers and libraries of all kinds are at work here; a fault that is known tells more than its type.
        except Exception as error:
            is_known = isinstance(error, RasterizerError)
            said = str(error) if is_known else f"does not work on {device}: {list_causes(error)}"
            causes.append(f"rasterizer={one}: {said}. {make.ADVICE}")
        else:
            for cause in causes:
                log.warning("%s; going on with rasterizer=%s", cause, one)
            return Chosen(one, make)
    raise RasterizerError("\n  ".join(["no rasterizer works:", *causes]) if name == "auto" else causes[0])


def _draw_triangle(make: type[Rasterizer], device: torch.device) -> None:
    """Raises RasterizerError unless it draws the lower left half of a square of 8 x 8 pixels."""
    one = torch.zeros(1, dtype=torch.int32, device=device)
    corners = torch.tensor(
        [[0.0, 0.0, 5.0, 1.0], [0.0, 8.0, 5.0, 1.0], [8.0, 8.0, 5.0, 1.0]], dtype=torch.float32, device=device
    )
    placements = Placements(
        verts=corners[None],
        rotation=torch.eye(3, dtype=torch.float32, device=device)[None],
        body=one,
        shot=one,
        cull=one,
        low=corners[None, 0, :3],
        high=corners[None, 2, :3],
        faces=torch.tensor([[0, 1, 2]], dtype=torch.int32, device=device),
    )
    _, visibility = rasterize_shots(placements, [(8, 8)], rasterizer=make)
    found = int((visibility.keys != Visibility.EMPTY).sum())
    # Rasterizers may differ in whether the 8 pixels are drawn whose centres lie on the edge.
    if found not in (28, 36):
        raise RasterizerError(f"draws {found} of the 36 pixels of a triangle on {device}")
