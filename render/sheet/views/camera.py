"""Over the photo, pixel for pixel."""

from __future__ import annotations

from render.sheet.view import Frame, View


def load_frame() -> Frame:
    """The function that frames bodies."""
    from render.sheet.view_cameras import over_photo

    return over_photo


VIEW = View(load_frame, over_photo=True)
