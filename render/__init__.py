"""Batch renderer for SMPL fits; as a library, the stages of a run: see `render.library`.

What is listed here is the public interface. It is imported when it is asked for, because the libraries behind
it take seconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "load_body": "render.library.bodies",
    "load_charts": "render.library.bodies",
    "pose_bodies": "render.library.bodies",
    "make_bodies": "render.library.bodies",
    "read_fits": "render.fits",
    "make_fits": "render.library.fits",
    "make_cameras": "render.library.cameras",
    "build_sheets": "render.library.sheets",
    "rasterize_sheets": "render.library.drawing",
    "shade_sheets": "render.library.drawing",
    "write_sheets": "render.library.drawing",
    "Fragments": "render.fragments",
    "DenseFragments": "render.fragments",
    "RenderError": "render.errors",
}
__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
