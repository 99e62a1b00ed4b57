"""A green square in the middle of the panel."""

from render.annotate.annotation import Annotation


def paint(pixels, marks, strokes_px):
    height, width = pixels.shape[:2]
    pixels[height // 2 - 3 : height // 2 + 3, width // 2 - 3 : width // 2 + 3, :3] = (0, 255, 0)


ANNOTATION = Annotation(paint)
