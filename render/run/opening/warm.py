"""Kernels are compiled before a run starts, so that its bar does not stand still meanwhile."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field

import torch
import warp as wp
from tqdm.contrib.logging import logging_redirect_tqdm

from render.compute.warm import compile_side_by_side, find_missing, wait_for_others
from render.errors import list_causes
from render.labels.layer import LayerSpec
from render.library.kernels import Shading, list_kernels
from render.run.progress import open_progress

log = logging.getLogger("render")

# Of what is compiled, named in one line.
MOST_NAMES = 12


@dataclass(frozen=True)
class Warmed:
    """Kernels that are there now.

    Attributes:
        count: How many were asked for.
        compiled: How many of them were not there before.
        seconds: What that took.
        faults: Why some cannot be compiled, by what they are called.
    """

    count: int
    compiled: int = 0
    seconds: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)


def warm_kernels(
    shadings: Iterable[Shading],
    rasterizer: str,
    device: torch.device,
    threads: int,
    has_ground: bool = False,
    layers: Iterable[LayerSpec] = (),
    has_shadow: bool = False,
) -> Warmed:
    """Compiles what is missing of the kernels that draw, and says so.

    What cannot be compiled is left to whoever launches it, and fails there again.

    Args:
        shadings: What pixels are coloured by.
        rasterizer: Its name, or `auto`.
        device: Where it draws.
        threads: How many may compile at the same time.
        has_ground: Whether a panel has the ground behind its bodies.
        layers: Of labels, as `list_drawn` has them.
        has_shadow: Whether a panel has the studio's shadows there.
    """
    return warm_listed(list_kernels(shadings, rasterizer, has_ground, layers, has_shadow), device, threads)


def warm_listed(makes: Mapping[str, Callable[[], wp.Module]], device: torch.device, threads: int) -> Warmed:
    """Compiles what is missing of listed kernels, and says so.

    Args:
        makes: What makes each module, by what messages call it.
        device: Where its kernels run.
        threads: How many may compile at the same time.
    """
    kernels, faults = make_modules(makes)
    if not find_missing(kernels, device):
        return Warmed(len(makes), faults=faults)
    with wait_for_others():
        missing = find_missing(kernels, device)
        if not missing:
            return Warmed(len(makes), faults=faults)
        begun_s = time.monotonic()
        log.info("%s", _describe(list(missing), device))
        with closing(open_progress(len(missing), "kernel")) as progress, logging_redirect_tqdm():
            failed = compile_side_by_side(missing, device, threads, progress.advance)
    seconds = time.monotonic() - begun_s
    return Warmed(len(makes), len(missing) - len(failed), seconds, faults | failed)


def make_modules(makes: Mapping[str, Callable[[], wp.Module]]) -> tuple[dict[str, wp.Module], dict[str, str]]:
    """Listed modules, and why some cannot be made, by what messages call them."""
    kernels, faults = {}, {}
    for called, make in makes.items():
        try:
            kernels[called] = make()
        # A mode may be another package's.
        except Exception as error:
            faults[called] = list_causes(error)
    return kernels, faults


def _describe(names: list[str], device: torch.device) -> str:
    rest = len(names) - MOST_NAMES
    shown = f"{', '.join(names[:MOST_NAMES])} and {rest} more" if rest > 0 else ", ".join(names)
    plural = "s" * (len(names) > 1)
    return f"compiling {len(names)} kernel{plural} for {device}, once for this machine: {shown}"
