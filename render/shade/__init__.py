"""Shading: from the visibility buffer to colours."""

# A mode is the module of its name in this folder; its function `shade` takes a SurfacePoint to a colour.
MODES = ("geo", "normal")
