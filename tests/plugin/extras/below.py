"""From below."""

from render.sheet.view import View


def load_frame():
    from render.sheet.view_cameras import enclose

    return enclose


VIEW = View(load_frame, elevation_deg=-90.0)
