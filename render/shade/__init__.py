"""Modes: what colour a visible point of a body has.

A mode is a module of this folder; its name is the module's, its first docstring line says what it shows,
and its `MODE` holds the function and what that needs.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib import import_module

import warp as wp

MODES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@dataclass(frozen=True)
class Mode:
    """shade: a Warp function from a SurfacePoint to RGB and coverage, each in 0..1.

    is_label: pixels are values, so they are never blended or averaged, and lie on black. is_exact: not even
    a bit may change, so lossy formats are refused. needs_charts: it reads `part` and `uv`. needs_edges: it
    reads `edge_px` and `face_px`.
    """

    shade: wp.Function
    is_label: bool = False
    is_exact: bool = False
    needs_charts: bool = False
    needs_edges: bool = False


def load_mode(name: str) -> Mode:
    """The mode of that name, one of MODES."""
    return import_module(f"render.shade.{name}").MODE
