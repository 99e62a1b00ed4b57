"""Annotations over rendered panels: boxes, joints, captions."""

from render.annotate.draw import LABEL, PAINTERS

# The names that `draw` knows.
ANNOTATIONS = (*PAINTERS, LABEL)
