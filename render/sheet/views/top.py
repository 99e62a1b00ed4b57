"""From above."""

from __future__ import annotations

from render.sheet.view import Frame, View


def load_frame() -> Frame:
    """The function that frames bodies."""
    from render.sheet.view_cameras import enclose

    return enclose


VIEW = View(load_frame, elevation_deg=90.0)
