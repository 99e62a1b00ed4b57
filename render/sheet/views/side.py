"""Azimuth 90, elevation 20, framed as the original viewer does."""

from __future__ import annotations

from render.sheet.view import Frame, View


def load_frame() -> Frame:
    """The function that frames bodies."""
    from render.sheet.view_cameras import around

    return around


VIEW = View(load_frame, azimuth_deg=90.0, elevation_deg=20.0)
