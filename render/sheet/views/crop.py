"""Over the fit's crop, 224 px x magnification."""

from __future__ import annotations

from render.sheet.view import Frame, View


def load_frame() -> Frame:
    """The function that frames bodies."""
    from render.sheet.view_cameras import over_photo

    return over_photo


VIEW = View(load_frame, over_photo=True, is_crop=True, magnification=2.0, arguments=("magnification",))
