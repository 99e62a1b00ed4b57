"""Faces into the visibility buffer: one of any size, or sixteen small ones side by side."""
